import { readCompletion, type ReadCompletion } from '../answers/extract.ts';
import type { Extraction } from '../answers/score.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { isControl } from '../../rows/view-list.ts';
import type { ViewedSample } from '../../rows/views/view.ts';
import { agreementOf, comparison, type Compare, type OtherAnswers } from './agreement.ts';
import { jointPartner, signalOf, type Coupling } from './coupling.ts';
import { hasOtherPartners, partnersOf, type PartnerRule, type PartnerSettings } from './draws.ts';
import { fixedAnswer } from './fixed-answers.ts';
import { answerOf, scorerOf } from './reward-parts.ts';
import { behaviourOf, type Counterfactual } from './counterfactual.ts';
import { rewardNames, type RewardName, type RewardPart, type Weights } from './rewards.ts';
import type { SampledRollout, ScoredPair, ScoredRollout } from './rollout.ts';

/** Sections of a config that determine how completions are scored. */
export interface Scoring {
  rewards: Weights & { agreement?: { weight: number; rows: string } | undefined };
  views: PartnerSettings & { partner?: PartnerRule | undefined };
  extraction: Extraction;
  prompt: string;
  coupling: Pick<Coupling, 'mode' | 'signal'>;
}

/** A row in one view, or a counterfactual of the row. */
type SeenView = ViewedSample & Partial<Pick<Counterfactual, 'changes'>>;

interface RowOf<View extends SeenView, Completion> {
  sample: Sample;
  views: (View & { group: Completion[] })[];
  /** The original and all partner views that the row can have. */
  known: ViewedSample[];
}

/** A completion with its parsed text. `answer` is the text that rewards use as the answer, or null. */
interface RolloutReading {
  rollout: SampledRollout;
  reading: ReadCompletion;
  answer: string | null;
}

export type RowWithScores<View extends SeenView> = RowOf<View, ScoredRollout> &
  Pick<ScoredPair, 'agreement' | 'changes'>;

/** Completions of a row, parsed before scoring so that encoders and custom rewards can process them in batches. */
export class RowReading<View extends SeenView> {
  readonly views: (View & { group: RolloutReading[] })[];

  constructor(
    private readonly row: RowOf<View, SampledRollout>,
    private readonly config: Scoring,
  ) {
    this.views = row.views.map((view) => ({
      ...view,
      group: view.group.map((rollout) => {
        const reading = readCompletion(rollout.segments.at(-1)!.text);
        return { rollout, reading, answer: answerOf(reading, config.extraction) };
      }),
    }));
  }

  /**
   * Scores the completions of the row, part by part. `assess` computes penalties, totals and advantages.
   * @param similarity returns the cosine of an answer with the reference answer; only called if `semantic` has a weight
   * @param ownParts custom rewards by completion
   */
  scored(
    similarity: (answer: string, reference: string) => number,
    ownParts: ReadonlyMap<RolloutReading, Record<string, RewardPart>> | null,
  ): RowWithScores<View> {
    const { row, config, views } = this;
    const names = rewardNames(config.rewards);
    const { others, agreement, agrees } = acrossViews(row.known, views, config);
    const { changes } = views[1] ?? {};
    return {
      ...row,
      agreement,
      ...(changes !== undefined && { changes }),
      views: views.map((view, v) => {
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
  }
}

/**
 * Returns a scorer for a counterfactual (R56). The coupled part is whether a completion behaves. No other part uses the
 * answer, because the right answer about the turned images can be unknown.
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
      return name === signalOf(coupling) ? part : { value: 0, why: 'no reference answer' };
    };
    return {
      ...scored,
      right: turned.answer === '' ? null : right,
      behaves: part.value === 1,
      rewards: Object.fromEntries(rewardNames(rewards).map((name) => [name, partOf(name)])),
    };
  };
}

/**
 * Compares the answers of both views, and computes their agreement. The agreement of a pair uses answers as extracted
 * in evaluations; the agreement reward uses the same answers as all other rewards.
 */
function acrossViews(
  known: readonly ViewedSample[],
  [one, other]: readonly (SeenView & { group: readonly RolloutReading[] })[],
  { rewards, views, prompt, coupling }: Scoring,
): { others: (OtherAnswers | null)[]; agreement: number | null; agrees: boolean[][] | null } {
  // A counterfactual or a control has no answer that can be mapped to the original's answer.
  if (other && (other.changes !== undefined || isControl(other.view)))
    return { others: [], agreement: null, agrees: null };
  // Computes agreement only if one of these settings needs it, because it requires parsing every answer again.
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
  const answers = ({ group }: { group: readonly RolloutReading[] }) => group.map(({ answer }) => answer);
  return {
    others: [
      { compare, answers: answers(other) },
      { compare: (answer, original) => compare(original, answer), answers: answers(one) },
    ],
    agreement,
    agrees,
  };
}

/** Returns, for each view, whether each completion agrees with its partner in the other view. */
const agreeing = (compare: Compare, answers: readonly string[], others: readonly string[]): boolean[][] => [
  answers.map((answer, i) => compare(answer, others[jointPartner(i, others.length)] ?? null)),
  others.map((other, i) => compare(answers[jointPartner(i, answers.length)] ?? null, other)),
];
