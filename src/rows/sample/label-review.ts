import { several } from '../../base/format.ts';
import { isRecord } from '../../base/json.ts';
import type { Sample } from './sample.ts';

/** Decision of a person about a row's label: the right answer to the row's question. */
export interface LabelVerdict {
  by?: string;
  /** Time of the decision in ISO 8601. */
  at: string;
  question: string;
  answer: string;
}

/** Reason to doubt a row's label, from the answers of models (docs/label-quality.md). */
export interface LabelDoubt {
  /** Most frequent answer among the answers that contradict the label. */
  likely?: string;
  /** Rank of the row among the evaluated rows, with 1 for the most suspicious row. */
  rank?: number;
  /** Number of answers to all views of the row. `contradicting`: the number of answers that contradict the label. */
  answered?: number;
  contradicting?: number;
}

/** Field `label_review` of a row: the original label, the doubt about the label, and all decisions of people. */
export interface LabelReview {
  given: string;
  doubt?: LabelDoubt;
  /** Decisions, the oldest first. */
  verdicts: LabelVerdict[];
}

/** States of a label. `suspect`: doubted, and the current label is not reviewed. `kept` and `corrected`: reviewed. */
type LabelState = 'suspect' | 'kept' | 'corrected' | 'none';

const isText = (value: unknown): value is string => typeof value === 'string';

/** Returns a review, or null. Skips malformed parts, because users can edit a review by hand. */
function reviewIn(review: unknown): LabelReview | null {
  if (!isRecord(review) || !isText(review.given)) return null;
  const { given, doubt, verdicts } = review;
  const entries = Array.isArray(verdicts) ? (verdicts as unknown[]) : [];
  return {
    given,
    ...(isRecord(doubt) && { doubt: doubtOf(doubt) }),
    verdicts: entries.filter(
      (entry): entry is LabelVerdict =>
        isRecord(entry) && isText(entry.at) && isText(entry.question) && isText(entry.answer),
    ),
  };
}

/** Returns the doubt about a label from a record in a file. Omits malformed values. */
export const doubtOf = ({ likely, rank, answered, contradicting }: Record<string, unknown>): LabelDoubt => ({
  ...(isText(likely) && { likely }),
  ...(typeof rank === 'number' && { rank }),
  ...(typeof answered === 'number' && { answered }),
  ...(typeof contradicting === 'number' && { contradicting }),
});

/** Returns a doubt as text: "5 of 6 model answers contradict the label (most frequent answer: right)". Null without values. */
export function doubtText({ likely, answered, contradicting }: LabelDoubt): string | null {
  if (answered === undefined || contradicting === undefined)
    return likely === undefined ? null : 'model answers contradict the label';
  const verb = contradicting === 1 ? 'contradicts' : 'contradict';
  const most = likely === undefined ? '' : ` (most frequent answer: ${likely})`;
  return `${contradicting} of ${several(answered, 'model answer')} ${verb} the label${most}`;
}

/**
 * Returns the review of a row's label, if any, and the state of the label. A decision belongs to a question and answer:
 * if either changes, the label is suspect again.
 */
export function readLabel(sample: Sample): { review: LabelReview | null; state: LabelState } {
  const review = reviewIn(sample.label_review);
  const last = review?.verdicts.at(-1);
  if (!review || (!last && !review.doubt)) return { review, state: 'none' };
  if (last?.question !== sample.question || last.answer !== sample.answer)
    return { review, state: 'suspect' };
  return { review, state: sample.answer === review.given ? 'kept' : 'corrected' };
}
