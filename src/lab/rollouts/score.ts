import type { GrpoConfig } from '../../core/config/run.ts';
import { hasOtherPartners, partnersOf } from '../../core/grpo/partners.ts';
import type { Pair, Rollout, SampledRollout } from '../../core/grpo/rollout.ts';
import { readCompletion, type ReadCompletion } from '../../core/answers/extract.ts';
import { agreementOf, comparison, fixedAnswer, type OtherAnswers } from '../../core/rewards/agreement.ts';
import { answerOf, rewardNames, scorerOf, type RewardExtraction } from '../../core/rewards/parts.ts';
import type { Sample } from '../../core/sample/sample.ts';
import { similarities, type Encoder } from '../encoders/encoder.ts';
import type { ViewedSample } from '../../core/views/view.ts';
import type { DrawnRow } from './source.ts';

/**
 * Scores the completions of drawn rows, part by part; penalties, totals and advantages are computed by `assess`.
 * @param sampled completions by prompt: row by row, view by view. Failed ones are left out.
 */
export async function scorePairs(
  rows: readonly DrawnRow[],
  sampled: readonly SampledRollout[][],
  config: Scoring,
  encoder: Encoder | null,
): Promise<Pair[]> {
  const names = rewardNames(config.rewards);
  const groups = rows
    .flatMap(({ views }) => views)
    .map(({ view, sample }, i) => ({
      view,
      sample,
      completions: answered(sampled[i]!).map((completion) => ({
        completion,
        reading: readCompletion(completion.text),
      })),
    }));
  const similarity = names.includes('semantic')
    ? await askEncoder(encoder!, groups, config.extraction)
    : () => 0;

  let next = 0;
  return rows.map((row): Pair => {
    const own = row.views.map(() => groups[next++]!);
    const { others, agreement } = acrossViews(row, own, config);
    return {
      sample: row.sample,
      views: own.map(({ view, sample: seen, completions }, v) => {
        const score = scorerOf(seen, names, config.extraction, similarity, others[v] ?? null);
        return {
          view,
          sample: seen,
          group: completions.map(({ completion, reading }): Rollout => ({
            text: completion.text,
            tokens: completion.tokens,
            logprobs: completion.logprobs,
            entropies: completion.entropies,
            stopReason: completion.stopReason,
            ...(completion.graph && { graph: completion.graph }),
            ...score(reading),
            penalty: 0,
            reward: 0,
            advantage: 0,
          })),
        };
      }),
      delta: null,
      penalised: null,
      effect: null,
      agreement,
      verdict: null,
      kept: true,
      why: 'varies',
    };
  });
}

interface ReadGroup extends ViewedSample {
  completions: { completion: SampledRollout; reading: ReadCompletion }[];
}

type Scoring = Pick<GrpoConfig, 'rewards' | 'views' | 'extraction' | 'prompt'>;

/**
 * What each view's answers are compared with, and how many agree. The agreement of a pair is of the answers as
 * evaluations read them; the reward reads them as the other rewards do.
 */
function acrossViews(
  { known }: DrawnRow,
  [one, other]: readonly ReadGroup[],
  { rewards, views, extraction, prompt }: Scoring,
): { others: (OtherAnswers | null)[]; agreement: number | null } {
  // Nothing else asks for it, and every answer would be read once more.
  const isAsked =
    Boolean(rewards.agreement?.weight) || views.partner === 'hardest' || hasOtherPartners(partnersOf(views));
  const compare = isAsked && one && other ? comparison(one, other) : null;
  if (!compare || !one || !other) return { others: [], agreement: null };
  const lenient = ({ completions }: ReadGroup) => completions.map(({ reading }) => reading.lenient.text);
  const agreement = agreementOf(compare, lenient(one), lenient(other));
  const { agreement: part } = rewards;
  if (!part?.weight || (part.rows === 'changing' && fixedAnswer(known, prompt) !== null))
    return { others: [], agreement };
  const answers = ({ completions }: ReadGroup) =>
    completions.map(({ reading }) => answerOf(reading, extraction));
  return {
    others: [
      { compare, answers: answers(other) },
      { compare: (answer, original) => compare(original, answer), answers: answers(one) },
    ],
    agreement,
  };
}

/** The completions without the failed ones, which take no part in anything (R47). */
export const answered = (group: readonly SampledRollout[]): SampledRollout[] =>
  group.filter(({ stopReason }) => stopReason !== 'failed');

/** Computes all similarities of a step in one call of the encoder, so that equal texts are embedded once. */
async function askEncoder(
  encoder: Encoder,
  groups: readonly { sample: Sample; completions: readonly { reading: ReadCompletion }[] }[],
  extraction: RewardExtraction,
): Promise<(answer: string, reference: string) => number> {
  const pairs = groups.flatMap(({ sample, completions }) =>
    completions.flatMap(({ reading }) => {
      const answer = answerOf(reading, extraction);
      return answer === null ? [] : [[answer, sample.answer] as const];
    }),
  );
  const values = await similarities(encoder, pairs);
  const known = new Map(pairs.map((pair, i) => [JSON.stringify(pair), values[i]!]));
  return (answer, reference) => known.get(JSON.stringify([answer, reference]))!;
}
