import { type Column, compileFilter, textsOf } from '../query/compile.ts';
import { checkFilter, parseFilter } from '../query/parse.ts';
import { type Filter, type Property, UnknownProperty } from '../query/filter-tokens.ts';
import { fieldsFor, TRACE_FIELDS } from './trace-fields.ts';
import type { TraceQuery } from './trace-summary.ts';
import type { PairTable } from './trace-table.ts';

interface Queried {
  read: () => Promise<PairTable>;
  /** Returns 1 for each row that contains the text, and 0 for all other rows. */
  find: (text: string) => Promise<Uint8Array>;
  /** Adds the columns from other sources. Without this function, queries cannot use these columns. */
  joined?: ((table: PairTable) => Promise<PairTable>) | undefined;
}

/**
 * Answers a query: returns the table with all joined columns, and the matching rows in the requested order.
 * @throws FilterError for a mistake in the filter
 */
export async function answerQuery(
  query: TraceQuery,
  { read, find, joined }: Queried,
): Promise<{ table: PairTable; rows: Uint32Array }> {
  const text = query.text.trim();
  const fields = (unknown: readonly string[], own: readonly Property[]) =>
    joined ? fieldsFor(query.filter, unknown, own) : [...TRACE_FIELDS, ...own];
  // Only the traces determine custom properties, so other mistakes are reported before the traces are read.
  const mistake = checkFilter(query.filter, fields(['outcome'], []));
  if (mistake && !(mistake instanceof UnknownProperty)) throw mistake;
  const pairs = await read();
  const table = joined ? await joined(pairs) : pairs;
  const ownFilter = parseFilter(query.filter, fields(table.unknown(), pairs.fields));
  const filter: Filter = text ? { kind: 'and', parts: [{ kind: 'text', text }, ownFilter] } : ownFilter;
  const hits = new Map<string, Uint8Array>();
  for (const term of textsOf(filter)) hits.set(term, await find(term));
  const has = (term: string) => (row: number) => hits.get(term)![row] === 1;
  return { table, rows: selectRows(table, filter, has, query.sort) };
}

/**
 * Returns the rows that match a filter, in the requested order. Rows with equal values keep the order of the table, and
 * null is last in both directions.
 * @param hits returns a test of a text, as in `Rows`.
 */
export function selectRows(
  table: PairTable,
  filter: Filter,
  hits: (text: string) => (row: number) => boolean,
  sort: TraceQuery['sort'],
): Uint32Array {
  const keeps = compileFilter(filter, { column: (name) => table.column(name), hits });
  const rows = new Uint32Array(table.length);
  let count = 0;
  for (let row = 0; row < table.length; row++) if (keeps(row)) rows[count++] = row;
  const kept = rows.slice(0, count);
  return sort ? sortRows(kept, table.column(sort.field), sort.descending) : kept;
}

/** Sorts rows by counting: a few passes over the rows, regardless of their order. */
function sortRows(rows: Uint32Array, column: Column, descending: boolean): Uint32Array {
  const { ranks, count } = column.type === 'text' ? textRanks(rows, column) : numberRanks(rows, column);
  // Null has the rank `count`, so it is last in both directions.
  const rank = (i: number) => (descending && ranks[i]! < count ? count - 1 - ranks[i]! : ranks[i]!);
  const next = new Uint32Array(count + 2);
  for (let i = 0; i < rows.length; i++) next[rank(i) + 1]! += 1;
  for (let r = 1; r < next.length; r++) next[r]! += next[r - 1]!;
  const sorted = new Uint32Array(rows.length);
  for (let i = 0; i < rows.length; i++) sorted[next[rank(i)]!++] = rows[i]!;
  return sorted;
}

/** Rank of each row's value among the `count` distinct values. Null has the rank `count`. */
interface Ranks {
  ranks: Uint32Array;
  count: number;
}

function numberRanks(rows: Uint32Array, { values }: Column & { values: Float64Array }): Ranks {
  // Uses plain loops, because `from` and `filter` of typed arrays take several times as long.
  const keys = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) keys[i] = values[rows[i]!]!;
  const sorted = keys.slice().sort(); // Null is NaN, which is last.
  let count = 0;
  for (let i = 0; i < sorted.length && !Number.isNaN(sorted[i]); i++)
    if (count === 0 || sorted[i] !== sorted[count - 1]) sorted[count++] = sorted[i]!;
  const ranks = new Uint32Array(rows.length);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    if (Number.isNaN(key)) {
      ranks[i] = count;
      continue;
    }
    let low = 0;
    for (let high = count - 1; low < high;) {
      const middle = (low + high) >> 1;
      if (sorted[middle]! < key) low = middle + 1;
      else high = middle;
    }
    ranks[i] = low;
  }
  return { ranks, count };
}

/** Ranks strings so that "row-2" precedes "row-10". Ignores case. */
function textRanks(rows: Uint32Array, { codes, words }: Column & { type: 'text' }): Ranks {
  const keys = words.map((word) => word.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(15, '0')));
  const order = Array.from(words.keys()).sort((a, b) =>
    keys[a]! < keys[b]! ? -1 : keys[a]! > keys[b]! ? 1 : 0,
  );
  const place = new Uint32Array(words.length);
  let count = 0;
  order.forEach((code, i) => {
    if (i > 0 && keys[code] !== keys[order[i - 1]!]) count += 1;
    place[code] = count;
  });
  count += 1;
  const ranks = new Uint32Array(rows.length);
  for (let i = 0; i < rows.length; i++) ranks[i] = place[codes[rows[i]!]!] ?? count;
  return { ranks, count };
}
