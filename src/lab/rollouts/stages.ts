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
} from '../../core/token-weights.ts';
import { shownGraph } from '../../core/prompts/graph.ts';
import type { Prompt } from '../../core/prompts/message.ts';
import { fillPrompt } from '../../core/prompts/template.ts';
import type { Sample } from '../../core/sample/sample.ts';
import type { ViewId } from '../../core/views/list.ts';
import type { ViewedSample } from '../../core/views/view.ts';
import type { Completion, Group, Scores, Trainer, WeightedGroup } from '../../engines/trainer.ts';
import { answered } from './score.ts';
import type { DrawnRow } from './source.ts';

/** The section `graph` of a config; undefined if answers are sampled without a graph. */
export const graphOf = (config: RunConfig): GraphConfig | undefined =>
  config.recipe === 'grpo' ? config.graph : undefined;

/** All prompts for a sample; in that of the second stage, the graph is still empty. */
export function promptsOf(
  config: RunConfig,
  sample: Sample,
  images: readonly string[],
  view: ViewId,
): Prompt[] {
  const first = graphOf(config);
  return [...(first ? [first.prompt] : []), config.prompt].map((template) =>
    fillPrompt(template, sample, images, view),
  );
}

/**
 * Samples G completions of every view of the rows: row by row, view by view. Each graph gets one answer; after one that
 * leaves no room for it, the answer is empty and cut off (R48).
 */
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
  const sampling = { n: 1, temperature, topP, maxTokens, overlong: 'cut' } as const;
  const answers = (await trainer.sample(asked, sampling)).flat();
  let next = 0;
  return graphs.map((group) => group.map((stage) => ({ ...answers[next++]!, graph: stage })));
}

/** The second stage's prompt. */
const answerPrompt = (
  { prompt }: GrpoConfig,
  { missing }: GraphConfig,
  { views, images }: DrawnRow,
  seen: ViewedSample,
  text: string,
): Prompt =>
  fillPrompt(prompt, seen.sample, images[views.indexOf(seen)]!, seen.view, shownGraph(text, missing).shown);

/**
 * Converts a completion to the trainer's form. If the config says so, truncated completions are masked in both stages.
 */
function completionOf(
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
        trained: kept && graph.trained !== 'graph' && rollout.tokens.length > 0,
      },
    ],
  };
}

/** The completions of a row's view in the trainer's form. */
export const groupOf = (
  row: DrawnRow,
  view: number,
  group: readonly SampledRollout[],
  config: GrpoConfig,
): Group => ({
  prompt: row.prompts[view]!,
  completions: group.map((rollout) => completionOf(rollout, row, row.views[view]!, config)),
});

/** The groups of rows before scoring. @param sampled by prompt: row by row, view by view. */
export function sampledGroups(
  rows: readonly DrawnRow[],
  sampled: readonly SampledRollout[][],
  config: GrpoConfig,
): Group[] {
  const views = rows.flatMap((row) => row.views.map((_, view) => ({ row, view })));
  return views.map(({ row, view }, i) => groupOf(row, view, answered(sampled[i]!), config));
}

/** Scores by `[group][completion][segment]`, as far as they were computed. */
interface KnownScores {
  /** Scores of the current policy; null while it is still the one that sampled. */
  current: Scores[][][] | null;
  /** Scores of the policy that sampled, computed by the trainer; null if the sampler's own are used. */
  old: Scores[][][] | null;
  reference: Scores[][][] | null;
}

/** The token weights of every completion, over its stages as one sequence (R49). */
export function weighGroups(
  rollouts: readonly Rollout[][],
  groups: readonly Group[],
  { current, old, reference }: KnownScores,
  objective: Objective,
  counts: StepCounts,
): WeightedCompletion[][] {
  return rollouts.map((group, g) =>
    group.map((rollout, i) => {
      const { segments } = groups[g]!.completions[i]!;
      const stages = stagesOf(rollout);
      // A masked segment has no scores of its own: those of sampling take their place, with weight zero.
      const joined = (scores: Scores[][][] | null) =>
        stages.flatMap(({ logprobs }, s) =>
          segments[s]!.trained && scores ? scores[g]![i]![s]!.logprobs : logprobs,
        );
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
    }),
  );
}

/** Gives each segment its part of its completion's weights. */
export const withWeights = (
  groups: readonly Group[],
  weighed: readonly (readonly WeightedCompletion[])[],
): WeightedGroup[] =>
  groups.map((group, g) => ({
    ...group,
    completions: group.completions.map(({ segments }, i) => {
      let from = 0;
      return {
        segments: segments.map((segment) => {
          const own = weighed[g]![i]!.weights.slice(from, (from += segment.tokens.length));
          return { ...segment, weights: segment.trained ? own : [] };
        }),
      };
    }),
  }));
