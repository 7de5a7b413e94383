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

/** What the loss of a step used, by `[group][completion]`. */
export interface UsedScores {
  groups: readonly Group[];
  reference: Scores[][][] | null;
  /** The policy that sampled, as later updates compare with it; null if its own log-probabilities were used. */
  old: Scores[][][] | null;
  /** Of each update: the scores of the policy before it (null: those of sampling), and what became of them. */
  updates: { scores: Scores[][][] | null; weighed: WeightedCompletion[][] }[];
}

/** Whether the tokens of a pair are kept: of all pairs, of the first of a step, or of none. */
const isKeptWhole = ({ trace: { arrays } }: GrpoConfig, pair: number): boolean =>
  arrays === 'all' || (arrays === 'sampled' && pair === 0);

/** The tokens of the prompts of those pairs whose tokens are kept: of each view, and of the second stages. */
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
 * Writes what happened to every pair of a step (docs/reference.md, Trace): the pairs as they are, with the numbers of
 * tokens in a file of arrays.
 * @param pairs all pairs of the step, assessed.
 * @param trained the views that were trained on, in the order of `used`.
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
        // Of a counterfactual, it may not be known.
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
 * The completions of a view, with what the loss used of them.
 * @param g the number of the group among those that were trained on; −1 if it was not
 * @param arrays takes the tokens; null if they are not kept
 * @param second tokens of the prompts of second stages, by completion
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
      updates.length > 0 && {
        updates: updates.map(({ weighed }, u) => lossSums(weighed[g]![i]!, u === 0)),
      }),
  }));
}
