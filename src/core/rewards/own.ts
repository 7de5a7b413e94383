import type { Sample } from '../../rows/sample/sample.ts';
import type { ViewId } from '../../rows/view-list.ts';

/** A program of the user's own that values completions: a reward, or a metric of evaluations (docs/training.md). */
export interface OwnProgram {
  /** Its name among rewards or metrics, and where a config has it: `rewards.brevity`. */
  name: string;
  at: string;
  /** The program and its arguments. */
  command: readonly string[];
  /** Maximum seconds per answer. */
  timeout: number;
}

/**
 * What such a program is told of a completion: a line of JSON, with its number `n`, which the answer repeats
 * (docs/training.md).
 */
export interface OwnQuestion {
  /** The row's id, the view, and the number of the completion in its group, from 0. */
  sample: string;
  view: ViewId;
  index: number;
  /** As this view asks, and what is right in it. */
  question: string;
  reference: string;
  choices?: string[];
  /** The files of its images, as the original has them: a mirror is mirrored only for the model. */
  images: string[];
  completion: string;
  /** The text that the built-in rewards read as the answer; null if there is none. */
  answer: string | null;
}

/** What to ask about a completion of a row in a view. @param fileOf the file of an image of the row */
export const ownQuestion = (
  {
    id,
    question,
    answer,
    choices,
    images,
  }: Pick<Sample, 'id' | 'question' | 'answer' | 'choices' | 'images'>,
  { view, index, completion, read }: { view: ViewId; index: number; completion: string; read: string | null },
  fileOf: (path: string) => string,
): OwnQuestion => ({
  sample: id,
  view,
  index,
  question,
  reference: answer,
  ...(choices && { choices }),
  images: images.flatMap((image) => {
    const path = typeof image === 'string' ? image : image.path;
    return path === undefined ? [] : [fileOf(path)];
  }),
  completion,
  answer: read,
});
