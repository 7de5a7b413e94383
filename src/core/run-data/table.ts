import type { TraceSummary } from './summary.ts';
import type { Column } from '../query/compile.ts';
import { summaryFrom, TRACE_FIELDS, valueOf, type TraceField } from './fields.ts';

/** Numbers distinct texts. Tables that will be joined share it. */
export class Dictionary {
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

/** A dictionary for each property that is text. */
export type Dictionaries = ReadonlyMap<string, Dictionary>;
export const newDictionaries = (): Dictionaries =>
  new Map(TRACE_FIELDS.filter(isText).map(({ name }) => [name, new Dictionary()]));

/** Summaries of many pairs, stored by property: a few dozen bytes per pair. */
export class PairTable {
  private constructor(
    readonly length: number,
    private readonly columns: ReadonlyMap<string, Column>,
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
    return new PairTable(summaries.length, new Map(columns));
  }

  /** Appends tables that share their dictionaries. */
  static join(tables: readonly PairTable[], words: Dictionaries): PairTable {
    const length = tables.reduce((sum, table) => sum + table.length, 0);
    const columns = [...PairTable.from([], words).columns].map(([name, empty]): [string, Column] => {
      const parts = tables.map((table) => table.columns.get(name)!);
      if (empty.type === 'text') {
        return [
          name,
          {
            ...empty,
            codes: fill(
              new Int32Array(length),
              parts.map((p) => (p as typeof empty).codes),
            ),
          },
        ];
      }
      return [
        name,
        {
          ...empty,
          values: fill(
            new Float64Array(length),
            parts.map((p) => (p as typeof empty).values),
          ),
        },
      ];
    });
    return new PairTable(length, new Map(columns));
  }

  /** @throws if there is no property of this name. */
  column(name: string): Column {
    const column = this.columns.get(name);
    if (!column) throw new Error(`There is no property "${name}".`);
    return column;
  }

  /** Whether any row has a word in a text column. */
  has(name: string, word: string): boolean {
    const column = this.column(name);
    if (column.type !== 'text') return false;
    const code = column.words.indexOf(word);
    return code >= 0 && column.codes.includes(code);
  }

  summary(row: number): TraceSummary {
    return summaryFrom((name) => valueAt(this.columns.get(name)!, row));
  }
}

function valueAt(column: Column, row: number): string | number | boolean | null {
  if (column.type === 'text') return column.words[column.codes[row]!] ?? null;
  const value = column.values[row]!;
  if (Number.isNaN(value)) return null;
  return column.type === 'flag' ? value === 1 : value;
}

function fill<T extends Int32Array | Float64Array>(whole: T, parts: readonly T[]): T {
  let at = 0;
  for (const part of parts) {
    whole.set(part as ArrayLike<number> as Int32Array & Float64Array, at);
    at += part.length;
  }
  return whole;
}
