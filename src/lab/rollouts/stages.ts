import type { GraphConfig } from '../../core/config/grpo.ts';
import type { GrpoConfig, RunConfig } from '../../core/config/run.ts';
import {
  isTruncated,
  stagesOf,
  type GraphStage,
  type Rollout,
  type SampledRollout,
} from '../../core/grpo/rollout.ts';
import {
  weighCompletion,
  type Objective,
  type StepCounts,
  type WeightedCompletion,
} from '../../core/grpo/token-weights.ts';
import { shownGraph } from '../../core/prompts/graph-slot.ts';
import type { Prompt } from '../../core/prompts/message.ts';
import { fillPrompt } from '../../core/prompts/template.ts';
import type { Sample } from '../../core/spatial/sample.ts';
import type { View, ViewedSample } from '../../core/spatial/views/view.ts';
import type { Completion, Scores, Trainer, WeightedGroup } from '../../engines/trainer.ts';
import type { DrawnRow } from './source.ts';

/** The section `graph` of a config; undefined where answers are sampled alone. */
export const graphOf = (config: RunConfig): GraphConfig | undefined =>
  config.recipe === 'grpo' ? config.graph : undefined;

/** All prompts that a sample leads to, the graph of the second one still empty. */
export function promptsOf(
  config: RunConfig,
  sample: Sample,
  images: readonly string[],
  view: View,
): Prompt[] {
  const first = graphOf(config);
  return [...(first ? [first.prompt] : []), config.prompt].map((template) =>
    fillPrompt(template, sample, images, view),
  );
}

/** G completions of every view of the rows: row by row, view by view. Each graph gets one answer. */
export async function sampleRows(
  trainer: Trainer,
  rows: readonly DrawnRow[],
  config: GrpoConfig,
): Promise<SampledRollout[][]> {
  const { group_size: n, temperature, top_p: topP, max_tokens: maxTokens } = config.sampling;
  const prompts = rows.flatMap((row) => row.prompts);
  const { graph } = config;
  if (!graph) return trainer.sample(prompts, { n, temperature, topP, maxTokens });

  const first = await trainer.sample(prompts, { n, temperature, topP, maxTokens: graph.max_tokens });
  const graphs = first.map((group) =>
    group.flatMap((stage): GraphStage[] =>
      stage.stopReason === 'failed'
        ? []
        : [{ ...stage, source: shownGraph(stage.text, graph.missing).source }],
    ),
  );
  const views = rows.flatMap((row) => row.views.map((view) => ({ row, view })));
  const asked = graphs.flatMap((group, i) =>
    group.map(({ text }) => answerPrompt(config, graph, views[i]!.row, views[i]!.view, text)),
  );
  const answers = (await trainer.sample(asked, { n: 1, temperature, topP, maxTokens })).flat();
  let next = 0;
  return graphs.map((group) => group.map((stage) => ({ ...answers[next++]!, graph: stage })));
}

/** The second stage's prompt. */
const answerPrompt = (
  { prompt }: GrpoConfig,
  { missing }: GraphConfig,
  { images }: DrawnRow,
  { sample, view }: ViewedSample,
  text: string,
): Prompt => fillPrompt(prompt, sample, images, view, shownGraph(text, missing).shown);

/** A completion as the trainer takes it. What was cut off is masked where the config says so, in both stages. */
export function completionOf(
  rollout: SampledRollout,
  row: DrawnRow,
  view: ViewedSample,
  config: GrpoConfig,
): Completion {
  const kept = !(config.loss.truncated === 'mask' && isTruncated(rollout));
  const { graph } = config;
  if (!graph || !rollout.graph) return { segments: [{ tokens: rollout.tokens, trained: kept }] };
  return {
    segments: [
      { tokens: rollout.graph.tokens, trained: kept && graph.trained !== 'answer' },
      {
        prompt: answerPrompt(config, graph, row, view, rollout.graph.text),
        tokens: rollout.tokens,
        trained: kept && graph.trained !== 'graph',
      },
    ],
  };
}

/** Scores of a completion's segments; empty for masked ones. */
type SegmentScores = readonly Scores[] | undefined;

/**
 * The token weights of a completion, over its stages as one sequence (R49).
 * @param scores of the policy, of the policy that sampled, and of the reference, as far as they were computed.
 */
export function weighRollout(
  rollout: Rollout,
  { segments }: Completion,
  { current, old, reference }: { current: SegmentScores; old: SegmentScores; reference: SegmentScores },
  objective: Objective,
  counts: StepCounts,
): WeightedCompletion {
  const stages = stagesOf(rollout);
  // A masked segment has no scores of its own: those of sampling stand in, and weigh nothing.
  const joined = (scores: SegmentScores) =>
    stages.flatMap(({ logprobs }, s) => (segments[s]!.trained && scores ? scores[s]!.logprobs : logprobs));
  const oldLogprobs = joined(old);
  return weighCompletion(
    {
      advantage: rollout.advantage,
      logprobs: current ? joined(current) : oldLogprobs,
      oldLogprobs,
      ...(reference && { referenceLogprobs: joined(reference) }),
      ...(!segments.every(({ trained }) => trained) && {
        mask: segments.flatMap(({ tokens, trained }) => tokens.map(() => Number(trained))),
      }),
    },
    objective,
    counts,
  );
}

/** Hands each segment its part of the weights. */
export function withWeights(
  { segments }: Completion,
  weights: readonly number[],
): WeightedGroup['completions'][0] {
  let from = 0;
  return {
    segments: segments.map((segment) => {
      const own = weights.slice(from, (from += segment.tokens.length));
      return { ...segment, weights: segment.trained ? own : [] };
    }),
  };
}
