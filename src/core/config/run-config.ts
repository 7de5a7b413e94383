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
import { CouplingConfig, RewardsConfig } from './rewards-config.ts';
import { ACUITY_AXES } from '../worlds/acuity/acuity-axes.ts';
import { MIRROR, PAIR } from '../../rows/view-list.ts';
import { viewIdSchema } from '../../rows/sample/schemas.ts';

/** Tools that can display the metrics of a run as curves. Each tool writes local files and uploads nothing. */
const REPORT_TOOLS = ['tensorboard', 'trackio', 'wandb', 'mlflow'] as const;

const Named = z.enum(REPORT_TOOLS);

/** Services to which a run uploads its metrics, if any. */
const Sent = z
  .strictObject({
    wandb: field(z.literal('online'), 'Upload of the curves to your wandb server.').optional(),
    mlflow: field(
      z
        .url({ protocol: /^https?$/, error: 'must be an address, for example http://localhost:5000' })
        .refine((url) => !/^\w+:\/*[^/?#]*@/.test(url), {
          error:
            'must not contain a name or password; set MLFLOW_TRACKING_URI, MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD in the environment',
        }),
      'Address of the tracking server that receives the curves.',
    ).optional(),
  })
  .refine((sent) => Object.keys(sent).length > 0, 'must contain wandb or mlflow');

const ReportTo = field(
  z.union([Named, Sent, z.array(z.union([Named, Sent])).min(1)]),
  'Tools to which the run sends the curves during training. `tensorboard` writes event files to `tensorboard` in the run folder. `trackio`, `wandb` and `mlflow` require a Python with the package. By default, wandb and MLflow write to the run folder. To upload the curves, set `{ wandb: online }` or `{ mlflow: http://localhost:5000 }`.',
  { paper: 'Not in paper.' },
);

const path = () => z.string().min(1);

const DataConfig = z.strictObject({
  train: field(path(), 'Path of the training rows (*.qa.jsonl), relative to this config.'),
  order: field(
    z.enum(['shuffled', 'as_given']),
    'Order of rows: shuffled in every epoch, or as in the file.',
  ).default('shuffled'),
  eval: field(
    z.record(z.string(), path()),
    'Evaluation sets by name. Example: `eval: { val: val.qa.jsonl }`.',
  ).default({}),
  root: field(
    path(),
    'Folder that must contain all images. The default is the folder of this config.',
  ).optional(),
});

export const MetricsConfig = z.record(z.string(), z.strictObject(PROGRAM));

const EvaluateConfig = section(
  {
    every: field(z.int().min(0), 'Steps between evaluations. 0 evaluates only at the end.').default(0),
    at_start: field(z.boolean(), 'Whether to evaluate before the first step.').default(false),
    limit: field(count(), 'Maximum number of evaluated rows per evaluation set.').optional(),
    views: field(z.array(viewIdSchema), 'Views of each row to evaluate.').default([...PAIR]),
    max_tokens: field(
      count(),
      'Maximum length of a completion, in tokens. The default is `sampling.max_tokens` for GRPO and 64 for SFT.',
    ).optional(),
    n: field(count(), 'Answers per question, for pass@k. Several answers require a temperature above 0.', {
      paper: 'arXiv 2507.13362, Pass@4: 4.',
    }).optional(),
    temperature: field(
      amount(),
      'Sampling temperature of answers. The default is 0 (greedy decoding).',
    ).optional(),
    judge: field(
      z.strictObject({
        url: field(
          z.string().min(1),
          'Address of the OpenAI-compatible server. Chirality reads the key from the environment, as for `engine.url`.',
        ),
        model: field(z.string().min(1), 'Model name on the server.'),
      }),
      'LLM judge for the answers of each evaluation, with the prompts of `eval --judge`.',
      { paper: 'SVQA-R1: a judge for open and yes/no answers.' },
    ).optional(),
    encoder: field(
      z.enum(['lexical', 'minilm']),
      'Encoder that measures the similarity of answers and reference answers (SBERT). `minilm` is downloaded once from the Hugging Face Hub.',
      { paper: 'SVQA-R1: all-MiniLM-L6-v2, as `minilm`.' },
    ).optional(),
    acuity: field(
      z.array(z.enum(ACUITY_AXES)).min(1),
      'Acuity axes to measure at each evaluation: discrimination threshold, response bias and lapse rate, as in `acuity --quick` (docs/acuity.md).',
      { paper: 'Not in paper.' },
    ).optional(),
    metrics: field(
      MetricsConfig,
      'Custom metrics by name, each with a program that rates every answer. Example: `politeness: { command: [python, metrics.py] }` (docs/training.md).',
      { paper: 'Not in paper.' },
    ).optional(),
    seed: field(
      z.int(),
      'Random seed of evaluations. With a seed, evaluations do not affect training. By default, each evaluation draws a seed from the random state of the training.',
    ).optional(),
  },
  'Evaluation during training, with greedy decoding by default.',
);

const CheckpointConfig = section(
  {
    every: field(z.int().min(0), 'Steps between checkpoints. 0 writes only the last checkpoint.', {
      paper: 'SVQA-R1 compares steps 500, 1000, 1500 and 2000.',
    }).default(100),
    keep_last: field(count(), 'Number of newest checkpoints that the run keeps.').default(2),
    keep_best: field(
      z.string().min(1),
      'Evaluation set and view whose accuracy selects the best checkpoint to keep, for example `val/mirror`.',
    ).optional(),
  },
  'Checkpoints to keep for resuming and comparing.',
);

const TraceConfig = section(
  {
    every: field(z.int().min(0), 'Steps between traces. With 0, the run writes no traces.').default(1),
    arrays: field(
      z.enum(['all', 'sampled', 'none']),
      'Completions with stored token ids and log-probabilities: all, the first pair of each step, or none.',
    ).default('sampled'),
  },
  'Stored rollouts.',
);

const PairsConfig = section(
  {
    symmetric: field(
      z.boolean(),
      'Padding on all sides of images, for models that crop an odd column or pad only on the right. With padding, the model receives exactly mirrored inputs for original and mirror (docs/what-models-see.md).',
      {
        paper: 'Not in paper.',
        tradeoff:
          'Padding removes the inconsistency that the image processor causes. Padding also changes the input of a published model, so reports mark the values of this model.',
      },
    ).default(false),
  },
  'Shared treatment of original and mirror.',
);

const common = {
  preset: field(z.string().min(1), 'Preset that provides all values not set in this file.').optional(),
  seed: field(z.int(), 'Random seed of the run.').default(0),
  steps: field(
    z.int().min(0),
    'Optimiser steps. With 0, the run only evaluates, for example as an untrained baseline.',
  ),
  engine: field(EngineConfig, 'Engine: the embedded tiny model, or a full-size model.'),
  init: field(path(), 'Checkpoint folder with the initial weights.').optional(),
  data: field(DataConfig, 'Rows for training and evaluation.'),
  pairs: PairsConfig,
  prompt: field(
    z.string().includes('{question}', { error: 'must contain {question}' }),
    'Text of the user turn, after the images, with the placeholders {question} and {choices}. With two stages, {graph} is also a placeholder.',
  ).default('{question}'),
  optimizer: OptimizerConfig,
  evaluate: EvaluateConfig,
  checkpoint: CheckpointConfig,
  trace: TraceConfig,
  report_to: ReportTo.optional(),
};

const Sft = z.strictObject({
  recipe: field(z.literal('sft'), '`sft`: supervised fine-tuning.', {
    paper: 'arXiv 2507.13362: SFT, the baseline for GRPO.',
    tradeoff: 'Use SFT for coverage or if data is scarce.',
  }),
  ...common,
  target: field(
    z.string().includes('{answer}', { error: 'must contain {answer}' }),
    'Text that the model learns to write, with the placeholders {reasoning} and {answer} of the row.',
  ).default('{answer}'),
  views: z
    .strictObject({
      mirror: field(
        z.boolean(),
        'Whether to train on the mirror of each row in addition to the row, like `use: [mirror]`.',
      ).default(true),
      use: field(
        z.array(viewIdSchema),
        'Views to train on in addition to the row. Chirality uses the first available view (docs/views.md).',
      ).optional(),
    })
    // With a list of views, `mirror` follows from the list, so that a resolved config does not contradict itself.
    .overwrite((views) =>
      views.use === undefined ? views : { ...views, mirror: views.use.includes(MIRROR) },
    )
    .optional()
    .meta({ description: 'Views of a row to train on. The default is only the original.' }),
  batch: section(
    {
      samples: field(
        count(),
        'Rows per optimiser step (batch size), each with the additional view set in `views`.',
      ).default(16),
      micro_samples: field(count(), 'Targets per forward pass. The default is all targets.').optional(),
    },
    'Batch.',
  ),
  aggregation: field(z.enum(AGGREGATIONS).exclude(['dr-grpo']), 'Averaging of token losses (R49).').default(
    'token-mean',
  ),
  released_prompt_overwrite: field(
    z.boolean(),
    "Whether to reproduce a bug in arXiv 2507.13362's released SFT code, for comparison only. With the bug, the target replaces the last prompt tokens instead of following them (R37).",
  ).default(false),
});

const Grpo = z.strictObject({
  recipe: field(z.literal('grpo'), '`grpo`: GRPO, or Spatial-GRPO with mirrored views.', {
    paper: 'arXiv 2507.13362: GRPO. SVQA-R1: Spatial-GRPO.',
    tradeoff: 'Use GRPO for precision and for answers that are robust to wording.',
  }),
  ...common,
  batch: section(
    {
      rows: field(count(), 'Rows per optimiser step (batch size). With mirrors, each row is a pair.', {
        paper: 'SVQA-R1: 8 pairs, computed from other values in the paper (R11).',
      }).default(8),
      micro_groups: field(count(), 'Groups per forward pass. The default is all groups.').optional(),
    },
    'Batch.',
  ),
  views: ViewsConfig,
  graph: GraphConfig.optional(),
  sampling: SamplingConfig,
  extraction: field(z.enum(['strict', 'lenient']), 'Extraction of the answer from a completion.').default(
    'strict',
  ),
  rewards: RewardsConfig,
  coupling: CouplingConfig,
  advantages: AdvantagesConfig,
  loss: LossConfig,
  dynamic_sampling: DynamicSamplingConfig,
  max_logprob_gap: field(
    z.number().min(0),
    'Maximum difference between sampler and trainer log-probabilities. Above this difference, the trainer rescores the rollouts.',
  ).default(1e-3),
});

/** A training run, as written in `*.run.yaml` and, with all defaults, in the run folder's `run.yaml`. */
export const RunConfig = z.discriminatedUnion('recipe', [Sft, Grpo]);
export type RunConfig = z.infer<typeof RunConfig>;
export const RECIPES = ['sft', 'grpo'] as const satisfies RunConfig['recipe'][];
export type SftConfig = z.infer<typeof Sft>;
export type GrpoConfig = z.infer<typeof Grpo>;

/** The sections of a run config that determine how advantages are computed from reward parts. */
export type AssessmentConfig = Pick<GrpoConfig, 'coupling' | 'advantages' | 'dynamic_sampling' | 'loss'> & {
  rewards: Weights;
};

/** Returns the assessment settings of an external run with an advantage normalisation, without view coupling. */
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

/** Returns the JSON Schema of a run config before defaults are applied, for editors. */
export function runConfigJsonSchema(): object {
  return z.toJSONSchema(RunConfig, { io: 'input', target: 'draft-7' });
}
