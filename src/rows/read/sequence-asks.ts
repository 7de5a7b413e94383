import { choiceIndex } from '../sample/choices.ts';
import type { Sample } from '../sample/sample.ts';

/**
 * What a question may ask of several images: of the clip itself, of one of them, of what happens, and when.
 * `question` and `answer` are those texts for the opposite order of the images; absent where they stay.
 */
export type Asks =
  /** How long the clip is, or how many images it has. */
  | { kind: 'clip'; ofLength: boolean }
  /** Which of `things` appears first or last, or in what order they all do; `given` is the answer in words. */
  | { kind: 'appearance'; which: string | undefined; things: string[]; given: string | null }
  /** How often something happens, or at what second. */
  | { kind: 'events'; question: string }
  | { kind: 'stamp'; question: string; second: string }
  /** Which of the pictures shows it. */
  | { kind: 'picture'; answer: string }
  /** Which of the pictures was taken before which; without either text, it is open what the other order makes of it. */
  | { kind: 'taken'; question?: string; answer?: string }
  /** What holds in all pictures, or in both. */
  | { kind: 'throughout'; both: boolean }
  /** What one picture shows; the question is null if that picture has no name in the opposite order. */
  | { kind: 'moment'; atStart: boolean; question: string | null }
  | {
      kind: 'motion';
      motion: 'direction' | 'change' | 'still' | 'backwards';
      question?: string;
      answer?: string;
    }
  /** What holds of a motion in either direction: who moves, how fast, in front of what. */
  | { kind: 'either-way' }
  /** Which of `things` begins, ends or crosses the middle first or last; `given` is the answer in words. */
  | {
      kind: 'timing';
      of: 'begins' | 'ends' | 'crosses';
      which: string;
      things: string[];
      given: string | null;
    }
  /** Distances, sizes, colours and numbers of things, which all pictures show together. */
  | { kind: 'things'; ofNumber: boolean };

/** The option that is the answer, or the answer itself; null if it is none of the options. */
export const givenAnswer = ({ answer, choices }: Sample): string | null =>
  choices ? (choices[choiceIndex(answer, choices) ?? -1] ?? null) : answer;
