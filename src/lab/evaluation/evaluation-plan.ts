import type { RunConfig } from '../../core/config/run-config.ts';
import { AS_TRAINED, type Strategy } from '../../core/prompts/strategy.ts';
import type { AcuitySubject } from '../../core/psychophysics/acuity-record.ts';
import type { ViewId } from '../../rows/view-list.ts';
import type { Encoder } from '../encoders/encoder.ts';
import type { OwnPrograms } from '../own/own-program.ts';
import { graphOf } from '../rollouts/stages.ts';
import type { Asking } from './answer-samples.ts';
import type { SetFile } from './evaluation-samples.ts';
import type { Judge } from './judge.ts';

export interface EvaluationOptions {
  /** The `*.qa.jsonl` file of every evaluation set, by name. */
  sets: Record<string, string>;
  /** Files of the sets, if their rows have been read. */
  files?: readonly SetFile[] | undefined;
  root: string;
  views: readonly ViewId[];
  strategy: Strategy;
  sampling: Asking;
  /** Maximum number of rows of each set, from its start. */
  limit?: number | undefined;
  /** Model family whose perception of the image is stored in each row as `meta.seen` (core/seen/families.ts). */
  sees?: string | undefined;
  /** Family of the evaluated model for messages about boxes, if known. */
  family?: string | null | undefined;
  /** Name of evaluation sets to which rows are added as answers arrive. Such sets can grow between calls. */
  growing?: string | undefined;
  /**
   * Whether an endpoint can answer either all questions or none. If so, the first question is sent alone. If this
   * question gets no answer, no other question is sent.
   */
  alike?: boolean | undefined;
  /** Evaluated checkpoint or model, for the manifest. */
  about: object;
  /** Subject whose acuity is measured, for the manifest, so that partial answers already have a name. */
  subject?: AcuitySubject | undefined;
  /** Judge that scores answers in addition to the rules, after all answers are complete. */
  judge?: Judge | undefined;
  /** Encoder that measures the similarity of answers and reference answers [B-42]. */
  encoder?: Encoder | undefined;
  metrics?: OwnPrograms | null | undefined;
  /** Absolute paths of image files that are known to be readable (`PictureLooks`). */
  sound?: Set<string> | undefined;
  /** Aborts the evaluation, which then rejects. Answers so far are stored. */
  signal?: AbortSignal | undefined;
}

/** Returns the evaluation in a config, with the prompts that training uses. */
export function evaluationPlan(config: RunConfig): Omit<EvaluationOptions, 'about'> {
  const max_tokens =
    config.evaluate.max_tokens ?? (config.recipe === 'grpo' ? config.sampling.max_tokens : 64);
  return {
    sets: config.data.eval,
    root: config.data.root!,
    views: config.evaluate.views,
    strategy: trainedStrategy(config),
    sampling: {
      n: config.evaluate.n ?? 1,
      temperature: config.evaluate.temperature ?? 0,
      topP: 1,
      maxTokens: max_tokens,
      seed: config.evaluate.seed ?? config.seed,
      ...(config.evaluate.seed !== undefined && { apart: true }),
    },
    limit: config.evaluate.limit,
  };
}

export const modelNameOf = (engine: RunConfig['engine']): string =>
  engine.kind === 'torch' ? engine.model : engine.kind === 'tinker' ? engine.base_model : 'embedded';

/** Returns the description of an evaluated checkpoint, which is the same during and after training. */
export const aboutCheckpoint = ({ engine, pairs }: RunConfig, step: number): object => ({
  step,
  engine: engine.kind,
  model: modelNameOf(engine),
  ...(pairs.symmetric && { symmetric: true }),
});

function trainedStrategy(config: RunConfig): Strategy {
  const graph = graphOf(config);
  const stage = { images: 'shown', options: 'none' } as const;
  return {
    name: AS_TRAINED,
    about: 'As the run was trained.',
    extract: 'whole',
    stages: [
      ...(graph
        ? [
            {
              name: 'graph',
              ...stage,
              user: graph.prompt,
              max_tokens: graph.max_tokens,
              graph: { missing: graph.missing, shuffled: false },
            },
          ]
        : []),
      { name: 'answer', ...stage, user: config.prompt },
    ],
  };
}
