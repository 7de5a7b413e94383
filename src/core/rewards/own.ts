import type { Sample } from '../../rows/sample/sample.ts';
import type { ViewId } from '../../rows/view-list.ts';

/** Program of the user that scores completions: a custom reward, or a custom metric (docs/training.md). */
export interface OwnProgram {
  /** Name among rewards or metrics, and its path in a config, such as `rewards.brevity`. */
  name: string;
  at: string;
  /** The program and its arguments. */
  command: readonly string[];
  /** Maximum seconds per answer. */
  timeout: number;
}

/**
 * Input of such a program for a completion: a line of JSON with a number `n`, which the output repeats
 * (docs/training.md).
 */
export interface OwnQuestion {
  /** Row id, view, and index of the completion in its group, from 0. */
  sample: string;
  view: ViewId;
  index: number;
  /** Question in this view, and its right answer. */
  question: string;
  reference: string;
  choices?: string[];
  /** Image files of the original; only the model gets the images of the view. */
  images: string[];
  completion: string;
  /** Text that the built-in rewards read as the answer; null without one. */
  answer: string | null;
}

/** Returns the input for a completion of a row in a view. @param fileOf returns the file of an image of the row */
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
