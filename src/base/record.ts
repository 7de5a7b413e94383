import type { z } from 'zod';
import { printable } from './printable.ts';

export interface RecordSource {
  file: string;
  /** Line number in the file, from 1. Only for files of lines. */
  line?: number;
  /** Command that creates the file, for records of this program. "" if several commands create such files. */
  madeBy?: string;
}

/**
 * Error for a record that does not match its schema: `metrics.jsonl:12 cannot be read: "loss" must be a number, not
 * "high".`
 */
export class RecordError extends Error {
  constructor(source: RecordSource, what: string, options?: ErrorOptions) {
    const line = source.line === undefined ? '' : `:${source.line}`;
    super(`${source.file}${line} cannot be read: ${what}`, options);
  }
}

/** A schema of zod or zod/mini. */
export interface RecordSchema<T> {
  safeParse(
    value: unknown,
    options: { reportInput: true },
  ): { success: true; data: T } | { success: false; error: { issues: z.core.$ZodIssue[] } };
}

/** Parses and checks the JSON text of a record. @throws RecordError with file, line and field */
export const parseRecord = <T>(schema: RecordSchema<T>, text: string, source: RecordSource): T =>
  checkRecord(schema, decodeRecord(text, source), source);

/** Parses a JSON text without checking the value. @throws RecordError */
export function decodeRecord(text: string, source: RecordSource): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = printable((error as Error).message, 200);
    throw new RecordError(source, `it is not JSON (${reason}).`, { cause: error });
  }
  if (isTooDeep(value)) throw new RecordError(source, `it is ${TOO_DEEP}.`);
  return value;
}

/** Maximum nesting depth of a row or record, so that recursive functions can process the input safely. */
const MAX_DEPTH = 100;
export const TOO_DEEP = `nested more than ${MAX_DEPTH} levels deep`;

/** Whether a JSON value is nested more than `levels` deep. */
export function isTooDeep(value: unknown, levels = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) {
    for (const inner of value) if (typeof inner === 'object' && isTooDeep(inner, levels - 1)) return true;
    return false;
  }
  // Loops over the keys of an object, because `Object.values` would create a list.
  for (const key in value) {
    const inner = (value as Record<string, unknown>)[key];
    if (typeof inner === 'object' && isTooDeep(inner, levels - 1)) return true;
  }
  return false;
}

/** Checks a decoded value against the record's schema. @throws RecordError with file, line and field */
export function checkRecord<T>(schema: RecordSchema<T>, value: unknown, source: RecordSource): T {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  const issue = innermost(parsed.error.issues[0]!);
  throw new RecordError(source, `${describe(issue)}${lacksField(issue) ? olderText(source) : ''}`);
}

/** Whether an issue concerns a missing field, or the version of a record. */
const lacksField = ({ input, path }: z.core.$ZodIssue): boolean =>
  input === undefined || path.at(-1) === 'version';

/** Returns an explanation if a record of this program has an older format. Version 0.1.0 was the first release. */
const olderText = ({ madeBy }: Pick<RecordSource, 'madeBy'>): string =>
  madeBy === undefined
    ? ''
    : ` The file is from a Chirality version before 0.1.0. Create the file again${madeBy && ` (\`${madeBy}\`)`}.`;

/**
 * Converts the decoded value of a line to a row. Throws a RecordError to skip the line, and calls `leaveOut` to skip a
 * part of the row.
 */
export type RowReader<T> = (value: unknown, source: RecordSource, leaveOut: (why: RecordError) => void) => T;

/**
 * Reads a JSON Lines file. An invalid line never stops reading, and every skipped line or part is reported. A last line
 * without a line break is still being written, so the next call reads it.
 */
export function parseLines<T>(
  text: string,
  file: string,
  read: RowReader<T>,
  leaveOut: (why: RecordError) => void,
): T[] {
  const lines = text.split('\n').slice(0, -1);
  return lines.flatMap((line, i) => parseLine(line, { file, line: i + 1 }, read, leaveOut));
}

/** Reads the row in one line of a file. Returns an empty list if the line is blank or skipped. */
export function parseLine<T>(
  text: string,
  source: RecordSource,
  read: RowReader<T>,
  leaveOut: (why: RecordError) => void,
): T[] {
  if (text.trim() === '') return [];
  try {
    return [read(decodeRecord(text, source), source, leaveOut)];
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    leaveOut(error);
    return [];
  }
}

/** Returns the issue. For a union, returns the issue of the member that was probably meant. */
function innermost(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  const union = issue.code === 'invalid_union' ? deepest(issue) : null;
  return union ? innermost(union) : issue;
}

/** Returns a sentence with the wrong field and the reason. */
function describe(issue: z.core.$ZodIssue): string {
  const field = issue.path.length === 0 ? 'it' : quoted(pathOf(issue.path));
  if (issue.code === 'unrecognized_keys') {
    const key = quoted(pathOf([...issue.path, issue.keys[0]!]));
    return `${key} is not a known field.`;
  }
  if (issue.input === undefined) return `${field} is missing.`;
  // The message of a refinement is either a full sentence or only the requirement.
  if (issue.code === 'custom' && /^[A-Z]/.test(issue.message)) return `${field}: ${issue.message}`;
  return `${field} must be ${demandOf(issue)}, not ${shown(issue.input)}.`;
}

/**
 * Returns the deepest issue among a union's members, because that member was probably meant. Null if all issues are at
 * the union itself.
 */
function deepest({ errors, path }: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue | null {
  const issues = errors.flatMap((member) =>
    member.length === 1 && member[0]!.path.length > 0 ? member : [],
  );
  const [first] = issues.sort((a, b) => b.path.length - a.path.length);
  return first ? { ...first, path: [...path, ...first.path] } : null;
}

const NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
  tuple: 'a list',
  null: 'null',
};

/** Returns the requirement of an issue, which follows "must be". */
export function demandOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return NAMES[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return `${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return sizeOf(issue, `${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`);
    case 'too_big':
      return sizeOf(issue, `${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`);
    case 'invalid_format':
      return issue.format === 'datetime' ? 'an ISO 8601 time' : `a ${issue.format}`;
    case 'invalid_union':
      return [...new Set(issue.errors.flatMap((union) => union.map(demandOf)))].join(' or ');
    default:
      return issue.message;
  }
}

/** Formats the limit of a number, or of the length of a text or list. */
function sizeOf({ origin }: { origin: string }, limit: string): string {
  const plural = limit.endsWith(' 1') ? '' : 's';
  if (origin === 'string') return `text of ${limit} character${plural}`;
  return origin === 'array' ? `a list of ${limit} item${plural}` : limit;
}

/** Formats the path of a field: `boxes[2].label`. */
const pathOf = (path: readonly PropertyKey[]): string =>
  path
    .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i === 0 ? '' : '.'}${String(key)}`))
    .join('');

const quoted = (text: string): string => `"${printable(text, 100)}"`;

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'string' ? quoted(value) : String(value);
}
