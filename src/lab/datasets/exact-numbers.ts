import type { Node } from 'jsonc-parser';
import { isRecord } from '../../base/json.ts';
import { jsonTree, setInJson } from '../../core/annotation/edit-json.ts';

/**
 * Numbers that JavaScript cannot hold (`1e400`, long ids), as their file writes them. A row carries them under a symbol,
 * which copies by spreading keep and JSON leaves out, so that whoever writes the row writes them as they were read.
 */
const EXACT = Symbol('exact numbers');

type JsonPath = Parameters<typeof setInJson>[1];

interface ExactNumber {
  path: JsonPath;
  /** As the file has it. */
  text: string;
  /** As JavaScript reads it. */
  value: number;
}

type Carrier = Record<string, unknown> & { [EXACT]?: readonly ExactNumber[] };

/** What every number that may lose something has; texts, which are skipped below, may have it as well. */
const MAYBE_LOSSY = /[\d.]{17}|\de[+-]?\d{3}/i;
/** Texts, and the numbers that are long or have an exponent. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d(?:[\d.]{14}|[\d.]*[eE])[\d.eE+-]*/g;

/** Makes a row that was parsed from `text` carry the numbers that would lose digits or become null. */
export function carryNumbers(text: string, value: unknown): void {
  if (!isRecord(value) || !MAYBE_LOSSY.test(text) || !(text.match(TOKENS) ?? []).some(isLossy)) return;
  const numbers: ExactNumber[] = [];
  const visit = (node: Node, path: JsonPath) => {
    const written = text.slice(node.offset, node.offset + node.length);
    if (node.type === 'number' && isLossy(written))
      numbers.push({ path, text: written, value: Number(written) });
    node.children?.forEach((child, i) => {
      if (node.type === 'array') visit(child, [...path, i]);
      else if (child.children?.[1]) visit(child.children[1], [...path, child.children[0]!.value as string]);
    });
  };
  visit(jsonTree(text), []);
  (value as Carrier)[EXACT] = numbers;
}

/** Makes a row carry the numbers of the one that it was made from. @param below where the row was in that one */
export function passNumbers(from: unknown, to: object, below: JsonPath = []): void {
  const numbers = isRecord(from) ? (from as Carrier)[EXACT] : undefined;
  const carried = numbers?.filter(({ path }) => below.every((step, i) => path[i] === step));
  if (carried?.length)
    (to as Carrier)[EXACT] = carried.map((number) => ({ ...number, path: number.path.slice(below.length) }));
}

/** The JSON of a row, with the numbers that it carries as they were read, unless they have been changed since. */
export function exactJson(row: object, numbers: object = row): string {
  let written = JSON.stringify(row);
  // Stands for a number until its digits are put in.
  let mark = '#';
  while (written.includes(mark)) mark += '#';
  for (const { path, text, value } of (numbers as Carrier)[EXACT] ?? [])
    for (const place of placesOf(path, row))
      if (Object.is(at(row, place), value))
        written = setInJson(written, place, mark).replace(`"${mark}"`, text);
  return written;
}

/** Where a value may be in a row that was made from another: in its place, with what has no field, or in a view. */
function placesOf(path: JsonPath, row: object): JsonPath[] {
  const { views = {}, ...named } = (at(row, ['variants']) ?? {}) as Record<string, object>;
  const above = [
    [],
    ['meta'],
    ['chirality'],
    ['chirality', 'meta'],
    ...Object.keys(named).map((name) => ['variants', name]),
    ...Object.keys(views).map((id) => ['variants', 'views', id]),
  ];
  const inner = path[0] === 'meta' || path[0] === 'chirality' ? [path, path.slice(1)] : [path];
  return above.flatMap((place) => inner.map((rest) => [...place, ...rest]));
}

const at = (value: unknown, path: JsonPath): unknown =>
  path.reduce<unknown>(
    (inner, step) => (inner instanceof Object ? (inner as Record<string, unknown>)[step] : undefined),
    value,
  );

/** Whether the number that JavaScript reads has other digits than its text. */
function isLossy(text: string): boolean {
  // Fifteen digits are always kept.
  if (text.startsWith('"') || (text.length < 16 && !/e/i.test(text))) return false;
  const value = Number(text);
  const read = String(value);
  return read !== text && (!Number.isFinite(value) || significant(text) !== significant(read));
}

const significant = (text: string): string =>
  text
    .replace(/e.*$/i, '')
    .replace(/[-.]/g, '')
    .replace(/^0+|0+$/g, '');
