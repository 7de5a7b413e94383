import type { GraphConfig } from '../../core/config/grpo-config.ts';
import type { GrpoConfig, RunConfig } from '../../core/config/run-config.ts';
import { isTruncated, type Rollout, type SampledRollout } from '../../core/rewards/rollout.ts';
import { weighCompletion, type StepCounts } from '../../core/rewards/token-weights.ts';
import { shownGraph } from '../../core/prompts/describe-graph.ts';
import type { Prompt } from '../../core/prompts/message.ts';
import { fillPrompt } from '../../core/prompts/template.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import type { ViewId } from '../../rows/view-list.ts';
import type { Group, SampledCompletion, Scores, Trainer, WeightedGroup } from '../../engines/trainer.ts';
import type { DrawnGroups, DrawnRow, DrawnView } from './draw-groups.ts';

/** Returns the section `graph` of a config. Undefined if rollouts have no graph stage. */
export const graphOf = (config: RunConfig): GraphConfig | undefined =>
  config.recipe === 'grpo' ? config.graph : undefined;

/** Returns all prompts for a row. In the second stage's prompt, the graph is still empty. */
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
 * Samples G completions of every view of the rows. Each graph gets one answer. If a graph leaves no room for an answer,
 * the answer is empty and truncated (R48). Failed completions are omitted (R47).
 */
export async function sampleRows(
  trainer: Trainer,
  rows: readonly DrawnRow[],
  config: GrpoConfig,
): Promise<DrawnGroups<SampledRollout>[]> {
  const { group_size: n, temperature, top_p: topP, max_tokens } = config.sampling;
  const { graph } = config;
  const views = rows.flatMap((row) => row.views);
  const sampled = await trainer.sample(
    views.map(({ prompt }) => prompt),
    { n, temperature, topP, maxTokens: graph?.max_tokens ?? max_tokens },
  );
  const first = sampled.flatMap((group, i) =>
    group.filter(isAnswered).map((completion) => ({ view: views[i]!, completion })),
  );
  const rollouts = graph
    ? await withAnswers(trainer, first, config, graph)
    : first.map(({ view, completion }) => ({ view, segments: [segmentOf('answer', completion)] }));
  const groups = new Map(views.map((view): [DrawnView, SampledRollout[]] => [view, []]));
  for (const { view, segments } of rollouts) groups.get(view)!.push({ segments });
  return rows.map((row) => ({
    ...row,
    views: row.views.map((view) => ({ ...view, group: groups.get(view)! })),
  }));
}

async function withAnswers(
  trainer: Trainer,
  graphs: readonly { view: DrawnView; completion: SampledCompletion }[],
  config: GrpoConfig,
  graph: GraphConfig,
): Promise<(SampledRollout & { view: DrawnView })[]> {
  const { temperature, top_p: topP, max_tokens: maxTokens } = config.sampling;
  const answers = await trainer.sample(
    graphs.map(({ view, completion }) => answerPrompt(config, graph, view, completion.text)),
    { n: 1, temperature, topP, maxTokens, overlong: 'cut' },
  );
  return graphs.flatMap(({ view, completion }, i) => {
    const { source } = shownGraph(completion.text, graph.missing);
    return answers[i]!.filter(isAnswered).map((answer) => ({
      view,
      segments: [{ ...segmentOf('graph', completion), source }, segmentOf('answer', answer)],
    }));
  });
}

const isAnswered = ({ stopReason }: SampledCompletion): boolean => stopReason !== 'failed';

const segmentOf = (
  stage: SampledRollout['segments'][number]['stage'],
  { text, stopReason, tokens, logprobs, entropies }: SampledCompletion,
): SampledRollout['segments'][number] => ({
  stage,
  text,
  stop_reason: stopReason,
  tokens,
  logprobs,
  entropies,
});

/** Returns the second stage's prompt. */
const answerPrompt = (
  { prompt }: GrpoConfig,
  { missing }: GraphConfig,
  { sample, images, view }: DrawnView,
  text: string,
): Prompt => fillPrompt(prompt, sample, images, view, shownGraph(text, missing).shown);

/**
 * Returns the completions of a row's view in the trainer's format. If configured, all stages of truncated completions
 * are masked.
 */
export function groupOf(view: DrawnView & { group: readonly SampledRollout[] }, config: GrpoConfig): Group {
  const { graph } = config;
  return {
    prompt: view.prompt,
    completions: view.group.map((rollout) => {
      const kept = !(config.loss.truncated === 'mask' && isTruncated(rollout));
      const [first, second] = rollout.segments;
      if (!graph || !second) return { segments: [{ tokens: first!.tokens, trained: kept }] };
      return {
        segments: [
          { tokens: first!.tokens, trained: kept && graph.trained !== 'answer' },
          {
            prompt: answerPrompt(config, graph, view, first!.text),
            tokens: second.tokens,
            trained: kept && graph.trained !== 'graph' && second.tokens.length > 0,
          },
        ],
      };
    }),
  };
}

export type WeightedCompletion = ReturnType<typeof weighCompletion>;

/** Scores by `[group][completion][segment]`, if already computed. */
interface KnownScores {
  /** Scores of the current policy. Null while the current policy is still the sampling policy. */
  current: Scores[][][] | null;
  /** Scores of the sampling policy, computed by the trainer. Null if the sampler's own scores are used. */
  old: Scores[][][] | null;
  reference: Scores[][][] | null;
}

/** Computes the token weights of every completion, with all its stages as one sequence (R49). */
export function weighGroups(
  views: readonly { group: readonly Rollout[] }[],
  groups: readonly Group[],
  { current, old, reference }: KnownScores,
  objective: Parameters<typeof weighCompletion>[1],
  counts: StepCounts,
): WeightedCompletion[][] {
  return views.map(({ group }, g) =>
    group.map((rollout, i) => {
      const { segments } = groups[g]!.completions[i]!;
      // A masked segment has no own scores, so the sampler's log-probabilities are used, with weight zero.
      const joined = (scores: Scores[][][] | null) =>
        rollout.segments.flatMap(({ logprobs }, s) =>
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

/**
 * Assigns to each segment its part of its completion's weights.
 * @param pull scores and β of a reference model, for an engine to add
 */
export const withWeights = (
  groups: readonly Group[],
  weighed: readonly (readonly WeightedCompletion[])[],
  pull?: { reference: Scores[][][]; beta: number },
): WeightedGroup[] =>
  groups.map((group, g) => ({
    ...group,
    completions: group.completions.map(({ segments }, i) => {
      let from = 0;
      return {
        segments: segments.map((segment, s) => {
          const { weights, normaliser } = weighed[g]![i]!;
          const part = weights.slice(from, (from += segment.tokens.length));
          if (!segment.trained) return { ...segment, weights: [] };
          if (!pull) return { ...segment, weights: part };
          const { logprobs: reference } = pull.reference[g]![i]![s]!;
          return { ...segment, weights: part, pull: { reference, factor: normaliser * pull.beta } };
        }),
      };
    }),
  }));
