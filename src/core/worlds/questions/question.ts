import type { Sample } from '../../../rows/sample/sample.ts';
import { looksDown } from '../camera.ts';
import { isInSight, type Axis } from '../margins.ts';
import type { Observation } from '../observation.ts';

export const FAMILIES = [
  'side',
  'own-side',
  'above',
  'front',
  'nearer',
  'ordinal',
  'distance',
  'size',
  'count',
  'box',
  'between',
  'plane',
] as const;
export type Family = (typeof FAMILIES)[number];

/** `english`: sentences as in real datasets. `compact`: few words, each of which is a single token. */
export type Style = 'english' | 'compact';

/** A question about an observation as data, without words. */
export interface Question {
  family: Family;
  /** Name of the question's form in its family: yes/no, a choice of two, of n, … */
  form: string;
  /** Pole of the two opposite predicates that the question uses or names first (left or right, closer or farther). */
  pole: Pole;
  /** Index of the question's wording in its form. */
  wording: number;
  /** Indices of the objects in the question, in the order of the form's slots. */
  objects: number[];
}

export type Pole = 0 | 1;
export const other = (pole: Pole): Pole => (pole === 0 ? 1 : 0);

/** Words for the poles "left" and "right". */
export const SIDES = ['left', 'right'] as const;

export interface Wording {
  question: string;
  answer: string;
  /** The wrong answer, if the two possible answers are sentences. */
  wrong?: string;
  choices?: string[];
  reasoning: string;
  /** Indices of the objects whose boxes are the answer or explain it. */
  boxes?: number[];
}

export interface Form {
  task: 'yesno' | 'mcq' | 'open' | 'distance' | 'count' | 'bbox';
  /** Whether the predicate has an opposite. If so, the question with the other pole is the opposite question. */
  opposite?: boolean;
  /** Number of wordings, if more than one. */
  wordings?: number;
  compact?: boolean;
  /** Minimum number of objects that a question of this form needs, if above two. */
  least?: number;
  /** Axis of the question; absent if every camera shows this axis. */
  axis?: Axis;
  /** Returns all lists of objects for which the question has a visible answer. */
  candidates: (o: Observation, style: Style, pole: Pole) => number[][];
  /** Whether the list of objects can be reordered, because its order is only the order of the choices. */
  list?: boolean;
  /** Whether the question names no single objects, so that the order of its objects has no meaning. */
  unnamed?: boolean;
  say: (o: Observation, q: Question, style: Style) => Wording;
}

export type Forms = Record<string, Form>;

/** Returns the name of an object, such as "the red cube", or "red-cube" in the compact style. */
export function name(o: Observation, i: number, style: Style = 'english'): string {
  const words = o.solids[i]!.name;
  return style === 'compact' ? words.replace(' ', '-') : `the ${words}`;
}

/** Returns the name of an object in choices, such as "red cube". */
export const label = (o: Observation, i: number, style: Style = 'english'): string =>
  style === 'compact' ? name(o, i, style) : o.solids[i]!.name;

/** Formats a list of objects, such as "the red cube, the blue ball or the green cone". */
export function orList(o: Observation, objects: readonly number[]): string {
  const names = objects.map((i) => name(o, i));
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Formats metres with one decimal in English, and without decimals in the compact style. */
export const meters = (m: number, style: Style = 'english'): string =>
  style === 'compact' ? `${Math.round(m)} metres` : `${m.toFixed(1)} meters`;

/** Returns the indices of the objects that are sufficiently visible. */
export const inSight = (o: Observation): number[] => o.solids.map((_, i) => i).filter((i) => isInSight(o, i));

export const singles = (o: Observation): number[][] => inSight(o).map((i) => [i]);

/** Returns ordered pairs of visible objects that pass a test. */
export function pairs(o: Observation, test: (a: number, b: number) => boolean): number[][] {
  const all = inSight(o);
  return all.flatMap((a) => all.filter((b) => b !== a && test(a, b)).map((b) => [a, b]));
}

/** Whether "left of it" can only mean the viewer's left, because the object has no sides of its own. */
export const faceless = (o: Observation, i: number): boolean => !o.world.objects[i]!.face;

/** Number of columns on each side of the middle column, in the compact style. */
const COLUMNS = 4;

/**
 * Describes sideways positions, such as "the red cube is 23% of the width to the left of the center". Words express the
 * sign, so a mirror only changes words. Empty for images from straight above, where a turn exchanges both sides.
 */
export const sidewaysPlaces = (o: Observation, objects: number[]): string[] =>
  (looksDown(o.world.camera.pitch) ? [] : objects).map((i) => {
    const { right } = o.solids[i]!;
    const percent = Math.round(100 * Math.abs(right));
    const place = percent === 0 ? 'at' : `${percent}% of the width to the ${right < 0 ? 'left' : 'right'} of`;
    return `${name(o, i)} is ${place} the center`;
  });

/** Describes distances, such as "the red cube is 2.4 meters from the camera". */
export const cameraDistances = (o: Observation, objects: number[]): string[] =>
  objects.map((i) => `${name(o, i)} is ${meters(o.solids[i]!.distance)} from the camera`);

/** Formats facts and a conclusion as "The red cube is …, the blue ball is …, so …." */
export const reasoningText = (facts: readonly string[], conclusion: string): string =>
  facts.length === 0
    ? `By the places in the picture, ${conclusion}.`
    : `${capital(facts.join(', '))}, so ${conclusion}.`;

/**
 * Returns the reasoning of the compact style: name, column and distance of each object, then the conclusion: `red-cube
 * left-2 4 metres , blue-ball right-1 3 metres , to left`. From this reasoning, a small model can learn to compare
 * before it learns how the question uses the comparison.
 */
export const sightings = (o: Observation, objects: readonly number[], conclusion?: string): string =>
  [
    ...objects.map(
      (i) => `${name(o, i, 'compact')} ${column(o, i)} ${meters(o.solids[i]!.distance, 'compact')}`,
    ),
    ...(conclusion ? [conclusion] : []),
  ].join(' , ');

/** Returns an object's column, one of nine of equal width: `left-4` … `left-1`, `middle`, `right-1` … `right-4`. */
function column(o: Observation, i: number): string {
  const { right } = o.solids[i]!;
  const steps = Math.min(COLUMNS, Math.round(Math.abs(right) * (2 * COLUMNS + 1)));
  return steps === 0 ? 'middle' : `${right < 0 ? 'left' : 'right'}-${steps}`;
}

/** Position of an object as stated in a text of the compact style. */
export interface SaidPlace {
  /** Name of the object, such as "red-cube". */
  name: string;
  /** Left edge of the object's column, as a share of the image's width; `to` is the right edge. */
  from: number;
  to: number;
  /** Distance in metres; null if the text contains no distance. */
  metres: number | null;
}

const SIGHTING = /\b([a-z]+(?:-[a-z]+)*) (?:(left|right)-([1-9])|middle)\b(?: (\d{1,3}) metres?\b)?/g;

/** Reads the positions in a text by `sightings`, or by a model that learned this style; [] for any other text. */
export function readSightings(text: string): SaidPlace[] {
  return Array.from(text.matchAll(SIGHTING)).flatMap(([, name, side, steps = '0', metres]) => {
    const column = COLUMNS + (side === 'left' ? -1 : 1) * Number(steps);
    if (column < 0 || column > 2 * COLUMNS) return [];
    const width = 1 / (2 * COLUMNS + 1);
    return [
      {
        name: name!,
        from: column * width,
        to: (column + 1) * width,
        metres: metres === undefined ? null : Number(metres),
      },
    ];
  });
}

/**
 * Replaces a row's answer by the wrong one of two answers; the reasoning stays unchanged. Other rows are unchanged.
 * @param sentence wrong answer of a row whose answer is a sentence
 */
export function withWrongAnswer(sample: Sample, sentence?: string): Sample {
  if (sentence !== undefined) return { ...sample, answer: sentence };
  const { answer, choices, task } = sample;
  const yesNo = task === 'yesno' ? ['yes no', 'Yes No'].map((words) => words.split(' ')) : [];
  const two = [choices ?? [], ...yesNo].find((pair) => pair.length === 2 && pair.includes(answer));
  return two ? { ...sample, answer: two.find((option) => option !== answer)! } : sample;
}
