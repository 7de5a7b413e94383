import type { CallOptions } from '../../core/protocol/channel.ts';
import type { TraceQuery } from '../../core/run-data/summary.ts';
import { textsOf } from '../../core/query/compile.ts';
import { parseFilter } from '../../core/query/parse.ts';
import type { Filter } from '../../core/query/property.ts';
import { TRACE_FIELDS } from '../../core/run-data/fields.ts';
import { selectRows } from '../../core/run-data/select.ts';
import type { PairIndex } from './index.ts';
import type { Snapshot } from './part.ts';

/** Rows of a snapshot, in the order that was asked for. */
export interface Selection {
  snapshot: Snapshot;
  rows: Uint32Array;
}

/**
 * Answers a query with what the files hold now; the share that is read is told, 0–1.
 * @throws FilterError at a mistake in the filter
 */
export async function queryPairs(
  index: PairIndex,
  query: TraceQuery,
  options: CallOptions<number> = {},
): Promise<Selection> {
  const text = query.text.trim();
  const own = parseFilter(query.filter, TRACE_FIELDS);
  const filter: Filter = text ? { kind: 'and', parts: [{ kind: 'text', text }, own] } : own;
  const snapshot = await index.refresh(options);
  const hits = new Map<string, Uint8Array>();
  for (const term of textsOf(filter)) hits.set(term, await index.find(snapshot, term, options));
  const has = (term: string) => (row: number) => hits.get(term)![row] === 1;
  return { snapshot, rows: selectRows(snapshot.table, filter, has, query.sort) };
}
