import { choiceIndex } from '../sample/choices.ts';
import type { Sample } from '../sample/sample.ts';

/**
 * Subject of a question about several images: the clip itself, one of the images, an event, or the event's time.
 * `question` and `answer` are the texts for the opposite order of the images; undefined if unchanged.
 */
export type Asks =
  /** Question about the length of the clip, or the number of its images. */
  | { kind: 'clip'; ofLength: boolean }
  /** Which of `things` appears first or last, or the order of all. `given` is the answer in words. */
  | { kind: 'appearance'; which: string | undefined; things: string[]; given: string | null }
  /** Number of times of an event, or its second. */
  | { kind: 'events'; question: string }
  | { kind: 'stamp'; question: string; second: string }
  /** Which of the images shows it. */
  | { kind: 'picture'; answer: string }
  /** Which of the images was taken before another. Without either text, the other order is undecided. */
  | { kind: 'taken'; question?: string; answer?: string }
  /** Facts that are true in all images, or in both. */
  | { kind: 'throughout'; both: boolean }
  /** Content of one image. The question is null if that image has no name in the opposite order. */
  | { kind: 'moment'; atStart: boolean; question: string | null }
  | {
      kind: 'motion';
      motion: 'direction' | 'change' | 'still' | 'backwards';
      question?: string;
      answer?: string;
    }
  /** Facts about a motion in either direction: who moves, how fast, in front of what. */
  | { kind: 'either-way' }
  /** Which of `things` begins, ends or crosses the middle first or last. `given` is the answer in words. */
  | {
      kind: 'timing';
      of: 'begins' | 'ends' | 'crosses';
      which: string;
      things: string[];
      given: string | null;
    }
  /** Distances, sizes, colours and numbers of objects, which all images show together. */
  | { kind: 'things'; ofNumber: boolean };

/** Returns the option that the answer refers to (null if it refers to none) or, without options, the answer itself. */
export const givenAnswer = ({ answer, choices }: Sample): string | null =>
  choices ? (choices[choiceIndex(answer, choices) ?? -1] ?? null) : answer;
