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

/** `english`: sentences as in datasets. `compact`: few words, each a single token. */
export type Style = 'english' | 'compact';

/** A question about an observation, before it is put into words. */
export interface Question {
  family: Family;
  /** One of the family's forms: yes/no, a choice of two, of n, … */
  form: string;
  /** Pole of two opposite predicates that the question uses or names first (left or right, closer or farther). */
  pole: Pole;
  /** Index of the form's wording. */
  wording: number;
  /** Indices of the objects in the question, in the order in which the form names them. */
  objects: number[];
}

export type Pole = 0 | 1;
export const other = (pole: Pole): Pole => (pole === 0 ? 1 : 0);

/** Words for the poles of left and right. */
export const SIDES = ['left', 'right'] as const;

export interface Wording {
  question: string;
  answer: string;
  /** Wrong one of two answers, if the answers are sentences. */
  wrong?: string;
  choices?: string[];
  reasoning: string;
  /** Indices of the objects whose boxes are the answer or justify it. */
  boxes?: number[];
}

export interface Form {
  task: 'yesno' | 'mcq' | 'open' | 'distance' | 'count' | 'bbox';
  /** Whether the predicate has an opposite, so that the other pole gives the opposite question. */
  opposite: boolean;
  wordings: number;
  compact?: boolean;
  /** Minimum number of objects that the question needs, if more than two. */
  least?: number;
  /** Axis of the question, if not every camera shows it. */
  axis?: Axis;
  /** Returns all lists of objects for which the question has a visible answer. */
  candidates: (o: Observation, style: Style, pole: Pole) => number[][];
  /** Whether the list can be reordered, because its order is only that of the choices. */
  list?: boolean;
  /** Whether the question names no individual objects, so that their order has no meaning. */
  unnamed?: boolean;
  say: (o: Observation, q: Question, style: Style) => Wording;
}

export type Forms = Record<string, Form>;

/** Returns a name such as "the red cube", or "red-cube" in the compact style. */
export function name(o: Observation, i: number, style: Style = 'english'): string {
  const words = o.solids[i]!.name;
  return style === 'compact' ? words.replace(' ', '-') : `the ${words}`;
}

/** Returns a name for choices, such as "red cube". */
export const label = (o: Observation, i: number, style: Style = 'english'): string =>
  style === 'compact' ? name(o, i, style) : o.solids[i]!.name;

/** Formats a list, such as "the red cube, the blue ball or the green cone". */
export function orList(o: Observation, objects: readonly number[]): string {
  const names = objects.map((i) => name(o, i));
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Formats metres, with one decimal in English and none in the compact style. */
export const meters = (m: number, style: Style = 'english'): string =>
  style === 'compact' ? `${Math.round(m)} metres` : `${m.toFixed(1)} meters`;

/** Returns the indices of the objects that are sufficiently visible. */
export const inSight = (o: Observation): number[] => o.solids.map((_, i) => i).filter((i) => isInSight(o, i));

/** Returns lists with one visible object each. */
export const singles = (o: Observation): number[][] => inSight(o).map((i) => [i]);

/** Returns ordered pairs of visible objects that pass the test. */
export function pairs(o: Observation, test: (a: number, b: number) => boolean): number[][] {
  const all = inSight(o);
  return all.flatMap((a) => all.filter((b) => b !== a && test(a, b)).map((b) => [a, b]));
}

/** Whether "left of it" can only mean the viewer's left, because the object has no sides of its own. */
export const faceless = (o: Observation, i: number): boolean => !o.world.objects[i]!.face;

/** Number of columns in the compact style on each side of the middle one. */
const COLUMNS = 4;

/**
 * Describes positions, such as "the red cube is 23% of the width to the left of the center". Words express the sign, so
 * a mirror changes only words. Empty for images from straight above, because a turn exchanges width and height.
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

/** Formats reasoning, such as "The red cube is …, the blue ball is …, so …." */
export const reasoningText = (facts: readonly string[], conclusion: string): string =>
  facts.length === 0
    ? `By the places in the picture, ${conclusion}.`
    : `${capital(facts.join(', '))}, so ${conclusion}.`;

/**
 * Returns the compact style's reasoning: name, column and distance of each object, then the conclusion: `red-cube
 * left-2 4 metres , blue-ball right-1 3 metres , to left`. A small model can learn from it to compare before it learns
 * how the question uses the comparison.
 */
export const sightings = (o: Observation, objects: readonly number[], conclusion?: string): string =>
  [
    ...objects.map(
      (i) => `${name(o, i, 'compact')} ${column(o, i)} ${meters(o.solids[i]!.distance, 'compact')}`,
    ),
    ...(conclusion ? [conclusion] : []),
  ].join(' , ');

/** Returns one of nine columns of equal width: `left-4` … `left-1`, `middle`, `right-1` … `right-4`. */
function column(o: Observation, i: number): string {
  const { right } = o.solids[i]!;
  const steps = Math.min(COLUMNS, Math.round(Math.abs(right) * (2 * COLUMNS + 1)));
  return steps === 0 ? 'middle' : `${right < 0 ? 'left' : 'right'}-${steps}`;
}

/** Position of an object according to a text in the compact style. */
export interface SaidPlace {
  /** Name such as "red-cube". */
  name: string;
  /** Both edges of its column, as shares of the image's width. */
  from: number;
  to: number;
  /** Null if the text contains no distance. */
  metres: number | null;
}

const SIGHTING = /\b([a-z]+(?:-[a-z]+)*) (?:(left|right)-([1-9])|middle)\b(?: (\d{1,3}) metres?\b)?/g;

/** Reads text by `sightings`, or by a model that learned it; texts in another style give []. */
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
 * Exchanges the answer of a row for the other one of two; its reasoning stays. Rows with other answers are unchanged.
 * @param sentence wrong answer of a row that is answered in a sentence
 */
export function withWrongAnswer(sample: Sample, sentence?: string): Sample {
  if (sentence !== undefined) return { ...sample, answer: sentence };
  const { answer, choices, task } = sample;
  const yesNo =
    task === 'yesno'
      ? [
          ['yes', 'no'],
          ['Yes', 'No'],
        ]
      : [];
  const two = [choices ?? [], ...yesNo].find((pair) => pair.length === 2 && pair.includes(answer));
  return two ? { ...sample, answer: two.find((option) => option !== answer)! } : sample;
}
