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
      'Whether to sample the mirror of each row, like `use: [mirror]`. If false, the run is plain GRPO on the original rows.',
    ).default(true),
    use: field(
      z.array(viewIdSchema),
      'Partner views of a row, one per step (docs/views.md). An empty list means plain GRPO.',
      {
        paper: 'SVQA-R1: only the mirror. A later version of the paper adds rotations and perspective.',
        tradeoff: 'More views are harder to learn, and each view is sampled less often.',
      },
    ).optional(),
    partner: field(
      z.enum(PARTNER_RULES),
      'Choice of the partner view: the first available view, a random view, or preferably a view with answers that disagree with the answers to the original.',
      { paper: 'Not in paper.' },
    ).optional(),
    unpaired: field(
      z.enum(['keep', 'drop']),
      'Treatment of rows without a partner view: `keep` trains on these rows as single groups, `drop` skips these rows (R44).',
    ).default('keep'),
  })
  // `mirror` and `partner` follow from a list of views, so that a resolved config does not contradict itself.
  .overwrite((views) =>
    views.use === undefined
      ? views
      : { ...views, mirror: views.use.includes(MIRROR), partner: views.partner ?? 'first' },
  )
  .prefault({})
  .meta({ description: 'Views of a row to sample.' });
export type ViewsConfig = z.infer<typeof ViewsConfig>;

export const GraphConfig = z
  .strictObject({
    prompt: field(
      z.string().includes('{question}', { error: 'must contain {question}' }),
      'Text of the first user turn, after the images, with the placeholders {question} and {choices}.',
    ).default(
      'For the provided image and its associated question, think and generate a scene graph in JSON format that includes the following: (1) Objects relevant to answering the question, (2) Object attributes relevant to answering the question, (3) Object relationships relevant to answering the question.\n{question}',
    ),
    max_tokens: field(count(), 'Maximum length of the graph, in tokens.', {
      paper: 'The papers give no value for training.',
    }).default(512),
    trained: field(z.enum(['both', 'graph', 'answer']), 'Stage to train. The other stage is only sampled.', {
      paper: 'Not in paper (R48).',
    }).default('both'),
    missing: field(
      z.enum(['text', 'empty']),
      'Input of the second stage if the first stage wrote no JSON: the text of the first stage, or "{}" (R26).',
      { paper: 'arXiv 2507.13362: the text. Released code of arXiv 2507.13362: "{}".' },
    ).default('text'),
  })
  .meta({
    description:
      'Two stages: first a scene graph, then the answer to a prompt that contains the graph as {graph} (R48). Without this section, the model writes only the answer.',
  });
export type GraphConfig = z.infer<typeof GraphConfig>;

export const SamplingConfig = section(
  {
    group_size: field(count().min(2), 'Completions per prompt (G).', {
      paper: 'SVQA-R1: 8. Released code of arXiv 2507.13362: 4.',
    }).default(8),
    temperature: field(z.number().gt(0), 'Temperature of sampling, reference model and training (R51).', {
      paper: 'arXiv 2507.13362: 1.0 (v2). Released code of arXiv 2507.13362: 0.9. SVQA-R1: not in paper.',
    }).default(1),
    top_p: field(
      share().gt(0),
      'Probability mass for nucleus sampling. Values below 1 bias the policy ratio (R51).',
    ).default(1),
    max_tokens: field(count(), 'Maximum length of a completion, in tokens.', {
      paper: 'SVQA-R1: 2048.',
    }).default(2048),
    endpoint: field(
      z.string().min(1),
      'Address of a vLLM server that samples the completions of a torch run with an adapter (docs/engines.md). Chirality reads the key from the environment, as for `engine.url`.',
      { tradeoff: 'A vLLM server is faster for long completions, but the trainer rescores every rollout.' },
    ).optional(),
    adapters: field(
      z.string().min(1),
      "Folder in which the server of `endpoint` finds the adapter of each step. The path must be the same on both machines. The default is the system's temporary folder.",
    ).optional(),
    allow_biased_ratio: field(
      z.boolean(),
      'Whether a run can train with `top_p` below 1 or adapter dropout above 0 (R51).',
    ).default(false),
  },
  'Sampling of completions.',
);

export const AdvantagesConfig = section(
  {
    convention: field(z.enum(CONVENTION_NAMES), 'Advantage normalisation (R7).', {
      paper: 'Not in paper. The code of both papers is based on TRL.',
    }).default('trl'),
    scope: field(z.enum(ADVANTAGE_SCOPES), 'Mean and std per view, or over both views together (R3).', {
      paper: 'SVQA-R1: group.',
    }).default('group'),
    ddof: field(
      z.union([z.literal(0), z.literal(1)]),
      'Kind of std: 1 for the sample std, 0 for the population std. The default depends on `convention`.',
    ).optional(),
    epsilon: field(amount(), 'Epsilon added to the std. The default depends on `convention`.').optional(),
  },
  'Advantages computed from rewards.',
);

export const LossConfig = section(
  {
    aggregation: field(z.enum(AGGREGATIONS), 'Averaging of token losses (R49).', {
      paper: 'Both papers: sequence-mean.',
    }).default('sequence-mean'),
    beta: field(
      amount(),
      'Weight β of the KL term (k3) to the reference model, the policy at the start of the run (R52).',
      {
        paper: 'arXiv 2507.13362: 0.04 (v1), 0.01 (v2). SVQA-R1: not in paper.',
        tradeoff:
          'A high β keeps the policy close to the reference model, but slows learning. If rewards vanish, only the KL term remains.',
      },
    ).default(0.04),
    clip_low: field(amount(), 'Clip range ε of ratios below 1.', { paper: 'Not in paper.' }).default(0.2),
    clip_high: field(amount(), 'Clip range ε of ratios above 1.', { paper: 'Not in paper.' }).default(0.2),
    iterations: field(count(), 'Updates on the same rollouts (μ). With 1, clipping has no effect.', {
      paper: 'Not in paper.',
    }).default(1),
    truncated: field(
      z.enum(TRUNCATED_RULES),
      'Treatment of completions truncated at `max_tokens`: keeping, masking, or a maximum reward of 0.',
    ).default('keep'),
  },
  'Clipped objective with the KL term (k3), equation 5.',
);

export const DynamicSamplingConfig = section(
  {
    mode: field(
      z.enum(SAMPLING_MODES),
      'Treatment of zero-variance groups: training, skipping or replacing (R25).',
      {
        paper:
          'arXiv 2507.13362: "inspired by DAPO". Released code of arXiv 2507.13362: skipping. SVQA-R1: off.',
      },
    ).default('off'),
    signal: field(z.enum(SAMPLING_SIGNALS), 'Reward to test for variance (R50).').default('reward'),
    min_std: field(
      amount(),
      'Rewards count as varying if their std is above this value. The std covers a group, or a pair if both views are normalised together.',
      { paper: 'Released code of arXiv 2507.13362: 1e-5.' },
    ).default(1e-5),
    max_rounds: field(
      count(),
      'Maximum number of rounds that replace dropped groups. After these rounds, the step continues with fewer groups.',
    ).default(4),
  },
  'Treatment of groups without a training signal.',
);
