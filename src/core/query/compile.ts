import type { Comparison, Filter, Value } from './filter-tokens.ts';

/** Values of one property for all rows. Flags are 0 and 1. Null is NaN in numbers and −1 in codes. */
export type Column =
  | { type: 'number' | 'flag'; values: Float64Array }
  | { type: 'text'; codes: Int32Array; words: readonly string[] };

/** Rows that a filter can test, identified by numbers from 0. */
export interface Rows {
  column(property: string): Column;
  /** Returns a test of whether the texts of a row contain a string, ignoring case. */
  hits(text: string): (row: number) => boolean;
}

type Test = (row: number) => boolean;

/** Tolerance of numeric comparisons, because means are sums of floats. Smaller differences count as equal. */
const EPSILON = 1e-9;

/**
 * Compiles a filter to a test of rows. For null values, `<`, `>` and `contains` are false. `!=` is the exact opposite
 * of `=`, and `not` of its operand, so null != 1 is true.
 */
export function compileFilter(filter: Filter, rows: Rows): Test {
  const compile = (f: Filter): Test => {
    switch (f.kind) {
      case 'all':
        return () => true;
      case 'and':
        return f.parts.map(compile).reduce((a, b) => (row) => a(row) && b(row));
      case 'or':
        return f.parts.map(compile).reduce((a, b) => (row) => a(row) || b(row));
      case 'not': {
        const test = compile(f.part);
        return (row) => !test(row);
      }
      case 'compare':
        return compare(rows.column(f.property), f.comparison, f.value);
      case 'in': {
        const tests = f.values.map((value) => compare(rows.column(f.property), '=', value));
        return (row) => tests.some((test) => test(row));
      }
      case 'text':
        return rows.hits(f.text);
    }
  };
  return compile(filter);
}

/** Returns the conditions that a filter combines. */
function conditionsOf(f: Filter): Filter[] {
  if (f.kind === 'not') return conditionsOf(f.part);
  return f.kind === 'and' || f.kind === 'or' ? f.parts.flatMap(conditionsOf) : [f];
}

/** Returns the strings that a filter searches for, without duplicates. */
export const textsOf = (filter: Filter): string[] => [
  ...new Set(conditionsOf(filter).flatMap((f) => (f.kind === 'text' ? f.text : []))),
];

function compare(column: Column, comparison: Comparison, value: Value): Test {
  if (comparison === '!=') {
    const equal = compare(column, '=', value);
    return (row) => !equal(row);
  }
  if (column.type === 'text') return compareText(column, comparison, value);
  const { values } = column;
  if (value === null) return (row) => Number.isNaN(values[row]);
  const wanted = Number(value);
  // All comparisons are false for NaN, which represents null.
  switch (comparison) {
    case '=':
      return (row) => Math.abs(values[row]! - wanted) < EPSILON;
    case '<':
      return (row) => values[row]! <= wanted - EPSILON;
    case '<=':
      return (row) => values[row]! < wanted + EPSILON;
    case '>':
      return (row) => values[row]! >= wanted + EPSILON;
    case '>=':
      return (row) => values[row]! > wanted - EPSILON;
    case 'contains':
      return () => false;
  }
}

/** Compares each distinct string of a column once, so that each row only looks up the result by its code. */
function compareText(
  { codes, words }: Column & { type: 'text' },
  comparison: Comparison,
  value: Value,
): Test {
  if (value === null) return (row) => codes[row]! < 0;
  const wanted = String(value).toLowerCase();
  const holds = new Uint8Array(words.length);
  words.forEach((word, i) => {
    const text = word.toLowerCase();
    holds[i] = Number(comparison === 'contains' ? text.includes(wanted) : text === wanted);
  });
  return (row) => holds[codes[row]!] === 1;
}

/** Returns the properties that a filter compares, without duplicates. */
export const propertiesOf = (filter: Filter): string[] => [
  ...new Set(
    conditionsOf(filter).flatMap((f) => (f.kind === 'compare' || f.kind === 'in' ? f.property : [])),
  ),
];
