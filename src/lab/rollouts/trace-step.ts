import { clipOf } from '../../rows/sample/clip.ts';
import { lossSums } from '../../core/rewards/loss-sums.ts';
import type { TracedPair } from '../../core/run-data/trace.ts';
import type { Group, Scores, Trainer } from '../../engines/trainer.ts';
import type { GrpoConfig } from '../../core/config/run-config.ts';
import type { ActiveRun } from '../runs/make-run.ts';
import { TraceArrays, writeTraces } from '../runs/trace-files.ts';
import type { TrainedRow } from './score-pairs.ts';
import { groupOf, type WeightedCompletion } from './stages.ts';

type View = TrainedRow['views'][number];

/** Scores and weights in the loss of a step, by `[group][completion]`. */
export interface UsedScores {
  groups: readonly Group[];
  reference: Scores[][][] | null;
  /** Scores of the sampling policy for later updates. Null if the sampler's own log-probabilities were used. */
  old: Scores[][][] | null;
  /** Scores of the policy before each update (null: scores from sampling), and the resulting weights. */
  updates: { scores: Scores[][][] | null; weighed: WeightedCompletion[][] }[];
}

/** Whether the trace stores the tokens of a pair: of all pairs, of the first pair of a step, or of no pair. */
const isKeptWhole = ({ trace: { arrays } }: GrpoConfig, pair: number): boolean =>
  arrays === 'all' || (arrays === 'sampled' && pair === 0);

/** Returns the prompt tokens of pairs whose tokens are stored: tokens of each view, and of the second stages. */
export function promptTokens(
  pairs: readonly TrainedRow[],
  config: GrpoConfig,
  trainer: Trainer,
): Promise<PromptTokens> {
  const kept = pairs.filter((_, pair) => isKeptWhole(config, pair)).flatMap(({ views }) => views);
  const tokens = async (group: Group) => ({
    first: (await trainer.encode(group.prompt)).prompt,
    second: await Promise.all(
      group.completions.map(async ({ segments: [, second] }) =>
        second?.prompt && second.tokens.length > 0 ? (await trainer.encode(second.prompt)).prompt : null,
      ),
    ),
  });
  return Promise.all(kept.map(async (view) => [view, await tokens(groupOf(view, config))] as const)).then(
    (known) => new Map(known),
  );
}
export type PromptTokens = Map<View, { first: number[]; second: (number[] | null)[] }>;

/**
 * Writes the trace of every pair of a step (docs/reference.md, Trace), with the tokens' values in a file of arrays.
 * @param pairs all pairs of the step, assessed.
 * @param trained views that were trained on, in the order of `used`.
 */
export async function traceStep(
  { dir, lock }: ActiveRun,
  step: number,
  pairs: readonly TrainedRow[],
  config: GrpoConfig,
  prompts: PromptTokens,
  trained: readonly View[],
  used: UsedScores,
): Promise<void> {
  const arrays = new TraceArrays();
  const { signal } = config.coupling;
  const rows = pairs.map(({ sample, views, ...assessed }, pair): TracedPair => {
    const { kept, why, delta, penalised, effect, joint, changes, behaving, bonus, verdict } = assessed;
    return {
      step,
      pair,
      sample: sample.id,
      kept,
      why,
      views: views.map((seen) => ({
        view: seen.view,
        question: seen.sample.question,
        // The answer to a counterfactual can be unknown.
        answer: seen.sample.answer === '' ? null : seen.sample.answer,
        images: seen.sample.images,
        ...clipOf(seen.sample),
        ...(prompts.has(seen) && { prompt_tokens: arrays.int32(prompts.get(seen)!.first) }),
        group: tracedGroup(
          seen,
          trained.indexOf(seen),
          used,
          isKeptWhole(config, pair) ? arrays : null,
          prompts.get(seen)?.second ?? [],
        ),
      })),
      delta,
      penalised,
      effect,
      ...(joint !== undefined && { joint }),
      ...(changes !== undefined && { changes }),
      ...(behaving !== undefined && { behaving }),
      ...(bonus !== undefined && { bonus }),
      ...(signal !== undefined && { signal }),
      verdict,
    };
  });
  await writeTraces(dir, step, rows, arrays, lock.write);
}

/**
 * Returns the completions of a view, with their values in the loss.
 * @param g number of the group among trained groups, or −1
 * @param arrays receives the tokens. Null if tokens are not stored
 * @param second prompt tokens of second stages, by completion
 */
function tracedGroup(
  { group }: View,
  g: number,
  { groups, reference, old, updates }: UsedScores,
  arrays: TraceArrays | null,
  second: readonly (number[] | null)[],
): TracedPair['views'][number]['group'] {
  return group.map(({ segments, ...completion }, i) => ({
    segments: segments.map(({ tokens, logprobs, entropies, ...segment }, s) => {
      if (!arrays) return segment;
      const prompt = s > 0 ? second[i] : null;
      const scoresOf = (scores: Scores[][][] | null) => scores?.[g]?.[i]?.[s]?.logprobs;
      const isTrained = groups[g]?.completions[i]!.segments[s]!.trained === true;
      const ref = isTrained && scoresOf(reference);
      const current = isTrained ? updates.map(({ scores }) => scoresOf(scores) ?? logprobs) : [];
      const before = scoresOf(old) ?? logprobs;
      return {
        ...segment,
        tokens: arrays.int32(tokens),
        ...(prompt && { prompt_tokens: arrays.int32(prompt) }),
        logprobs: arrays.float32(logprobs),
        ...(entropies && { entropies: arrays.float32(entropies) }),
        ...(ref && { ref_logprobs: arrays.float32(ref) }),
        ...(current.length > 0 && { update_logprobs: current.map((values) => arrays.float32(values)) }),
        ...(current.length > 1 && before !== current[0] && { old_logprobs: arrays.float32(before) }),
      };
    }),
    ...completion,
    ...(g >= 0 &&
      updates.length > 0 && { updates: updates.map(({ weighed }, u) => lossSums(weighed[g]![i]!, u === 0)) }),
  }));
}
