import type { GrpoConfig } from '../../core/config/run.ts';
import { hasOtherPartners, partnersOf } from '../../core/rewards/draws.ts';
import type { AssessedPair } from '../../core/rewards/assess.ts';
import type { SampledRollout, ScoredPair, ScoredRollout } from '../../core/rewards/rollout.ts';
import { readCompletion, type ReadCompletion } from '../../core/answers/extract.ts';
import {
  agreementOf,
  comparison,
  fixedAnswer,
  type Compare,
  type OtherAnswers,
} from '../../core/rewards/agreement.ts';
import { jointPartner, signalOf } from '../../core/rewards/coupling.ts';
import { behaviourOf } from '../../core/rewards/relation.ts';
import { answerOf, scorerOf, type RewardExtraction } from '../../core/rewards/parts.ts';
import { rewardNames, type RewardName, type RewardPart } from '../../core/rewards/rewards.ts';
import type { Sample } from '../../core/sample/sample.ts';
import { ownQuestion } from '../../core/rewards/own.ts';
import { isControl } from '../../core/view-list.ts';
import { similarities, type Encoder } from '../encoders/encoder.ts';
import type { OwnPrograms } from '../own/own-program.ts';
import type { DrawnGroups } from './source.ts';

/** A row with what was sampled for it, scored. */
export type ScoredRow = DrawnGroups<ScoredRollout> & Pick<ScoredPair, 'agreement' | 'changes'>;

export type TrainedRow = AssessedPair<ScoredRow>;

/** Scores the completions of drawn rows, part by part; penalties, totals and advantages are computed by `assess`. */
export async function scorePairs(
  sampled: readonly DrawnGroups<SampledRollout>[],
  config: Scoring,
  encoder: Encoder | null,
  ownRewards: OwnRewards | null,
): Promise<ScoredRow[]> {
  const names = rewardNames(config.rewards);
  const rows = sampled.map((row) => ({
    ...row,
    views: row.views.map((view) => ({
      ...view,
      group: view.group.map((rollout) => ({
        rollout,
        reading: readCompletion(rollout.segments.at(-1)!.text),
      })),
    })),
  }));
  const similarity = names.includes('semantic')
    ? await askEncoder(
        encoder!,
        rows.flatMap(({ views }) => views),
        config.extraction,
      )
    : () => 0;
  const ownParts = ownRewards && (await askPrograms(ownRewards, rows, config.extraction));

  return rows.map((row): ScoredRow => {
    const { others, agreement, agrees } = acrossViews(row, config);
    const { changes } = row.views[1] ?? {};
    return {
      ...row,
      agreement,
      ...(changes !== undefined && { changes }),
      views: row.views.map((view, v) => {
        const score =
          v === 1 && changes !== undefined
            ? counterfactualScorer(row.sample, view.sample, changes, config)
            : scorerOf(view.sample, names, config.extraction, similarity, others[v] ?? null);
        return {
          ...view,
          group: view.group.map((read, g) => {
            const scored = score(read.reading);
            return {
              ...read.rollout,
              ...scored,
              ...(agrees && { agrees: agrees[v]![g]! }),
              rewards: { ...scored.rewards, ...ownParts?.get(read) },
            };
          }),
        };
      }),
    };
  });
}

/**
 * Scores completions of a counterfactual (R56): the part that couples the views says whether they behave, and no other
 * part reads an answer, as if that of the turned pictures were unknown.
 */
function counterfactualScorer(
  original: Sample,
  turned: Sample,
  changes: boolean,
  { rewards, coupling, extraction }: Scoring,
): (reading: ReadCompletion) => Omit<ScoredRollout, 'segments'> {
  const score = scorerOf(turned, ['format'], extraction, () => 0);
  const behaviour = behaviourOf(original, changes);
  return (reading) => {
    const { right, ...scored } = score(reading);
    const part = behaviour(scored.answer_text);
    const partOf = (name: RewardName): RewardPart => {
      if (name === 'format') return scored.rewards.format!;
      return name === signalOf(coupling) ? part : { value: 0, why: 'a counterfactual has no reference' };
    };
    return {
      ...scored,
      right: turned.answer === '' ? null : right,
      behaves: part.value === 1,
      rewards: Object.fromEntries(rewardNames(rewards).map((name) => [name, partOf(name)])),
    };
  };
}

/** A completion beside what can be read in it. */
interface RolloutReading {
  rollout: SampledRollout;
  reading: ReadCompletion;
}

/** The programs that give rewards, and where the pictures are that they are told of. */
export interface OwnRewards {
  programs: OwnPrograms;
  fileOf: (path: string) => string;
}

/** What the user's own programs give each completion. */
async function askPrograms(
  { programs, fileOf }: OwnRewards,
  rows: readonly DrawnGroups<RolloutReading>[],
  extraction: RewardExtraction,
): Promise<Map<RolloutReading, Record<string, RewardPart>>> {
  const questions = rows.flatMap(({ views }) =>
    views.flatMap(({ view, sample, group }) =>
      group.map((read, index) => {
        const completion = read.rollout.segments.at(-1)!.text;
        const about = { view, index, completion, read: answerOf(read.reading, extraction) };
        return { read, question: ownQuestion(sample, about, fileOf) };
      }),
    ),
  );
  const parts = await programs.values(questions.map(({ question }) => question));
  return new Map(questions.map(({ read }, i) => [read, parts[i]!]));
}

type Scoring = Pick<GrpoConfig, 'rewards' | 'views' | 'extraction' | 'prompt' | 'coupling'>;

/**
 * What each view's answers are compared with, and how many agree. The agreement of a pair is of the answers as
 * evaluations read them; the reward reads them as the other rewards do.
 */
function acrossViews(
  { known, views: [one, other] }: DrawnGroups<RolloutReading>,
  { rewards, views, extraction, prompt, coupling }: Scoring,
): { others: (OtherAnswers | null)[]; agreement: number | null; agrees: boolean[][] | null } {
  // A counterfactual or a control has no answer that would map to the original's.
  if (other && (other.changes !== undefined || isControl(other.view)))
    return { others: [], agreement: null, agrees: null };
  // Nothing else asks for it, and every answer would be read once more.
  const isJoint = coupling.mode === 'joint';
  const isAsked =
    isJoint ||
    Boolean(rewards.agreement?.weight) ||
    views.partner === 'hardest' ||
    hasOtherPartners(partnersOf(views));
  const compare = isAsked && one && other ? comparison(one, other) : null;
  if (!compare || !one || !other) return { others: [], agreement: null, agrees: null };
  const lenient = ({ group }: { group: readonly RolloutReading[] }) =>
    group.map(({ reading }) => reading.lenient.text);
  const agreement = agreementOf(compare, lenient(one), lenient(other));
  const agrees = isJoint ? agreeing(compare, lenient(one), lenient(other)) : null;
  const { agreement: part } = rewards;
  if (!part?.weight || (part.rows === 'changing' && fixedAnswer(known, prompt) !== null))
    return { others: [], agreement, agrees };
  const answers = ({ group }: { group: readonly RolloutReading[] }) =>
    group.map(({ reading }) => answerOf(reading, extraction));
  return {
    others: [
      { compare, answers: answers(other) },
      { compare: (answer, original) => compare(original, answer), answers: answers(one) },
    ],
    agreement,
    agrees,
  };
}

/** Whether each completion agrees with its partner in the other view, by view. */
const agreeing = (compare: Compare, answers: readonly string[], others: readonly string[]): boolean[][] => [
  answers.map((answer, i) => compare(answer, others[jointPartner(i, others.length)] ?? null)),
  others.map((other, i) => compare(answers[jointPartner(i, answers.length)] ?? null, other)),
];

/** Computes all similarities of a step in one call of the encoder, so that equal texts are embedded once. */
async function askEncoder(
  encoder: Encoder,
  views: readonly { sample: Sample; group: readonly RolloutReading[] }[],
  extraction: RewardExtraction,
): Promise<(answer: string, reference: string) => number> {
  const pairs = views.flatMap(({ sample, group }) =>
    group.flatMap(({ reading }) => {
      const answer = answerOf(reading, extraction);
      return answer === null ? [] : [[answer, sample.answer] as const];
    }),
  );
  const values = await similarities(encoder, pairs);
  const byPair = new Map(pairs.map((pair, i) => [JSON.stringify(pair), values[i]!]));
  return (answer, reference) => byPair.get(JSON.stringify([answer, reference]))!;
}
