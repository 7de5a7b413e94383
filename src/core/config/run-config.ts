import * as z from 'zod';
import type { ConventionName } from '../rewards/advantages.ts';
import type { Weights } from '../rewards/rewards.ts';
import { AGGREGATIONS } from '../rewards/token-weights.ts';
import { EngineConfig, OptimizerConfig } from './engine-config.ts';
import { amount, count, field, PROGRAM, section } from './config-fields.ts';
import {
  AdvantagesConfig,
  DynamicSamplingConfig,
  GraphConfig,
  LossConfig,
  SamplingConfig,
  ViewsConfig,
} from './grpo-config.ts';
import { ReportTo } from './report-to.ts';
import { CouplingConfig, RewardsConfig } from './rewards-config.ts';
import { ACUITY_AXES } from '../worlds/acuity/acuity-axes.ts';
import { MIRROR, PAIR } from '../../rows/view-list.ts';
import { viewIdSchema } from '../../rows/sample/schemas.ts';

const path = () => z.string().min(1);

const DataConfig = z.strictObject({
  train: field(path(), 'Training rows: a *.qa.jsonl file, relative to this config.'),
  order: field(z.enum(['shuffled', 'as_given']), 'Shuffled in every epoch, or as the file has them.').default(
    'shuffled',
  ),
  eval: field(z.record(z.string(), path()), 'Evaluation sets by name.').default({}),
  root: field(
    path(),
    'Folder that image paths may not leave; the folder of this config by default.',
  ).optional(),
});

/** The user's own metrics, by their names. */
export const MetricsConfig = z.record(z.string(), z.strictObject(PROGRAM));

const EvaluateConfig = section(
  {
    every: field(z.int().min(0), 'Steps between evaluations; 0: only at the end.').default(0),
    at_start: field(z.boolean(), 'Evaluate before the first step too.').default(false),
    limit: field(count(), 'Maximum number of rows of each set.').optional(),
    views: field(z.array(viewIdSchema), 'Which forms of each row.').default([...PAIR]),
    max_tokens: field(count(), 'Longest completion; that of sampling by default.').optional(),
    n: field(count(), 'Answers to each question. Several need a temperature above 0; pass@k is of them.', {
      paper: "Paper A's Pass@4: 4.",
    }).optional(),
    temperature: field(amount(), 'Temperature at which answers are drawn; 0 by default: greedy.').optional(),
    judge: field(
      z.strictObject({
        url: field(
          z.string().min(1),
          'Address of the OpenAI-compatible server. The key comes from the environment, like that of engine.url.',
        ),
        model: field(z.string().min(1), 'The model, as its server calls it.'),
      }),
      'A model that judges the answers of each evaluation by the prompts of `eval --judge`.',
      { paper: 'SVQA-R1 judges open and yes/no answers.' },
    ).optional(),
    encoder: field(
      z.enum(['lexical', 'minilm']),
      'Measures how similar answers and references are (SBERT). `minilm` is downloaded from the hub once.',
      { paper: 'SVQA-R1: all-MiniLM-L6-v2, as `minilm`.' },
    ).optional(),
    acuity: field(
      z.array(z.enum(ACUITY_AXES)).min(1),
      'Measure at each evaluation how finely the model sees these: threshold, habits and lapses, as `acuity --quick` does (docs/psychophysics.md).',
      { paper: 'Not in paper.' },
    ).optional(),
    metrics: field(
      MetricsConfig,
      'Metrics of your own, by name, each a program that values every answer: `politeness: { command: [python, metrics.py] }` (docs/own-rewards.md).',
      { paper: 'Not in paper.' },
    ).optional(),
    seed: field(
      z.int(),
      'Random seed of the evaluations, so that they do not affect the training. Without it, each evaluation takes a random number from the training.',
    ).optional(),
  },
  'Evaluation during training, greedy by default.',
);

const CheckpointConfig = section(
  {
    every: field(z.int().min(0), 'Steps between checkpoints; 0: only at the end.', {
      paper: 'SVQA-R1 compares steps 500, 1000, 1500, 2000.',
    }).default(100),
    keep_last: field(count(), 'Older ones are removed.').default(2),
    keep_best: field(
      z.string().min(1),
      'Keep the best checkpoint too, by accuracy on this set and view: `val/mirror`.',
    ).optional(),
  },
  'Which checkpoints are kept, to resume from and to compare.',
);

const TraceConfig = section(
  {
    every: field(z.int().min(0), 'Steps between traces; 0: none.').default(1),
    arrays: field(
      z.enum(['all', 'sampled', 'none']),
      'Token ids and log-probabilities: of all completions, of the first pair of a step, or none.',
    ).default('sampled'),
  },
  'What is recorded of each rollout.',
);

const common = {
  preset: field(
    z.string().min(1),
    'The preset to build on: values that this file does not set come from it.',
  ).optional(),
  seed: field(z.int(), 'Random seed: everything random follows from it.').default(0),
  steps: field(
    z.int().min(0),
    'Optimiser steps. 0: only evaluate, for example to compare others with an untrained model.',
  ),
  engine: field(EngineConfig, 'The engine: the embedded tiny model, or a full-size one.'),
  init: field(path(), 'Start from the weights of this checkpoint folder.').optional(),
  data: field(DataConfig, 'Rows to train and to evaluate on.'),
  prompt: field(
    z.string().includes('{question}', { error: 'must contain {question}' }),
    'Text of the user turn; {question} and {choices} are filled in, {graph} if there are two stages. Images come first.',
  ).default('{question}'),
  optimizer: OptimizerConfig,
  evaluate: EvaluateConfig,
  checkpoint: CheckpointConfig,
  trace: TraceConfig,
  report_to: ReportTo.optional(),
};

const Sft = z.strictObject({
  recipe: field(z.literal('sft'), '`sft`: supervised fine-tuning.', {
    paper: 'Paper A: the baseline that GRPO is compared with.',
    tradeoff: 'SFT for coverage, or if data is scarce.',
  }),
  ...common,
  target: field(
    z.string().includes('{answer}', { error: 'must contain {answer}' }),
    'What the model learns to write; {reasoning} and {answer} are filled in [B-34].',
  ).default('{answer}'),
  views: z
    .strictObject({
      mirror: field(
        z.boolean(),
        'Train on the mirror of each row that has one, next to the row, as `use: [mirror]` does.',
      ).default(true),
      use: field(
        z.array(viewIdSchema),
        'The views to train on next to the row: the first of them that it has (docs/views.md).',
      ).optional(),
    })
    // With a list, `mirror` follows from it, so that a resolved config does not contradict itself.
    .overwrite((views) =>
      views.use === undefined ? views : { ...views, mirror: views.use.includes(MIRROR) },
    )
    .optional()
    .meta({ description: 'Which views of a row are trained on; the original alone by default.' }),
  batch: section(
    {
      samples: field(
        count(),
        'Rows per optimiser step, each with its mirror, or another view, if `views` says so.',
      ).default(16),
      micro_samples: field(count(), 'Targets per forward pass; all by default.').optional(),
    },
    'Batch.',
  ),
  aggregation: field(
    z.enum(AGGREGATIONS).exclude(['dr-grpo']),
    'How token losses are averaged (R49).',
  ).default('token-mean'),
  released_prompt_overwrite: field(
    z.boolean(),
    "Reproduces a slip of paper A's released SFT code: the target replaces the prompt's last tokens instead of following them (R37). For comparison only.",
  ).default(false),
});

const Grpo = z.strictObject({
  recipe: field(z.literal('grpo'), '`grpo`: GRPO; with mirrored views it is Spatial-GRPO.', {
    paper: 'Paper A: GRPO. SVQA-R1: Spatial-GRPO.',
    tradeoff: 'GRPO for precision, and for answers that hold when the wording changes.',
  }),
  ...common,
  batch: section(
    {
      rows: field(count(), 'Rows per optimiser step; with mirrors, pairs.', {
        paper: 'SVQA-R1: 8 pairs, derived (R11).',
      }).default(8),
      micro_groups: field(count(), 'Groups per forward pass; all by default.').optional(),
    },
    'Batch.',
  ),
  views: ViewsConfig,
  graph: GraphConfig.optional(),
  sampling: SamplingConfig,
  extraction: field(z.enum(['strict', 'lenient']), 'How rewards find the answer in a completion.').default(
    'strict',
  ),
  rewards: RewardsConfig,
  coupling: CouplingConfig,
  advantages: AdvantagesConfig,
  loss: LossConfig,
  dynamic_sampling: DynamicSamplingConfig,
  max_logprob_gap: field(
    z.number().min(0),
    'If sampler and trainer differ by more than this, the trainer scores the rollouts again.',
  ).default(1e-3),
});

/** A training run, as written in `*.run.yaml` and, with every default filled in, in the run folder's `run.yaml`. */
export const RunConfig = z.discriminatedUnion('recipe', [Sft, Grpo]);
export type RunConfig = z.infer<typeof RunConfig>;
export const RECIPES = ['sft', 'grpo'] as const satisfies RunConfig['recipe'][];
export type SftConfig = z.infer<typeof Sft>;
export type GrpoConfig = z.infer<typeof Grpo>;

/** The sections of a run config that determine how reward parts become advantages. */
export type AssessmentConfig = Pick<GrpoConfig, 'coupling' | 'advantages' | 'dynamic_sampling' | 'loss'> & {
  rewards: Weights;
};

/** How rewards of these weights become advantages in a program of this convention, without views that are coupled. */
export const assessmentBy = (
  convention: ConventionName,
  weights: Readonly<Record<string, number>>,
): AssessmentConfig => ({
  coupling: CouplingConfig.parse({}),
  dynamic_sampling: DynamicSamplingConfig.parse({}),
  loss: LossConfig.parse({}),
  advantages: AdvantagesConfig.parse({ convention }),
  rewards: {
    ...RewardsConfig.parse({}),
    ...Object.fromEntries(Object.entries(weights).map(([name, weight]) => [name, { weight }])),
  },
});

/** JSON Schema of a run config before defaults are filled in, for editors. */
export function runConfigJsonSchema(): object {
  return z.toJSONSchema(RunConfig, { io: 'input', target: 'draft-7' });
}
