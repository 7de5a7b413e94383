import { familyOfFolder } from '../runs/model-family.ts';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CallOptions } from '../../base/call.ts';
import {
  type PairId,
  searchText,
  type ListedPair,
  type TraceQuery,
  type TraceSource,
  type TraceSummary,
} from '../../core/run-data/trace-summary.ts';
import { answerQuery } from '../../core/run-data/trace-query.ts';
import { newDictionaries, PairTable } from '../../core/run-data/trace-table.ts';
import {
  lineTexts,
  versionOf,
  type PairFile,
  type PairSource,
  type ByteSpan,
  rowOf,
  type Part,
  type Snapshot,
  type PairAndArrays,
} from './pair-files.ts';
import { BATCH, PairSearch } from './pair-search.ts';
import { openSource } from './sources.ts';
import { RecentMap } from '../../base/recent-map.ts';
import { Turns } from '../../base/turns.ts';
import { ifMissing } from '../files/disk-error.ts';
import { openFile } from '../files/regular.ts';

/** Maximum number of text characters that are cached for search. A character takes at most two bytes. */
const KEPT_CHARACTERS = 96 * 2 ** 20;
/** Two changes of a folder within this time (ms) can leave the same modification time. */
const CLOCK_GRAIN_MS = 2000;
/** Maximum number of cached indexes: one or two panels and their previous contents. */
const MAX_INDEXES = 4;
/** Number of files that are checked concurrently. */
const AT_ONCE = 64;

/** Maximum number of files to read before their rows become a table. */
const TABULATED = 1000;

const NO_LINE: ByteSpan = { at: 0, bytes: 0 };

interface PartRead {
  part: Part;
  summaries: TraceSummary[];
}

/** Indexes every pair of a source: its location, and the fields for filters and sorting. Reads only new data. */
export class PairIndex {
  private readonly words = newDictionaries();
  private readonly search: PairSearch;
  private parts = new Map<string, Part>();
  /** Rows of each part in the part's table. */
  private rows = new Map<Part, PairTable['rows']>();
  private current: Snapshot;
  /** Modification time of the source when all files were last checked. */
  private seen: number | null = null;
  private readonly turns = new Turns();

  private familyOfRun: Promise<string | null> | undefined;

  /** @param characters maximum number of cached characters of texts */
  constructor(
    private readonly source: PairSource,
    characters = KEPT_CHARACTERS,
  ) {
    this.search = new PairSearch(source, characters);
    this.current = { parts: [], starts: [], table: PairTable.join([], this.words) };
  }

  /** Updates the index, and reports progress from 0 to 1. After an abort, parts that were read remain in the index. */
  refresh(options: CallOptions<number> = {}): Promise<Snapshot> {
    // Runs updates one by one, because each update continues from the previous one.
    return this.turns.run(() => this.update(options));
  }

  /** Returns, for each row of a snapshot, 1 if the row contains a text, otherwise 0. */
  find(snapshot: Snapshot, text: string, options: CallOptions<number>): Promise<Uint8Array> {
    return this.search.find(snapshot, text, options);
  }

  /** Returns the row of a pair in a snapshot, or −1 if the snapshot lacks the pair. */
  rowOf({ parts, starts }: Snapshot, { step, pair }: PairId): number {
    for (const [p, part] of parts.entries()) {
      const row = part.file.step === step ? rowOf(part, pair) : -1;
      if (row >= 0) return starts[p]! + row;
    }
    return -1;
  }

  /** Returns the model family of the run. Null if unknown, such as for external runs. */
  family(run: string): Promise<string | null> {
    this.familyOfRun ??= familyOfFolder(run);
    return this.familyOfRun;
  }

  /** Reads the first pair that fits; null if none fits. */
  async openFirst(fits: (pair: ListedPair) => boolean, options: CallOptions<number> = {}) {
    const { table } = await this.refresh(options);
    for (let row = 0; row < table.length; row++)
      if (fits(table.row(row))) return (await this.open(table.row(row))).pair;
    return null;
  }

  /** Reads a pair from its file. @throws an error with a message for users, if the pair is missing */
  async open(id: PairId): Promise<PairAndArrays & { summary: ListedPair; file: PairFile }> {
    for (let attempt = 0; attempt < 2; attempt++) {
      const snapshot = await this.refresh();
      const row = this.rowOf(snapshot, id);
      if (row < 0)
        throw new Error(
          `Pair ${id.pair} of step ${id.step} does not exist. The run might have been resumed from an earlier step.`,
        );
      const p = snapshot.starts.findLastIndex((start) => start <= row);
      const part = snapshot.parts[p]!;
      const texts = await linesOf(part, row - snapshot.starts[p]!);
      if (texts) {
        const opened = await this.source.open(part.file, texts, id.pair);
        return { ...opened, summary: snapshot.table.row(row), file: part.file };
      }
      this.seen = null; // The file was changed in place, which leaves the folder's modification time unchanged.
    }
    throw new Error(`Step ${id.step} is still being written. Try again.`);
  }

  private async update({ signal, onProgress }: CallOptions<number>): Promise<Snapshot> {
    const now = Date.now();
    const changed = (await this.source.changed?.()) ?? null;
    if (changed !== null && changed === this.seen) return this.current;
    const files = await this.source.files();
    const { known, missing } = await this.compare(files);
    for (const [name, part] of this.parts) if (known.get(name) !== part) this.search.forget(part);
    this.parts = known;
    const total = missing.reduce((sum, { size }) => sum + size, 0);
    let done = 0;
    let read: PartRead[] = [];
    try {
      for (const { file, size } of missing) {
        const part = await this.read(file, {
          signal,
          onProgress: (share) => onProgress?.((done + share * size) / total),
        });
        if (part) read.push(part);
        done += size;
        if (read.length < TABULATED) continue;
        this.tabulate(read);
        read = [];
      }
    } finally {
      this.tabulate(read);
    }
    this.assemble(files.flatMap(({ name }) => this.parts.get(name) ?? []));
    this.seen = changed !== null && now - changed > CLOCK_GRAIN_MS ? changed : null;
    return this.current;
  }

  /**
   * Separates unchanged files from new and changed files. If the source has a modification time, checks the last files
   * first. Checks other files only if the last files do not explain the change.
   */
  private async compare(files: readonly PairFile[]) {
    const unchanged = new Map<string, Part>();
    const batches: { file: PairFile; size: number }[][] = [];
    const unknown = files.findIndex(({ name }) => !this.parts.has(name));
    let isExplained = false;
    let from = files.length;
    while (from > 0) {
      const to = from;
      from = Math.max(0, to - AT_ONCE);
      const some = files.slice(from, to);
      const versions = await Promise.all(
        some.map((file) =>
          stat(file.path).then(
            (stats) => versionOf(stats, file),
            () => null,
          ),
        ),
      );
      const missing: (typeof batches)[number] = [];
      for (const [j, file] of some.entries()) {
        const present = versions[j];
        const part = this.parts.get(file.name);
        if (part && part.version === present?.version) unchanged.set(file.name, part);
        else if (present) missing.push({ file, size: present.size });
      }
      batches.push(missing);
      if (missing.length > 0) isExplained = this.source.changed !== undefined;
      else if (isExplained && (unknown < 0 || unknown >= from)) break;
    }
    for (const { name } of files.slice(0, from)) unchanged.set(name, this.parts.get(name)!);
    return { known: unchanged, missing: batches.reverse().flat() };
  }

  /** Stores what was read from several files in one table: a table per step would take more memory than its pairs. */
  private tabulate(read: readonly PartRead[]): void {
    const table = PairTable.from(
      read.flatMap(({ summaries }) => summaries),
      this.words,
    );
    let from = 0;
    for (const { part } of read) {
      this.rows.set(part, { table, from, to: (from += part.pairs.length) });
      this.parts.set(part.file.name, part);
    }
  }

  private assemble(parts: Part[]): void {
    const before = this.current.parts;
    if (parts.length === before.length && parts.every((part, p) => part === before[p])) return;
    const table = PairTable.join(
      parts.map((part) => this.rows.get(part)!),
      this.words,
    );
    let start = 0;
    const starts = parts.map(({ pairs }) => (start += pairs.length) - pairs.length);
    const rowsOf = (from: number, to: number): PairTable['rows'] => ({ table, from, to });
    this.rows = new Map(parts.map((part, p) => [part, rowsOf(starts[p]!, starts[p]! + part.pairs.length)]));
    this.current = { parts, starts, table };
  }

  /** Reads a file. Null if the file is missing. */
  private async read(file: PairFile, { signal, onProgress }: CallOptions<number>): Promise<PartRead | null> {
    const handle = await openFile(file.path).catch(ifMissing(null));
    if (!handle) return null;
    try {
      const { version, size } = versionOf(await handle.stat(), file);
      const rows: { summary: TraceSummary; spans: ByteSpan[]; text: string }[] = [];
      const problems: string[] = [];
      let count = 0;
      for await (const each of this.source.read(file, lineTexts(handle, size))) {
        if ('pair' in each)
          rows.push({ summary: each.summary, spans: each.spans, text: searchText(each.pair) });
        else problems.push(each.problem);
        if (count++ % BATCH > 0) continue;
        await nextTurn(undefined, { signal });
        onProgress?.((rows.at(-1)?.spans[0]?.at ?? 0) / size);
      }
      rows.sort((a, b) => a.summary.pair - b.summary.pair);
      const summaries = rows.map(({ summary }) => summary);
      const spans = rows.flatMap(({ spans: [first = NO_LINE, second = NO_LINE] }) =>
        [first, second].flatMap(({ at, bytes }) => [at, bytes]),
      );
      const part = { file, version, pairs: summaries.map(({ pair }) => pair), spans, problems };
      this.search.keep(
        part,
        rows.map(({ text }) => text),
      );
      return { part, summaries };
    } finally {
      await handle.close();
    }
  }
}

/** Reads the lines of a row. Null if the file has changed since indexing. */
async function linesOf({ file, version, spans }: Part, row: number): Promise<string[] | null> {
  if (file.version !== undefined) return [];
  const handle = await openFile(file.path).catch(ifMissing(null));
  if (!handle) return null;
  try {
    if (versionOf(await handle.stat(), file).version !== version) return null;
    const texts: string[] = [];
    for (const at of [4 * row, 4 * row + 2]) {
      const bytes = new Uint8Array(spans[at + 1]!);
      if (bytes.length === 0) continue;
      await handle.read(bytes, 0, bytes.length, spans[at]);
      texts.push(new TextDecoder().decode(bytes));
    }
    return texts;
  } finally {
    await handle.close();
  }
}

const indexes = new RecentMap<string, PairIndex>(MAX_INDEXES);

export function indexOf({ run, source }: TraceSource): PairIndex {
  const dir = resolve(run);
  const key = JSON.stringify([dir, source]);
  const index = indexes.get(key) ?? new PairIndex(openSource({ run: dir, source }));
  indexes.set(key, index);
  return index;
}

/** Rows of a snapshot, in the requested order. */
export interface Selection {
  snapshot: Snapshot;
  rows: Uint32Array;
}

/** Adds columns that the source's files lack to the table. */
export type JoinColumns = (table: PairTable) => Promise<PairTable>;

/**
 * Runs a query on the current contents of the files, and reports progress from 0 to 1.
 * @param joined adds fields from other files. Without `joined`, queries cannot use these fields
 * @throws FilterError for a mistake in the filter
 */
export async function queryPairs(
  index: PairIndex,
  query: TraceQuery,
  options: CallOptions<number> = {},
  joined?: JoinColumns,
): Promise<Selection> {
  let read: Snapshot;
  const { table, rows } = await answerQuery(query, {
    read: async () => (read = await index.refresh(options)).table,
    find: (text) => index.find(read, text, options),
    joined,
  });
  return { snapshot: { ...read!, table }, rows };
}
