import { labelReviewOf, type LabelDoubt, type LabelReview } from '../sample/label-review.ts';
import type { Sample } from '../sample/sample.ts';

/** The row's `label_review` when somebody sends it to review. */
export const doubted = (sample: Sample, doubt: LabelDoubt = {}): LabelReview => ({
  given: sample.answer,
  verdicts: [],
  ...labelReviewOf(sample),
  doubt,
});

/** The row's `label_review` when a person says that its answer, as it stands, is right. */
export function confirmed(sample: Sample, { by, at }: { by?: string; at: string }): LabelReview {
  const review = labelReviewOf(sample) ?? { given: sample.answer, verdicts: [] };
  const { question, answer } = sample;
  return { ...review, verdicts: [...review.verdicts, { ...(by && { by }), at, question, answer }] };
}
