import { sep } from 'node:path';
import * as z from 'zod';
import { isRecord } from '../../base/json.ts';
import type { Size } from '../../rows/sample/boxes.ts';
import { visible } from '../../base/printable.ts';
import { cursorOf, fieldOf, keyIn, OperationError } from '../operations/operation.ts';

// Clients truncate long answers, some without notice. Therefore, answers have a maximum length and name the next call.

/** Maximum length of an answer as JSON, in characters. */
export const MOST_CHARACTERS = 8000;
/** Maximum length of a text, and of a text inside a list, in characters. */
export const [TEXT, LISTED_TEXT] = [600, 100];
const ERROR = 1000;

/** Error in an agent's call. The message contains the possible values and the next call. */
export class AgentError extends Error {}

/** An answer: a JSON value, and images. */
export interface Answer {
  value: Record<string, unknown>;
  pictures?: readonly Picture[];
}

/** Image in the form that the model saw, encoded again for the agent. */
export interface Picture {
  bytes: Uint8Array;
  mime: string;
  size: Size;
  from: Size;
}

/** Returns some fields of a record, in the order of `names`. `plainValue` removes missing fields. */
export const picked = <T extends object, Name extends keyof T>(record: T, ...names: Name[]): Pick<T, Name> =>
  Object.fromEntries(names.map((name) => [name, record[name]])) as Pick<T, Name>;

/** Shortens a text to its first third and last two thirds, because answers are at the end. Adds the text's length. */
export function cutText(text: string, most: number): string {
  const shown = visible(text);
  if (shown.length <= most) return shown;
  const head = Math.floor(most / 3);
  return `${shown.slice(0, head)} … (${text.length} characters) … ${shown.slice(head - most)}`;
}

/**
 * Returns a value for an answer: hidden characters escaped, no undefined fields.
 * @param digits significant digits of numbers; an agent gets four
 */
export function plainValue(value: unknown, roots: readonly string[] = [], digits = 4): unknown {
  if (typeof value === 'string') return withoutRoots(visible(value), roots);
  if (typeof value === 'number' && !Number.isInteger(value))
    return Number.isFinite(value) ? Number(value.toPrecision(digits)) : null;
  if (Array.isArray(value)) return value.map((each) => plainValue(each, roots, digits));
  if (!isRecord(value)) return value ?? null;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) =>
      each === undefined ? [] : [[visible(key), plainValue(each, roots, digits)] as const],
    ),
  );
}

/**
 * Returns a record without empty fields and without fields that reveal this machine or its folders (`local`). Long
 * texts are shortened.
 * @param longest maximum length of a text in characters
 * @param isBrief whether to omit details
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
  if (!isRecord(value)) return value;
  const shape = inner instanceof z.ZodObject ? inner.shape : value;
  return Object.fromEntries(
    Object.keys(shape).flatMap((name) => {
      const field = inner instanceof z.ZodObject ? (inner.shape[name] as z.ZodType) : ANY;
      const { local, detail } = fieldOf(field);
      if (local || (isBrief && detail) || isEmpty(value[name])) return [];
      return [[cutText(name, LISTED_TEXT), recordFor(field, value[name], longest, isBrief)]];
    }),
  );
}

const ANY = z.unknown();

/** Returns a record like `recordFor`, with all fields. */
export const shortened = (record: object, longest: number): Record<string, unknown> =>
  recordFor(ANY, record, longest) as Record<string, unknown>;

const isEmpty = (value: unknown): boolean =>
  value == null || value === '' || (Array.isArray(value) && value.length === 0);

export const textOf = (value: unknown): string => JSON.stringify(plainValue(value));

/** Number of characters reserved for a cursor and the brackets of a list. */
const MARGIN = 300;

/** Returns as many items of a list as fit into an answer. @param head all other fields of the answer */
export function fitting<T>(head: object, items: readonly T[]): T[] {
  let left = MOST_CHARACTERS - MARGIN - textOf(head).length;
  const shown: T[] = [];
  for (const item of items) {
    left -= textOf(item).length + 1;
    if (left < 0 && shown.length > 0) break;
    shown.push(item);
  }
  return shown;
}

/** Returns the index at which a list continues after the previous answer. @throws OperationError */
export const indexIn = (cursor: string | undefined): number =>
  cursor === undefined ? 0 : Number(keyIn(cursor)[0]);

/**
 * Returns an answer with a list: as many items as fit, and the cursor of the next page.
 * @param items items from index `from` of the whole list, which has `total` items
 * @param page.longest maximum length of a text in characters
 */
export function listed(
  head: object,
  name: string,
  items: readonly object[],
  page: { from?: number; total?: number; limit?: number; longest?: number } = {},
): Answer {
  const { from = 0, total = from + items.length, limit = items.length, longest = TEXT } = page;
  const shown = fitting(
    head,
    items.slice(0, limit).map((item) => shortened(item, longest)),
  );
  const next = from + shown.length;
  return { value: { ...head, [name]: shown, next: next < total ? cursorOf([next]) : null } };
}

/** Returns the largest form of an answer that fits. @param form returns the answer at a relative size of at most 1 */
export function largestFitting<T extends object>(form: (size: number) => T): T {
  for (let size = 1; size > 0.01; size *= 0.7) {
    const answer = form(size);
    if (textOf(answer).length <= MOST_CHARACTERS) return answer;
  }
  return form(0);
}

/**
 * Returns the command that shows the answer's content to a person. Names are quoted for a shell. Returns null if a name
 * looks like an option.
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

/** Makes paths in a text relative, because answers must not reveal folders of this machine. */
export const withoutRoots = (text: string, roots: readonly string[]): string =>
  roots
    .toSorted((a, b) => b.length - a.length)
    .reduce((told, root) => told.replaceAll(`${root}${sep}`, '').replaceAll(root, '.'), text);

/** Returns the message of an error, in a form that an agent can use. */
export function errorText(error: Error, roots: readonly string[]): string {
  const { field, text, from, to, fix } = (error instanceof OperationError && error.at) || {};
  const at =
    text === undefined ? '' : ` At "${text.slice(from, to) || text.slice(-10)}", column ${from! + 1}.`;
  const message = `${field ? `${field}: ` : ''}${error.message}${at}${fix ? ` ${fix}` : ''}`;
  return withoutRoots(visible(message), roots).slice(0, ERROR);
}
