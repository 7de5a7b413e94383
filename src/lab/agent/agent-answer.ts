import { sep } from 'node:path';
import * as z from 'zod';
import { isRecord } from '../../base/json.ts';
import type { Size } from '../../rows/sample/boxes.ts';
import { visible } from '../../base/printable.ts';
import { fieldOf, OperationError } from '../operations/operation.ts';

// Clients cut what is long, some of them silently: an answer ends before they would, and says how to go on.

/** Characters of a whole answer, as JSON. */
export const MOST_CHARACTERS = 8000;
/** Characters of a text, and of one in a list. */
export const [TEXT, LISTED_TEXT] = [600, 100];
const ERROR = 1000;

/** What an agent did wrong, in its words: what there is, and what to call next. */
export class AgentError extends Error {}

/** An answer: a value of JSON, and images next to it. */
export interface Answer {
  value: Record<string, unknown>;
  pictures?: readonly Picture[];
}

/** An image as the model saw it, encoded again. */
export interface Picture {
  bytes: Uint8Array;
  mime: string;
  size: Size;
  from: Size;
}

/** Some fields of a record, in this order; `plainValue` leaves out those that it lacks. */
export const picked = <T extends object, Name extends keyof T>(record: T, ...names: Name[]): Pick<T, Name> =>
  Object.fromEntries(names.map((name) => [name, record[name]])) as Pick<T, Name>;

/** The first third and the last two thirds of a text, since answers stand at the end, and its length if it was cut. */
export function cutText(text: string, most: number): string {
  const shown = visible(text);
  if (shown.length <= most) return shown;
  const head = Math.floor(most / 3);
  return `${shown.slice(0, head)} … (${text.length} characters) … ${shown.slice(head - most)}`;
}

/**
 * A value as an answer holds it: texts and names of strangers with hidden characters by name, numbers with four digits,
 * nothing undefined.
 */
export function plainValue(value: unknown, roots: readonly string[] = []): unknown {
  if (typeof value === 'string') return withoutRoots(visible(value), roots);
  if (typeof value === 'number' && !Number.isInteger(value))
    return Number.isFinite(value) ? Number(value.toPrecision(4)) : null;
  if (Array.isArray(value)) return value.map((each) => plainValue(each, roots));
  if (!isRecord(value)) return value ?? null;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) =>
      each === undefined ? [] : [[visible(key), plainValue(each, roots)] as const],
    ),
  );
}

/**
 * A record as agents see it: without fields that name this machine or its folders (`local`) or are empty, and with long
 * texts cut.
 * @param longest characters of a text
 * @param isBrief whether to leave out details, too
 */
export function recordFor(
  schema: z.core.$ZodType,
  value: unknown,
  longest: number,
  isBrief = false,
): unknown {
  const { inner } = fieldOf(schema);
  if (typeof value === 'string') return cutText(value, longest);
  if (Array.isArray(value)) {
    const element = inner instanceof z.ZodArray ? inner.element : inner;
    return value.map((each) => recordFor(element, each, longest, isBrief));
  }
  if (!(inner instanceof z.ZodObject) || !isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(inner.shape).flatMap(([name, field]) => {
      const { local, detail } = fieldOf(field as z.ZodType);
      if (local || (isBrief && detail) || isEmpty(value[name])) return [];
      return [[name, recordFor(field as z.ZodType, value[name], longest, isBrief)]];
    }),
  );
}

const isEmpty = (value: unknown): boolean =>
  value == null || value === '' || (Array.isArray(value) && value.length === 0);

export const textOf = (value: unknown): string => JSON.stringify(plainValue(value));

/** Characters that a cursor and a list's brackets take. */
const MARGIN = 300;

/**
 * As many items of a list as an answer holds, at most `limit`.
 * @param head what else the answer says
 */
export function fitting<T>(head: object, items: readonly T[], limit = Infinity): T[] {
  let left = MOST_CHARACTERS - MARGIN - textOf(head).length;
  const shown: T[] = [];
  for (const item of items.slice(0, limit)) {
    left -= textOf(item).length + 1;
    if (left < 0 && shown.length > 0) break;
    shown.push(item);
  }
  return shown;
}

/** The largest of an answer's forms that fits. @param form for a size from 1 down */
export function largestFitting<T extends object>(form: (size: number) => T): T {
  for (let size = 1; size > 0.01; size *= 0.7) {
    const answer = form(size);
    if (textOf(answer).length <= MOST_CHARACTERS) return answer;
  }
  return form(0);
}

/**
 * The command that shows the same to a person. Names are words of strangers: they are quoted for a shell, and one that a
 * command would take for an option names none.
 */
export function commandFor(
  command: string,
  names: readonly string[],
  ...options: readonly string[]
): string | null {
  if (names.some((name) => name.startsWith('-'))) return null;
  const quoted = (word: string) =>
    /^[\w./:=,@-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
  return ['chirality', command, ...[...names, ...options].map(quoted)].join(' ');
}

/** A text with paths as names have them: no answer says where the folders lie. */
export const withoutRoots = (text: string, roots: readonly string[]): string =>
  roots
    .toSorted((a, b) => b.length - a.length)
    .reduce((told, root) => told.replaceAll(`${root}${sep}`, '').replaceAll(root, '.'), text);

/** What is told of an error: no more than an agent can use. */
export function errorText(error: Error, roots: readonly string[]): string {
  const { field, text, from, to, fix } = (error instanceof OperationError && error.at) || {};
  const at =
    text === undefined ? '' : ` At "${text.slice(from, to) || text.slice(-10)}", column ${from! + 1}.`;
  const message = `${field ? `${field}: ` : ''}${error.message}${at}${fix ? ` ${fix}` : ''}`;
  return withoutRoots(visible(message), roots).slice(0, ERROR);
}
