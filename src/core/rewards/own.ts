import type { Sample } from '../../rows/sample/sample.ts';
import type { ViewId } from '../../rows/view-list.ts';

/** A user's program that scores completions: a custom reward, or a custom metric (docs/training.md). */
export interface OwnProgram {
  /** Name of the program among rewards or metrics; `at` is its path in a config, such as `rewards.brevity`. */
  name: string;
  at: string;
  /** Program file, and its arguments. */
  command: readonly string[];
  /** Maximum time of the program per answer, in seconds. */
  timeout: number;
}

/**
 * Input of a custom program for one completion: a line of JSON with a number `n`, which the program repeats in its
 * output line (docs/training.md).
 */
export interface OwnQuestion {
  /** Id of the row, followed by its view, and the index of the completion in its group, from 0. */
  sample: string;
  view: ViewId;
  index: number;
  /** Question in this view; `reference` is its reference answer. */
  question: string;
  reference: string;
  choices?: string[];
  /** Image files of the original. Only the model receives the images of the view. */
  images: string[];
  completion: string;
  /** Text that the built-in rewards use as the answer; null if the completion has none. */
  answer: string | null;
}

/** Returns the input for a completion of a row in a view. @param fileOf returns the file of one of the row's images */
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
