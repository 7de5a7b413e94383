import { isRecord } from '../json.ts';
import type { PersonDecision, ReviewState, Sample, Variant } from '../spatial/sample.ts';

export type ReviewedTexts = Partial<Pick<Variant, 'question' | 'answer' | 'reasoning' | 'choices'>>;

/**
 * How people's decisions on one form go together. `none`: fewer than two decided. `settled`: they disagree, and
 * somebody has said what counts.
 */
export type Consensus = 'none' | 'agree' | 'disagree' | 'settled';
export const CONSENSUS: readonly Consensus[] = ['none', 'agree', 'disagree', 'settled'];

const DECIDED: readonly unknown[] = ['accepted', 'edited', 'discarded'] satisfies ReviewState[];

/** What each person decided, in the order in which they did; the fields of a review by one person are one decision. */
export function decisionsOf({ review }: Pick<Variant, 'review'>): PersonDecision[] {
  if (Array.isArray(review?.decisions))
    return (review.decisions as unknown[]).filter(
      (one): one is PersonDecision => isRecord(one) && DECIDED.includes(one.state),
    );
  if (!review || !DECIDED.includes(review.state)) return [];
  const { by, at, state, note } = review;
  return [
    {
      ...(by && { by }),
      ...(at && { at }),
      state: state as PersonDecision['state'],
      ...(note && { why: note }),
    },
  ];
}

/** Decisions with the same key come to the same: discarded, or taken with the same texts. */
const keyOf = ({ state, texts }: PersonDecision, standing: ReviewedTexts): string =>
  state === 'discarded' ? state : JSON.stringify(textsOf(texts ?? standing));

export const textsOf = ({ question, answer, reasoning, choices }: ReviewedTexts): ReviewedTexts => ({
  ...(question !== undefined && { question }),
  ...(answer !== undefined && { answer }),
  ...(reasoning !== undefined && { reasoning }),
  ...(choices !== undefined && { choices }),
});

export function consensusOf(variant: Variant): Consensus {
  const decisions = decisionsOf(variant);
  if (decisions.length < 2) return 'none';
  if (new Set(decisions.map((one) => keyOf(one, variant))).size === 1) return 'agree';
  return DECIDED.includes(variant.review!.state) ? 'settled' : 'disagree';
}

/** Before a form's texts change, decisions that were made on the texts which stood there say so. */
export const pinned = (decisions: readonly PersonDecision[], standing: ReviewedTexts): PersonDecision[] =>
  decisions.map((one) =>
    one.state === 'discarded' || one.texts ? one : { ...one, texts: textsOf(standing) },
  );

/**
 * The review of a form that these people have decided on. One person's fills the plain fields; where several agree,
 * these are the last one's; where they do not, the form waits for somebody who settles it.
 */
export function reviewBy(decisions: readonly PersonDecision[], standing: ReviewedTexts): Variant['review'] {
  const last = decisions.at(-1);
  if (!last) return { state: 'pending' };
  if (new Set(decisions.map((one) => keyOf(one, standing))).size > 1)
    return { state: 'pending', decisions: [...decisions] };
  const { by, at, why } = last;
  return {
    state: decisions.find(({ state }) => state === 'edited')?.state ?? last.state,
    ...(by && { by }),
    ...(at && { at }),
    ...(why && { note: why }),
    ...(decisions.length > 1 && { decisions: [...decisions] }),
  };
}

/** What a person said of the program's text. Who accepts a text that somebody else wrote says that it was needed. */
export interface Judgement {
  by: string;
  said: PersonDecision['state'];
}

export function judgementsOf(variant: Variant): Judgement[] {
  const decisions = decisionsOf(variant);
  const written = decisions.flatMap((one) => (one.state === 'edited' ? keyOf(one, variant) : []));
  return decisions.map((one) => ({
    by: one.by ?? '',
    said: one.state === 'accepted' && written.includes(keyOf(one, variant)) ? 'edited' : one.state,
  }));
}

/** The names of those who decided on any form of a row. */
export const decidersOf = ({ variants }: Sample): string[] =>
  Object.values(variants ?? {}).flatMap((variant) => decisionsOf(variant).map(({ by = '' }) => by));
