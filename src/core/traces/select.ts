import { compileFilter, type Column } from '../query/compile.ts';
import type { Filter } from '../query/property.ts';
import type { PairTable } from './table.ts';

export interface Sort {
  field: string;
  descending: boolean;
}

/**
 * The rows that a filter keeps, in the asked-for order; equal ones stay in the order of the table, and null comes last
 * either way.
 * @param hits as in `Rows`: where a text stands.
 */
export function selectRows(
  table: PairTable,
  filter: Filter,
  hits: (text: string) => (row: number) => boolean,
  sort: Sort | null,
): Uint32Array {
  const keeps = compileFilter(filter, { column: (name) => table.column(name), hits });
  const rows = new Uint32Array(table.length);
  let count = 0;
  for (let row = 0; row < table.length; row++) if (keeps(row)) rows[count++] = row;
  const kept = rows.slice(0, count);
  return sort ? sortRows(kept, table.column(sort.field), sort.descending) : kept;
}

function sortRows(rows: Uint32Array, column: Column, descending: boolean): Uint32Array {
  const rank = ranks(column);
  const sign = descending ? -1 : 1;
  const keys = Float64Array.from(rows, (row) => {
    const value = rank(row);
    return Number.isNaN(value) ? Infinity : sign * value;
  });
  const order = Uint32Array.from(rows, (_, i) => i);
  order.sort((a, b) => keys[a]! - keys[b]! || a - b);
  return order.map((i) => rows[i]!);
}

/** Texts are put in order once, so that rows compare as numbers. "row-2" comes before "row-10". */
function ranks(column: Column): (row: number) => number {
  if (column.type !== 'text') return (row) => column.values[row]!;
  const { words, codes } = column;
  const { compare } = new Intl.Collator('en', { numeric: true });
  const place = new Float64Array(words.length);
  Array.from(words.keys())
    .sort((a, b) => compare(words[a]!, words[b]!))
    .forEach((code, i) => (place[code] = i));
  return (row) => place[codes[row]!] ?? NaN;
}
