import { several } from '../../base/format.ts';
import { isRecord } from '../../base/json.ts';
import type { Sample } from './sample.ts';

/** What a person said of a row's label: that this is the right answer to this question. */
export interface LabelVerdict {
  by?: string;
  /** ISO 8601. */
  at: string;
  question: string;
  answer: string;
}

/** Why a label is doubted, by what models answered (docs/label-quality.md). */
export interface LabelDoubt {
  /** The commonest of the answers that contradict it. */
  likely?: string;
  /** Its place among the rows that the models answered, the most suspicious being 1. */
  rank?: number;
  /** Answers to all views of the row, and how many of them contradict the label. */
  answered?: number;
  contradicting?: number;
}

/** The field `label_review` of a row: its label as it was given, why it is doubted, and all that people said of it. */
export interface LabelReview {
  given: string;
  doubt?: LabelDoubt;
  /** The oldest first. */
  verdicts: LabelVerdict[];
}

/** `suspect`: doubted, and nobody has looked at it as it is now; `kept` and `corrected`: what a person said of it. */
export const LABEL_STATES = ['suspect', 'kept', 'corrected', 'none'] as const;
export type LabelState = (typeof LABEL_STATES)[number];

const isText = (value: unknown): value is string => typeof value === 'string';

/** The review of a row's label; null if there is none. Files are edited by people: what is malformed is skipped. */
export function labelReviewOf({
  label_review: review,
}: Readonly<Record<string, unknown>>): LabelReview | null {
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

/** A doubt as it is written in files. */
export const doubtOf = ({ likely, rank, answered, contradicting }: Record<string, unknown>): LabelDoubt => ({
  ...(isText(likely) && { likely }),
  ...(typeof rank === 'number' && { rank }),
  ...(typeof answered === 'number' && { answered }),
  ...(typeof contradicting === 'number' && { contradicting }),
});

/** "5 of 6 model answers contradict it, most often with right", as far as the doubt says so; null if it says nothing. */
export function doubtText({ likely, answered, contradicting }: LabelDoubt): string | null {
  if (answered === undefined || contradicting === undefined)
    return likely === undefined ? null : 'model answers contradict it';
  const verb = contradicting === 1 ? 'contradicts' : 'contradict';
  const most = likely === undefined ? '' : `, most often with ${likely}`;
  return `${contradicting} of ${several(answered, 'model answer')} ${verb} it${most}`;
}

/**
 * The state of a row's label. A verdict belongs to the question and the answer that it was made on: when the row says
 * something else, the label is suspect again.
 */
export function labelState(sample: Sample): LabelState {
  const review = labelReviewOf(sample);
  if (!review) return 'none';
  const last = review.verdicts.at(-1);
  if (!last && !review.doubt) return 'none';
  if (last?.question !== sample.question || last.answer !== sample.answer) return 'suspect';
  return sample.answer === review.given ? 'kept' : 'corrected';
}
