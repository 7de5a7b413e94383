import * as z from 'zod';
import { ADVANTAGE_SCOPES, CONVENTION_NAMES } from '../rewards/advantages.ts';
import { TRUNCATED_RULES } from '../rewards/assess.ts';
import { SAMPLING_MODES, SAMPLING_SIGNALS } from '../rewards/dynamic-sampling.ts';
import { PARTNER_RULES } from '../rewards/draws.ts';
import { AGGREGATIONS } from '../rewards/token-weights.ts';
import { viewIdSchema } from '../../rows/sample/schemas.ts';
import { amount, count, field, section, share } from './config-fields.ts';
import { MIRROR } from '../../rows/view-list.ts';

export const ViewsConfig = z
  .strictObject({
    mirror: field(
      z.boolean(),
      'Sample each row and its mirror, as `use: [mirror]` does. Off: plain GRPO on the rows as given.',
    ).default(true),
    use: field(
      z.array(viewIdSchema),
      'The views that a row may be paired with, one in each step (docs/views.md). None: plain GRPO.',
      {
        paper: 'SVQA-R1: the mirror alone; its later version adds rotations and perspective.',
        tradeoff: 'More views ask more of the model, and each of them comes up less often.',
      },
    ).optional(),
    partner: field(
      z.enum(PARTNER_RULES),
      'Which of these views to pair with: the first that the row has, any that it has, or preferably one whose answers disagree with those to the original.',
      { paper: 'Not in paper.' },
    ).optional(),
    unpaired: field(
      z.enum(['keep', 'drop']),
      'Rows with none of the views: trained as single groups, or left out (R44).',
    ).default('keep'),
  })
  // With a list, `mirror` and `partner` follow from it, so that a resolved config does not contradict itself.
  .overwrite((views) =>
    views.use === undefined
      ? views
      : { ...views, mirror: views.use.includes(MIRROR), partner: views.partner ?? 'first' },
  )
  .prefault({})
  .meta({ description: 'Which views of a row are sampled.' });
export type ViewsConfig = z.infer<typeof ViewsConfig>;

export const GraphConfig = z
  .strictObject({
    prompt: field(
      z.string().includes('{question}', { error: 'must contain {question}' }),
      'Text of the first user turn; {question} and {choices} are filled in. Images come first.',
    ).default(
      'For the provided image and its associated question, think and generate a scene graph in JSON format that includes the following: (1) Objects relevant to answering the question, (2) Object attributes relevant to answering the question, (3) Object relationships relevant to answering the question.\n{question}',
    ),
    max_tokens: field(count(), 'Longest graph.', { paper: 'Not in paper for training.' }).default(512),
    trained: field(
      z.enum(['both', 'graph', 'answer']),
      'Which stage is trained; the other one is only sampled.',
      {
        paper: 'Not in paper (R48).',
      },
    ).default('both'),
    missing: field(
      z.enum(['text', 'empty']),
      'What the second stage is shown if the first one wrote no JSON: its text, or "{}" (R26).',
      { paper: 'Paper A: the text; its released code: "{}".' },
    ).default('text'),
  })
  .meta({
    description:
      'Two stages: first a scene graph, then the answer to a prompt that contains it as {graph} (R48). Absent: the answer alone.',
  });
export type GraphConfig = z.infer<typeof GraphConfig>;

export const SamplingConfig = section(
  {
    group_size: field(count().min(2), 'G: completions per prompt.', {
      paper: 'SVQA-R1: 8. Released code of paper A: 4.',
    }).default(8),
    temperature: field(z.number().gt(0), 'Temperature of sampling, reference and training alike (R51).', {
      paper: 'Paper A v2: 1.0, released 0.9. SVQA-R1: not in paper.',
    }).default(1),
    top_p: field(share().gt(0), 'Below 1, the ratio silently differs from 1 (R51).').default(1),
    max_tokens: field(count(), 'Longest completion.', { paper: 'SVQA-R1: 2048.' }).default(2048),
    endpoint: field(
      z.string().min(1),
      'Address of a vLLM server that draws the completions of a torch run with an adapter (docs/torch-engine.md). The key comes from the environment, like that of engine.url.',
      { tradeoff: 'Faster for long completions; the trainer scores every rollout again.' },
    ).optional(),
    adapters: field(
      z.string().min(1),
      "Folder from which the server of `endpoint` loads the adapter of each step; it must have the same path there. The system's temporary folder by default.",
    ).optional(),
    allow_biased_ratio: field(
      z.boolean(),
      'Train although top_p is below 1 or adapter dropout above 0 (R51).',
    ).default(false),
  },
  'How completions are drawn.',
);

export const AdvantagesConfig = section(
  {
    convention: field(z.enum(CONVENTION_NAMES), 'Whose way of normalising advantages (R7).', {
      paper: 'Not in paper; both code bases descend from TRL.',
    }).default('trl'),
    scope: field(z.enum(ADVANTAGE_SCOPES), 'One mean and spread for each view, or for both together (R3).', {
      paper: 'SVQA-R1: group.',
    }).default('group'),
    ddof: field(
      z.union([z.literal(0), z.literal(1)]),
      "Overrides the convention's standard deviation: 1 sample, 0 population.",
    ).optional(),
    epsilon: field(amount(), "Overrides the convention's epsilon.").optional(),
  },
  'How rewards become advantages.',
);

export const LossConfig = section(
  {
    aggregation: field(z.enum(AGGREGATIONS), 'How token losses are averaged (R49).', {
      paper: 'Both papers: sequence-mean.',
    }).default('sequence-mean'),
    beta: field(amount(), 'β: weight of the k3 penalty towards the policy at the start of the run (R52).', {
      paper: 'Paper A: 0.04 (v1), 0.01 (v2). SVQA-R1: not in paper.',
      tradeoff: 'High: safe and slow. When rewards vanish, only this term is left.',
    }).default(0.04),
    clip_low: field(amount(), 'ε below 1.', { paper: 'Not in paper.' }).default(0.2),
    clip_high: field(amount(), 'ε above 1.', { paper: 'Not in paper.' }).default(0.2),
    iterations: field(count(), 'Updates on the same rollouts (μ). With 1, clipping is inactive.', {
      paper: 'Not in paper.',
    }).default(1),
    truncated: field(
      z.enum(TRUNCATED_RULES),
      'Completions truncated at max_tokens: trained as they are, masked, or given at most reward 0.',
    ).default('keep'),
  },
  'The clipped objective with the k3 penalty, equation 5.',
);

export const DynamicSamplingConfig = section(
  {
    mode: field(z.enum(SAMPLING_MODES), 'Groups with zero variance: trained, skipped, or replaced (R25).', {
      paper: 'Paper A: "inspired by DAPO"; released code skips. SVQA-R1: off.',
    }).default('off'),
    signal: field(z.enum(SAMPLING_SIGNALS), 'The reward whose spread decides (R50).').default('reward'),
    min_std: field(
      amount(),
      'Rewards that are normalised together, those of a view or a pair, count as varying above this standard deviation.',
      {
        paper: 'Released code of paper A: 1e-5.',
      },
    ).default(1e-5),
    max_rounds: field(
      count(),
      'Most rounds of refilling; then the step continues with the groups that it has.',
    ).default(4),
  },
  'What happens to groups that teach nothing.',
);
