import type { RunConfig } from '../../core/config/run-config.ts';
import { AS_TRAINED, type Strategy } from '../../core/prompts/strategy.ts';
import type { AcuitySubject } from '../../core/psychophysics/acuity-record.ts';
import type { ViewId } from '../../rows/view-list.ts';
import type { Encoder } from '../encoders/encoder.ts';
import type { OwnPrograms } from '../own/own-program.ts';
import { graphOf } from '../rollouts/stages.ts';
import type { Asking } from './answer-samples.ts';
import type { Judge } from './judge.ts';

export interface EvaluationOptions {
  /** The `*.qa.jsonl` file of every set, by name. */
  sets: Record<string, string>;
  root: string;
  views: readonly ViewId[];
  strategy: Strategy;
  sampling: Asking;
  /** How many rows of each set to use, from its start. */
  limit?: number | undefined;
  /** The family of models whose view of the image each row notes as `meta.seen` (core/seen/families.ts). */
  sees?: string | undefined;
  /** The family of the model that is asked, if it is known, for what is said of its boxes. */
  family?: string | null | undefined;
  /** Names sets whose rows are added as answers come: they may grow between calls on the same folder. */
  growing?: string | undefined;
  /**
   * Whether the questions differ in nothing that an endpoint could refuse: the first is then asked alone, and where it
   * gets no answer, the others are not asked.
   */
  alike?: boolean | undefined;
  /** What was evaluated (checkpoint, model), for the manifest. */
  about: object;
  /** Whose acuity is measured, for the manifest: so that answers have a name before all are there. */
  subject?: AcuitySubject | undefined;
  /** Judges the answers, next to the rules, once all are given. It does not change which rows are asked, or how. */
  judge?: Judge | undefined;
  /** Measures how similar answers and references are [B-42]. */
  encoder?: Encoder | undefined;
  /** The user's own programs that value every answer. */
  metrics?: OwnPrograms | null | undefined;
  /** Image files that were looked at before (`PictureLooks`). */
  sound?: Set<string> | undefined;
  /** Aborts the evaluation, which then throws; answers so far are kept. */
  signal?: AbortSignal | undefined;
}

/** The evaluation that a config specifies, with the prompts of training. */
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

/** The description of an evaluated checkpoint, the same during and after training. */
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
