import { isRecord } from '../../base/json.ts';
import type { Variant } from '../../rows/sample/sample.ts';

type Review = NonNullable<Variant['review']>;
export type ReviewState = Review['state'];
/** Decision of one person on a variant. */
export type PersonDecision = NonNullable<Review['decisions']>[number];

export type ReviewedTexts = Partial<Pick<Variant, 'question' | 'answer' | 'reasoning' | 'choices'>>;

/**
 * Whether people agree in their decisions on one variant. `none`: fewer than two people decided. `settled`: people
 * disagree, and a reviewer has selected the decision that counts.
 */
export type Consensus = 'none' | 'agree' | 'disagree' | 'settled';
export const CONSENSUS: readonly Consensus[] = ['none', 'agree', 'disagree', 'settled'];

const DECIDED: readonly unknown[] = ['accepted', 'edited', 'discarded'] satisfies ReviewState[];

/** Returns each person's decision, in order. A review without a list of decisions counts as one decision. */
export function decisionsOf({ review }: Pick<Variant, 'review'>): PersonDecision[] {
  if (Array.isArray(review?.decisions))
    return (review.decisions as unknown[]).filter(
      (decision): decision is PersonDecision => isRecord(decision) && DECIDED.includes(decision.state),
    );
  if (!review || !DECIDED.includes(review.state)) return [];
  const { by, at, state, note, judged, although } = review;
  return [
    {
      ...(by && { by }),
      ...(at && { at }),
      state: state as PersonDecision['state'],
      ...(note && { why: note }),
      ...(judged && { judged }),
      ...(although && { although }),
    },
  ];
}

/** Whether two row hashes in decisions refer to the same row. Older decisions contain only the start of a hash. */
const areOfSame = (one: string, other: string): boolean =>
  one === other || one.startsWith(`${other}-`) || other.startsWith(`${one}-`);

/** Returns the decisions that were made on the same row text as the last decision. */
function current(decisions: readonly PersonDecision[]): readonly PersonDecision[] {
  const last = decisions.at(-1)?.judged?.hash;
  return decisions.filter(({ judged }) => !last || !judged || areOfSame(judged.hash, last));
}

/** Returns the texts of a decision as a key. Equal keys mean agreement; all decisions to discard have one key. */
const keyOf = ({ state, texts }: PersonDecision, standing: ReviewedTexts): string =>
  state === 'discarded' ? state : JSON.stringify(textsOf(texts ?? standing));

export const textsOf = ({ question, answer, reasoning, choices }: ReviewedTexts): ReviewedTexts => ({
  ...(question !== undefined && { question }),
  ...(answer !== undefined && { answer }),
  ...(reasoning !== undefined && { reasoning }),
  ...(choices !== undefined && { choices }),
});

export function consensusOf(variant: Variant): Consensus {
  const decisions = current(decisionsOf(variant));
  if (decisions.length < 2) return 'none';
  if (new Set(decisions.map((decision) => keyOf(decision, variant))).size === 1) return 'agree';
  return DECIDED.includes(variant.review!.state) ? 'settled' : 'disagree';
}

/** Adds the current texts of a variant to its decisions that lack texts. Must be called before the texts change. */
export const pinned = (decisions: readonly PersonDecision[], standing: ReviewedTexts): PersonDecision[] =>
  decisions.map((decision) =>
    decision.state === 'discarded' || decision.texts ? decision : { ...decision, texts: textsOf(standing) },
  );

/**
 * Returns the review of a variant from people's decisions. If the people agree, the review has the fields of the last
 * decision; otherwise, the review is pending until settled.
 */
export function reviewBy(decisions: readonly PersonDecision[], standing: ReviewedTexts): Variant['review'] {
  const last = decisions.at(-1);
  if (!last) return { state: 'pending' };
  const counted = current(decisions);
  if (new Set(counted.map((decision) => keyOf(decision, standing))).size > 1)
    return { state: 'pending', decisions: [...decisions] };
  const { by, at, why, judged, although } = last;
  return {
    state: counted.find(({ state }) => state === 'edited')?.state ?? last.state,
    ...(by && { by }),
    ...(at && { at }),
    ...(why && { note: why }),
    ...(judged && { judged }),
    ...(although && { although }),
    ...(decisions.length > 1 && { decisions: [...decisions] }),
  };
}

/**
 * A person's decision on the program's text. Accepting another person's edit counts as `edited`, because it confirms
 * that the edit was needed.
 */
export interface Judgement {
  by: string;
  said: PersonDecision['state'];
}

export function judgementsOf(variant: Variant): Judgement[] {
  const decisions = current(decisionsOf(variant));
  const written = decisions.flatMap((decision) =>
    decision.state === 'edited' ? keyOf(decision, variant) : [],
  );
  return decisions.map((decision) => ({
    by: decision.by ?? '',
    said:
      decision.state === 'accepted' && written.includes(keyOf(decision, variant)) ? 'edited' : decision.state,
  }));
}
