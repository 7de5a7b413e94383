import type { Node } from 'jsonc-parser';
import { isRecord } from '../../base/json.ts';
import { jsonTree, setInJson } from '../../core/annotation/edit-json.ts';

/**
 * Numbers that JavaScript cannot represent (`1e400`, long ids), as written in their file. A row stores these numbers
 * under a symbol, which the spread operator copies and JSON ignores. Functions that write the row use these numbers.
 */
const EXACT = Symbol('exact numbers');

type JsonPath = Parameters<typeof setInJson>[1];

interface ExactNumber {
  path: JsonPath;
  /** Text of the number in its file. */
  text: string;
  /** Value of the number in JavaScript. */
  value: number;
}

type Carrier = Record<string, unknown> & { [EXACT]?: readonly ExactNumber[] };

/** Matches every number that could lose precision, and also some strings, which `TOKENS` skips. */
const MAYBE_LOSSY = /[\d.]{17}|\de[+-]?\d{3}/i;
/** Matches strings, and also numbers that are long or have an exponent. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d(?:[\d.]{14}|[\d.]*[eE])[\d.eE+-]*/g;

/** Stores, in a row parsed from `text`, the numbers that would lose digits or become null. */
export function carryNumbers(text: string, value: unknown): void {
  if (!(value instanceof Object) || !MAYBE_LOSSY.test(text) || !(text.match(TOKENS) ?? []).some(isLossy))
    return;
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

export const carriesNumbers = (value: object): boolean => EXACT in value;

export function gatherNumbers(row: Record<string, unknown>): void {
  const numbers = Object.entries(row).flatMap(([column, cell]) =>
    cell instanceof Object && EXACT in cell
      ? (cell as Carrier)[EXACT]!.map((number) => ({ ...number, path: [column, ...number.path] }))
      : [],
  );
  if (numbers.length > 0) (row as Carrier)[EXACT] = numbers;
}

/** Copies the stored numbers of a row to a row made from it. @param below path of the new row in the old row */
export function passNumbers(from: unknown, to: object, below: JsonPath = []): void {
  const numbers = isRecord(from) ? (from as Carrier)[EXACT] : undefined;
  const carried = numbers?.filter(({ path }) => below.every((step, i) => path[i] === step));
  if (carried?.length)
    (to as Carrier)[EXACT] = carried.map((number) => ({ ...number, path: number.path.slice(below.length) }));
}

/** Returns the JSON of a row with the stored numbers as written in their file, unless they have changed. */
export function exactJson(row: object, numbers: object = row): string {
  let written = JSON.stringify(row);
  // Placeholder for a number until its digits replace the placeholder.
  let mark = '#';
  while (written.includes(mark)) mark += '#';
  for (const { path, text, value } of (numbers as Carrier)[EXACT] ?? [])
    for (const place of placesOf(path, row))
      if (Object.is(at(row, place), value))
        written = setInJson(written, place, mark).replace(`"${mark}"`, text);
  return written;
}

/** Returns possible paths of a value in a row made from another row: unchanged, under `meta`, or in a variant. */
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

/** Whether JavaScript's value of a number has other digits than its text. */
export function isLossy(text: string): boolean {
  // Numbers with up to 15 digits are always exact.
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
