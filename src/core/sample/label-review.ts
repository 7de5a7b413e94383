import { isRecord } from '../json.ts';
import type { Sample } from './sample.ts';

/** What a person said of a row's label: that this is the right answer to this question. */
export interface LabelVerdict {
  by?: string;
  /** ISO 8601. */
  at: string;
  question: string;
  answer: string;
}

/** Why a label is doubted, by what models answered (docs/suspects.md). */
export interface LabelDoubt {
  /** The answer that is more probable. */
  likely?: string;
  /** P(the label is wrong), 0–1. */
  probability?: number;
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

const doubtOf = ({ likely, probability }: Record<string, unknown>): LabelDoubt => ({
  ...(isText(likely) && { likely }),
  ...(typeof probability === 'number' && { probability }),
});

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
