import { isInSight } from '../margins.ts';
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
] as const;
export type Family = (typeof FAMILIES)[number];

/** `english`: sentences as people and data sets write them. `compact`: few words, each a token of its own. */
export type Style = 'english' | 'compact';

/** A question about an observation, before it is put into words. */
export interface Question {
  family: Family;
  /** One of the family's forms: yes/no, a choice of two, of n, … */
  form: string;
  /** Which of the two opposite predicates it uses (left or right, closer or farther), or names first. */
  pole: Pole;
  /** Which of the form's wordings. */
  wording: number;
  /** The solids it is about, by index, in the order in which the form names them. */
  objects: number[];
}

export type Pole = 0 | 1;
export const other = (pole: Pole): Pole => (pole === 0 ? 1 : 0);

/** A question and its answer in words. */
export interface Wording {
  question: string;
  answer: string;
  choices?: string[];
  reasoning: string;
  /** Solids whose boxes the answer names. */
  boxes?: number[];
}

/** One form of a family. */
export interface Form {
  task: 'yesno' | 'mcq' | 'open' | 'distance' | 'count' | 'bbox';
  /** Whether a mirror turns the question's pole into the other: it speaks of left and right. */
  chiral: boolean;
  /** Whether its predicate has an opposite: asking with the other pole is its polarity flip. */
  opposite: boolean;
  /** Number of English wordings. */
  wordings: number;
  compact?: boolean;
  /** Number of solids that the question needs, if more than two. */
  least?: number;
  /** All lists of solids of which this question has an answer that can be seen. */
  candidates: (o: Observation, style: Style, pole: Pole) => number[][];
  /** Whether the list's order is free: it is that of the choices. */
  list?: boolean;
  /** Whether the question names no single solids, so that a bias about those does not concern it. */
  unnamed?: boolean;
  say: (o: Observation, q: Question, style: Style) => Wording;
}

export type Forms = Record<string, Form>;

/** "the red cube"; "red-cube" in the compact style. */
export function name(o: Observation, i: number, style: Style = 'english'): string {
  const words = o.solids[i]!.name;
  return style === 'compact' ? words.replace(' ', '-') : `the ${words}`;
}

/** The name as a choice: "red cube". */
export const label = (o: Observation, i: number, style: Style = 'english'): string =>
  style === 'compact' ? name(o, i, style) : o.solids[i]!.name;

/** "the red cube, the blue ball or the green cone". */
export function orList(o: Observation, objects: readonly number[]): string {
  const names = objects.map((i) => name(o, i));
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Metres to one decimal in English, whole metres in the compact style. */
export const meters = (m: number, style: Style = 'english'): string =>
  style === 'compact' ? `${Math.round(m)} metres` : `${m.toFixed(1)} meters`;

/** Solids that are well in sight. */
export const inSight = (o: Observation): number[] => o.solids.map((_, i) => i).filter((i) => isInSight(o, i));

/** Every solid in sight, alone. */
export const singles = (o: Observation): number[][] => inSight(o).map((i) => [i]);

/** Ordered pairs of solids in sight for which the test holds. */
export function pairs(o: Observation, test: (a: number, b: number) => boolean): number[][] {
  const all = inSight(o);
  return all.flatMap((a) => all.filter((b) => b !== a && test(a, b)).map((b) => [a, b]));
}

/** Whether "left of it" can only mean the viewer's left: the solid has no side of its own. */
export const faceless = (o: Observation, i: number): boolean => !o.world.objects[i]!.face;
