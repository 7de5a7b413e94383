import type { Comparison } from '../../margins.ts';
import { label, name, other, type Pole, type Style } from '../../questions/question.ts';
import { atStart, inSightThroughout, type SeenClip } from '../seen-clip.ts';

export const MOTION_FAMILIES = [
  'moves',
  'which-moves',
  'faster',
  'passes',
  'order',
  'apart',
  'camera',
  'spin',
  'then',
  'still',
] as const;
export type MotionFamily = (typeof MOTION_FAMILIES)[number];

/** A question about a clip as data, without words. */
export interface MotionQuestion {
  family: MotionFamily;
  /** Name of the question's form in its family. */
  form: string;
  /** Pole of the two opposite predicates that the question uses or names first. */
  pole: Pole;
  /** Indices of the objects in the question, in the order of the form's slots. */
  objects: number[];
}

export interface MotionWording {
  question: string;
  answer: string;
  choices?: string[];
}

export interface MotionForm {
  task: 'yesno' | 'mcq' | 'open' | 'distance' | 'count';
  compact?: boolean;
  /** Minimum number of objects that a question of this form needs, if above two. */
  least?: number;
  /** Returns all lists of objects for which the frames clearly show the answer. */
  candidates: (clip: SeenClip) => number[][];
  /**
   * Returns the true one of two opposites, regardless of the question's pole: left, towards, in front, closer,
   * clockwise, or the object named first. Biases apply to this value. Absent if the form has no opposites.
   */
  truth?: (clip: SeenClip, objects: readonly number[]) => Pole;
  say: (clip: SeenClip, question: MotionQuestion, style: Style) => MotionWording;
}

export type MotionForms = Record<string, MotionForm>;

export const poleFor = (order: Comparison): Pole => (order < 0 ? 0 : 1);

/** Returns the names of objects in a question, such as "the red cube", or "red-cube" in the compact style. */
export const names = (clip: SeenClip, objects: readonly number[], style: Style = 'english'): string[] =>
  objects.map((i) => name(atStart(clip), i, style));

export const labels = (clip: SeenClip, objects: readonly number[], style: Style = 'english'): string[] =>
  objects.map((i) => label(atStart(clip), i, style));

export const singles = (clip: SeenClip, test: (i: number) => boolean): number[][] =>
  inSightThroughout(clip)
    .filter(test)
    .map((i) => [i]);

export function pairs(clip: SeenClip, test: (a: number, b: number) => boolean): number[][] {
  const all = inSightThroughout(clip);
  return all.flatMap((a) => all.filter((b) => b !== a && test(a, b)).map((b) => [a, b]));
}

/** Objects of a question about a comparison, and the comparison's true pole. */
type Compared = Required<Pick<MotionForm, 'candidates' | 'truth'>>;

export const ofOne = (compare: (clip: SeenClip, a: number) => Comparison): Compared => ({
  candidates: (clip) => singles(clip, (a) => compare(clip, a) !== 0),
  truth: (clip, [a]) => poleFor(compare(clip, a!)),
});

/** @param when additional condition on a candidate */
export const ofTwo = (
  compare: (clip: SeenClip, a: number, b: number) => Comparison,
  when: (clip: SeenClip, a: number, b: number) => boolean = () => true,
): Compared => ({
  candidates: (clip) => pairs(clip, (a, b) => compare(clip, a, b) !== 0 && when(clip, a, b)),
  truth: (clip, [a, b]) => poleFor(compare(clip, a!, b!)),
});

type Words = readonly [string, string];
/** Returns the question with a pole, about objects with these names. */
type AskPole = (pole: Pole, ...names: string[]) => string;
/** Returns the question with both answers, in the order of the choices, about objects with these names. */
type AskWays = (first: string, second: string, ...names: string[]) => string;

/** Returns the form that asks whether a pole of a comparison is true. */
export const askYesNo = (compared: Compared, english: AskPole, compact?: AskPole): MotionForm => ({
  task: 'yesno',
  compact: compact !== undefined,
  ...compared,
  say: (clip, { objects, pole }, style) => ({
    question: (style === 'compact' ? compact! : english)(pole, ...names(clip, objects, style)),
    answer: yesOrNo(compared.truth(clip, objects) === pole, style),
  }),
});

/** Returns the form that asks for the true pole of a comparison, with words for both poles as the choices. */
export const askWay = (
  compared: Compared,
  english: { words: Words; ask: AskWays },
  compact?: typeof english,
): MotionForm => ({
  task: 'mcq',
  compact: compact !== undefined,
  ...compared,
  say(clip, { objects, pole }, style) {
    const { words, ask } = style === 'compact' ? compact! : english;
    const choices: [string, string] = [words[pole], words[other(pole)]];
    return {
      question: ask(...choices, ...names(clip, objects, style)),
      answer: words[compared.truth(clip, objects)],
      choices,
    };
  },
});

/** Returns the form that asks for which of two objects a pole of a comparison is true. */
export const askWhich = (compared: Compared, english: AskPole, compact?: AskPole): MotionForm => ({
  task: 'mcq',
  compact: compact !== undefined,
  ...compared,
  say(clip, { objects, pole }, style) {
    const choices = labels(clip, objects, style);
    return {
      question: (style === 'compact' ? compact! : english)(pole, ...names(clip, objects, style)),
      answer: choices[compared.truth(clip, objects) === pole ? 0 : 1]!,
      choices,
    };
  },
});

export const yesOrNo = (yes: boolean, style: Style = 'english'): string =>
  style === 'compact' ? (yes ? 'yes' : 'no') : yes ? 'Yes' : 'No';
