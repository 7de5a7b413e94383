import { resolve } from 'node:path';
import type { Call } from '../core/call.ts';
import type { ImageBytes } from '../core/protocol/pair.ts';
import type { PairId, TraceQuery, TraceSource, TraceSummary, OpenedPair } from '../core/run-data/summary.ts';
import type { TraceImage, TraceList, TraceService } from '../core/protocol/trace-panel.ts';
import { openArrays, tokenTexts } from '../lab/traces/arrays.ts';
import { pairImage } from '../lab/traces/images.ts';
import { PairIndex, queryPairs, type Selection } from '../lab/traces/index.ts';
import { listSources, openSource } from '../lab/traces/sources.ts';
import { imageType } from './pair-row.ts';

/** How many indexes and lists to cache: for a panel or two, and what they showed just before. */
const MAX_INDEXES = 3;
const MAX_LISTS = 4;
/** How many of the lines that cannot be read a list explains. */
const MAX_PROBLEMS = 20;
/** How many rows one call may ask for. */
const MAX_PAGE = 1000;

/** The traces and evaluations of runs, for the panels. */
export class Traces implements TraceService {
  private readonly indexes = new Map<string, PairIndex>();
  private readonly lists = new Map<number, Promise<Selection & { index: PairIndex }>>();
  private next = 1;

  traceSources({ run }: { run: string }) {
    return listSources(run);
  }

  async traces(
    { query, list, ...source }: TraceSource & { query: TraceQuery; list?: number },
    call: Call<number>,
  ): Promise<TraceList> {
    const index = this.index(source);
    const answer = queryPairs(index, query, call).then((selection) => ({ ...selection, index }));
    // A caller with a known number is already asking for its rows.
    if (list !== undefined) this.keep(list, answer);
    const selection = await answer;
    if (list === undefined) this.keep((list = this.next), answer);
    const { parts, table } = selection.snapshot;
    const problems = parts.flatMap((part) => part.problems);
    return {
      list,
      total: selection.rows.length,
      of: table.length,
      mirrored: table.has('views', 'pair'),
      steps: [...new Set(parts.map(({ file }) => file.step))],
      broken: problems.length,
      problems: problems.slice(0, MAX_PROBLEMS),
    };
  }

  traceRows({ list, from, count }: { list: number; from: number; count: number }): Promise<TraceSummary[]> {
    return this.inList(list, ({ rows, snapshot }) =>
      Array.from(rows.subarray(from, from + Math.min(count, MAX_PAGE)), (row) => snapshot.table.summary(row)),
    );
  }

  traceIndex({ list, id }: { list: number; id: PairId }): Promise<number> {
    return this.inList(list, ({ rows, snapshot, index }) => rows.indexOf(index.rowOf(snapshot, id)));
  }

  async tracePair({ id, ...source }: TraceSource & { id: PairId }): Promise<OpenedPair> {
    const { pair, summary, file } = await this.index(source).open(id);
    const texts = source.source === undefined ? await tokenTexts(source.run) : null;
    const arrays = await openArrays(file.path.replace(/\.jsonl$/, '.bin'), pair, texts);
    return { summary, traced: pair, ...arrays };
  }

  async traceSample({ sample, ...source }: TraceSource & { sample: string }): Promise<TraceSummary[]> {
    const { table } = await this.index(source).refresh();
    const column = table.column('sample');
    const code = column.type === 'text' ? column.words.indexOf(sample) : -1;
    if (column.type !== 'text' || code < 0) return [];
    return [...column.codes.keys()]
      .filter((row) => column.codes[row] === code)
      .map((row) => table.summary(row));
  }

  async traceImage({
    id,
    image,
    allowed,
    ...source
  }: TraceImage & { allowed: string[] }): Promise<ImageBytes> {
    const { pair } = await this.index(source).open(id);
    const ref = pair.views[0]!.images[image];
    if (ref === undefined) throw new Error('The pair has no such image.');
    const bytes = await pairImage(source, pair.kind === 'evaluated' ? pair.set : null, ref, allowed);
    // Copy the bytes: they may be part of a larger buffer, which would be transferred as a whole.
    return { bytes: new Uint8Array(bytes), type: imageType(bytes) };
  }

  private index({ run, source }: TraceSource): PairIndex {
    const dir = resolve(run);
    const key = JSON.stringify([dir, source]);
    const index = this.indexes.get(key) ?? new PairIndex(openSource({ run: dir, source }));
    remember(this.indexes, MAX_INDEXES, key, index);
    return index;
  }

  private keep(list: number, answer: Promise<Selection & { index: PairIndex }>): void {
    answer.catch(() => undefined); // reported by the calls that wait for it
    remember(this.lists, MAX_LISTS, list, answer);
    this.next = Math.max(this.next, list + 1);
  }

  private async inList<T>(
    list: number,
    look: (selection: Selection & { index: PairIndex }) => T,
  ): Promise<T> {
    const known = this.lists.get(list);
    if (!known) throw new Error('This list is outdated: ask for the rows again.');
    return look(await known);
  }
}

/** Puts an entry last and drops the oldest beyond `most`. */
function remember<K, V>(map: Map<K, V>, most: number, key: K, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > most) map.delete(map.keys().next().value!);
}
