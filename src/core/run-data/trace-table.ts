import { sum } from '../../base/numbers.ts';
import { nearest } from '../../base/problem.ts';
import type { ListedPair, TraceSummary } from './trace-summary.ts';
import type { Column } from '../query/compile.ts';
import {
  LIST_FIELDS,
  ownFields,
  ownValues,
  TRACE_FIELDS,
  type OwnField,
  type TraceField,
  valueOf,
} from './trace-fields.ts';

/** Assigns a number to each distinct string. Tables that can be joined share a dictionary. */
class Dictionary {
  readonly list: string[] = [];
  private readonly codes = new Map<string, number>();

  code(word: string): number {
    let code = this.codes.get(word);
    if (code === undefined) {
      code = this.list.push(word) - 1;
      this.codes.set(word, code);
    }
    return code;
  }
}

const isText = ({ type }: TraceField) => type === 'text' || type === 'choice';

type Dictionaries = ReadonlyMap<string, Dictionary>;
export const newDictionaries = (): Dictionaries =>
  new Map(TRACE_FIELDS.filter(isText).map(({ name }) => [name, new Dictionary()]));

/** Rows of a table, from index `from` up to, but not including, index `to`. */
interface TableRows {
  table: PairTable;
  from: number;
  to: number;
}

/** Summaries of many pairs, stored by property, with a few dozen bytes per pair. */
export class PairTable {
  private constructor(
    readonly length: number,
    private readonly columns: ReadonlyMap<string, Column>,
    /** Custom and external rewards and metrics, which are also columns. */
    readonly fields: readonly OwnField[],
  ) {}

  static from(summaries: readonly TraceSummary[], words: Dictionaries): PairTable {
    const columns = TRACE_FIELDS.map((field): [string, Column] => {
      const values = summaries.map((summary) => valueOf(summary, field));
      if (!isText(field)) {
        const numbers = Float64Array.from(values, (value) => (value === null ? NaN : Number(value)));
        return [field.name, { type: field.type === 'flag' ? 'flag' : 'number', values: numbers }];
      }
      const list = words.get(field.name)!;
      const codes = Int32Array.from(values, (value) => (value === null ? -1 : list.code(String(value))));
      return [field.name, { type: 'text', codes, words: list.list }];
    });
    const values = summaries.map(ownValues);
    const keys = new Set<string>();
    for (const each of values) for (const key in each) keys.add(key);
    const fields = ownFields([...keys]);
    const more = fields.map(({ name, key }): [string, Column] => [
      name,
      { type: 'number', values: Float64Array.from(values, (each) => each[key] ?? NaN) },
    ]);
    return new PairTable(summaries.length, new Map([...columns, ...more]), fields);
  }

  get rows(): TableRows {
    return { table: this, from: 0, to: this.length };
  }

  static join(some: readonly TableRows[], words: Dictionaries): PairTable {
    const runs = adjacent(some);
    const length = sum(runs.map(({ from, to }) => to - from));
    const columns = [...PairTable.from([], words).columns].map(([name, empty]): [string, Column] => {
      const parts = runs.map(({ table, from, to }) => {
        const column = table.columns.get(name)!;
        return (column.type === 'text' ? column.codes : column.values).subarray(from, to);
      });
      return [
        name,
        empty.type === 'text'
          ? { ...empty, codes: fill(new Int32Array(length), parts) }
          : { ...empty, values: fill(new Float64Array(length), parts) },
      ];
    });
    const valuesOf = (key: string) =>
      runs.map(({ table, from, to }) => {
        // Another table can have assigned the same name to a similar key.
        const column = table.columns.get(table.fields.find((ownField) => ownField.key === key)?.name ?? '');
        return column?.type === 'number'
          ? column.values.subarray(from, to)
          : new Float64Array(to - from).fill(NaN);
      });
    const keys = new Set(runs.flatMap(({ table }) => table.fields.map(({ key }) => key)));
    // Drops keys without values, which only occur in excluded rows.
    const fields = ownFields(
      [...keys].filter((key) => valuesOf(key).some((part) => part.some((value) => !Number.isNaN(value)))),
    );
    const more = fields.map(({ name, key }): [string, Column] => [
      name,
      { type: 'number', values: fill(new Float64Array(length), valuesOf(key)) },
    ]);
    return new PairTable(length, new Map([...columns, ...more]), fields);
  }

  /** Returns the reason why these pairs have no field with this name; null if they have the field. */
  faultOf(name: string): string | null {
    const names = [...TRACE_FIELDS, ...this.fields].map((field) => field.name);
    if (names.includes(name)) return null;
    const near = nearest(name, names);
    return `Field "${name}" does not exist. ${near ? `Did you mean "${near}"?` : `Fields: ${names.join(', ')}.`}`;
  }

  /** Returns the values of a property. @throws Error if no property has this name. */
  column(name: string): Column {
    const column = this.columns.get(name);
    if (!column) throw new Error(`Field "${name}" does not exist.`);
    return column;
  }

  with(name: string, column: Column): PairTable {
    return new PairTable(this.length, new Map([...this.columns, [name, column]]), this.fields);
  }

  has(name: string, word: string): boolean {
    const column = this.column(name);
    if (column.type !== 'text') return false;
    const code = column.words.indexOf(word);
    return code >= 0 && column.codes.includes(code);
  }

  /** Returns the properties that have no value in any row. */
  unknown(): string[] {
    return [...this.columns].flatMap(([name, column]) => {
      const isKnown =
        column.type === 'text'
          ? column.codes.some((code) => code >= 0)
          : column.values.some((value) => !Number.isNaN(value));
      return isKnown ? [] : [name];
    });
  }

  /** Returns the values that occur, "null" included, of each property that is a choice. */
  occurring(): Record<string, string[]> {
    const choices = LIST_FIELDS.filter(({ name, type }) => type === 'choice' && this.columns.has(name));
    return Object.fromEntries(
      choices.map(({ name, values = [] }) => {
        const { codes } = this.column(name) as Column & { type: 'text' };
        const occurs = (value: string) => (value === 'null' ? codes.includes(-1) : this.has(name, value));
        return [name, [...values, 'null'].filter(occurs)];
      }),
    );
  }

  row(row: number): ListedPair {
    const names = [...TRACE_FIELDS, ...this.fields].map(({ name }) => name);
    return Object.fromEntries(
      names.map((name) => [name, valueAt(this.columns.get(name)!, row)]),
    ) as ListedPair;
  }
}

function valueAt(column: Column, row: number): string | number | boolean | null {
  if (column.type === 'text') return column.words[column.codes[row]!] ?? null;
  const value = column.values[row]!;
  if (Number.isNaN(value)) return null;
  return column.type === 'flag' ? value === 1 : value;
}

/** Returns the same rows as the smallest number of ranges. */
function adjacent(some: readonly TableRows[]): TableRows[] {
  const runs: TableRows[] = [];
  for (const rows of some) {
    const last = runs.at(-1);
    if (last?.table === rows.table && last.to === rows.from) runs[runs.length - 1] = { ...last, to: rows.to };
    else if (rows.to > rows.from) runs.push(rows);
  }
  return runs;
}

function fill<T extends Int32Array | Float64Array>(whole: T, parts: readonly ArrayLike<number>[]): T {
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
