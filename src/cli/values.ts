import { DepthRange } from '../base/depth-range.ts';
import { InvalidArgumentError } from 'commander';
import { type ViewId, readViewId } from '../rows/view-list.ts';
import { familyOf } from '../core/seen/families.ts';
import { UsageError } from './errors.ts';

/** Returns a parser that collects the values of a repeatable option. @param read parser of one value */
export const repeated =
  <T>(read: (text: string) => T) =>
  (text: string, all: readonly T[]): T[] => [...all, read(text)];

export const collect = repeated((text) => text);

/** Joins repeated values of an option: `--map a=b --map c=d` equals `--map a=b,c=d`. */
export const joined = (text: string, before: string | undefined): string =>
  before === undefined ? text : `${before},${text}`;

/** Returns a parser for an option with a fixed list of values. */
export const oneOf =
  <T extends string>(known: readonly T[]) =>
  (text: string): T => {
    const word = known.find((value) => value === text);
    if (word === undefined) throw new InvalidArgumentError(`Choose from ${known.join(', ')}.`);
    return word;
  };

/** Returns a parser for a comma-separated list of values from a fixed list. */
export const listOf =
  <T extends string>(known: readonly T[]) =>
  (text: string): T[] =>
    text.split(',').map((part) => oneOf(known)(part.trim()));

/** Parses the value of an option as a whole number of at least 0. */
export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('The value must be a whole number of at least 0.');
  return Number(text);
}

export function atLeastOne(text: string): number {
  if (!/^\d+$/.test(text) || Number(text) === 0)
    throw new InvalidArgumentError('The value must be a whole number of at least 1.');
  return Number(text);
}

export function amount(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0))
    throw new InvalidArgumentError('The value must be a number of at least 0.');
  return value;
}

export function share(text: string): number {
  const value = amount(text);
  if (value === 0 || value > 1) throw new InvalidArgumentError('The value must be above 0 and at most 1.');
  return value;
}

export function depthRange(text: string): DepthRange {
  const range = DepthRange.parse(text);
  if (range) return range;
  throw new InvalidArgumentError('The value must be a range of values such as 0..5000, or "upper".');
}

/** Price per million tokens of prompt and completion, in any currency. */
export interface Price {
  input: number;
  output: number;
}

/** Parses a number of seconds. The maximum is 5 minutes, because Node's fetch then disconnects from a silent server. */
export function seconds(text: string): number {
  const value = atLeastOne(text);
  if (value > 300) throw new InvalidArgumentError('The value must be at most 300 seconds.');
  return value;
}

export function price(text: string): Price {
  const [input, output, ...rest] = text.split(',').map(Number);
  if (!(input! >= 0) || !(output! >= 0) || rest.length > 0)
    throw new InvalidArgumentError('The price must be two numbers, for example 0.15,0.6.');
  return { input: input!, output: output! };
}

export function asView(text: string): ViewId {
  const read = readViewId(text);
  if ('problem' in read) throw new UsageError(read.problem);
  return read.id;
}

/** Parses comma-separated ids of views, some of which contain commas (`crop:0,0,0.5,1`). @throws UsageError */
export function asViews(list: string): ViewId[] {
  const parts = list.split(',');
  const views: ViewId[] = [];
  while (parts.length > 0) {
    const last = parts.findIndex((_, i) => 'id' in readViewId(parts.slice(0, i + 1).join(',')));
    views.push(asView(parts.splice(0, Math.max(0, last) + 1).join(',')));
  }
  return views;
}

/** Returns a model family (core/seen/families.ts). @throws UsageError if the name is unknown or has a wrong limit */
export function requireFamily(name: string): ReturnType<typeof familyOf> {
  try {
    return familyOf(name);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
