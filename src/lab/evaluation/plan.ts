import type { RunConfig } from '../../core/config/run.ts';
import type { Strategy } from '../../core/prompts/strategy.ts';
import type { ViewId } from '../../core/spatial/views/list.ts';
import type { Encoder } from '../encoders/encoder.ts';
import { graphOf } from '../rollouts/stages.ts';
import type { Asking } from './answer.ts';
import type { Judge } from './judge.ts';

export interface EvaluationOptions {
  /** Name and `*.qa.jsonl` file of every set. */
  sets: Record<string, string>;
  root: string;
  views: readonly ViewId[];
  strategy: Strategy;
  sampling: Asking;
  /** At most so many rows of each set, from its start. */
  limit?: number | undefined;
  /** What was evaluated, for the manifest: checkpoint, model. */
  about: object;
  /** Judges answers beside the rules, after all are there; which one is no part of what is evaluated. */
  judge?: Judge | undefined;
  /** Tells how alike answers and references are [B-42]. */
  encoder?: Encoder | undefined;
  /** Ends the asking, which then throws; what was answered so far is kept. */
  signal?: AbortSignal | undefined;
}

/** What a config asks to be evaluated: greedily, on the prompts that are trained. */
export function evaluationPlan(config: RunConfig): Omit<EvaluationOptions, 'about'> {
  const max_tokens =
    config.evaluate.max_tokens ?? (config.recipe === 'grpo' ? config.sampling.max_tokens : 64);
  return {
    sets: config.data.eval,
    root: config.data.root!,
    views: config.evaluate.views,
    strategy: trainedStrategy(config),
    sampling: {
      ...{ n: 1, temperature: 0, topP: 1, maxTokens: max_tokens, seed: config.evaluate.seed ?? config.seed },
      ...(config.evaluate.seed !== undefined && { apart: true }),
    },
    limit: config.evaluate.limit,
  };
}

/** What is said of a checkpoint that was evaluated, by training and afterwards alike. */
export const aboutCheckpoint = ({ engine }: RunConfig, step: number): object => ({
  step,
  engine: engine.kind,
  model: engine.kind === 'torch' ? engine.model : 'embedded',
});

/** A run's own way of asking. */
function trainedStrategy(config: RunConfig): Strategy {
  const graph = graphOf(config);
  const stage = { images: 'shown', options: 'none' } as const;
  return {
    name: 'trained',
    about: 'As the run was trained.',
    extract: 'whole',
    stages: [
      ...(graph
        ? [
            {
              ...{ name: 'graph', ...stage, user: graph.prompt, max_tokens: graph.max_tokens },
              graph: { missing: graph.missing, shuffled: false },
            },
          ]
        : []),
      { name: 'answer', ...stage, user: config.prompt },
    ],
  };
}
