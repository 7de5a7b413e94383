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

/** The sections of a config that decide how completions are scored. */
export interface Scoring {
  rewards: Weights & { agreement?: { weight: number; rows: string } | undefined };
  views: PartnerSettings & { partner?: PartnerRule | undefined };
  extraction: Extraction;
  prompt: string;
  coupling: Pick<Coupling, 'mode' | 'signal'>;
}

/** A view of a row, or its counterfactual. */
type SeenView = ViewedSample & Partial<Pick<Counterfactual, 'changes'>>;

interface RowOf<View extends SeenView, Completion> {
  sample: Sample;
  views: (View & { group: Completion[] })[];
  /** The original and all views that the row may be paired with. */
  known: ViewedSample[];
}

/** A completion next to what is read in it, and the text that the rewards read as its answer; null if there is none. */
interface RolloutReading {
  rollout: SampledRollout;
  reading: ReadCompletion;
  answer: string | null;
}

export type RowWithScores<View extends SeenView> = RowOf<View, ScoredRollout> &
  Pick<ScoredPair, 'agreement' | 'changes'>;

/** The completions of a row, read before they are scored, so that an encoder or a program can be asked about them. */
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
   * The row with its completions scored, part by part; penalties, totals and advantages are computed by `assess`.
   * @param similarity the cosine of an answer with the reference; asked only if `semantic` has a weight
   * @param ownParts what the user's own programs give completions
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
 * Scores completions of a counterfactual (R56): the part that couples the views says whether they behave, and no other
 * part reads an answer, as if that of the turned images were unknown.
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

/**
 * What each view's answers are compared with, and how many agree. The agreement of a pair is of the answers as
 * evaluations read them; the reward reads them as the other rewards do.
 */
function acrossViews(
  known: readonly ViewedSample[],
  [one, other]: readonly (SeenView & { group: readonly RolloutReading[] })[],
  { rewards, views, prompt, coupling }: Scoring,
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

/** Whether each completion agrees with its partner in the other view, by view. */
const agreeing = (compare: Compare, answers: readonly string[], others: readonly string[]): boolean[][] => [
  answers.map((answer, i) => compare(answer, others[jointPartner(i, others.length)] ?? null)),
  others.map((other, i) => compare(answers[jointPartner(i, answers.length)] ?? null, other)),
];
