import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CallOptions } from '../../base/call.ts';
import { RecentMap } from '../../base/recent-map.ts';
import { searchText } from '../../core/run-data/trace-summary.ts';
import { lineTexts, versionOf, type PairSource, rowOf, type Part, type Snapshot } from './pair-files.ts';
import { ifMissing } from '../files/disk-error.ts';
import { openFile } from '../files/regular.ts';

/** Number of pairs, or of files, to process before other work gets a turn. */
export const BATCH = 256;
/** Number of search terms whose hits are cached, because users alternate between a few terms. */
const TERMS = 8;

/**
 * Full-text search over the pairs of a source. Texts are cached in lower case, up to a number of characters. Further
 * texts are read again for each term. Hits are cached. A term that contains an earlier term is searched only in its
 * hits.
 */
export class PairSearch {
  private readonly texts = new Map<Part, string[]>();
  private left: number;
  private readonly terms = new RecentMap<string, WeakMap<Part, Uint8Array>>(TERMS);

  constructor(
    private readonly source: PairSource,
    characters: number,
  ) {
    this.left = characters;
  }

  /** Caches the texts of a part's rows if the cache has room. */
  keep(part: Part, texts: string[]): void {
    const size = lengthOf(texts);
    if (size > this.left) return;
    this.left -= size;
    this.texts.set(part, texts);
  }

  forget(part: Part): void {
    this.left += lengthOf(this.texts.get(part) ?? []);
    this.texts.delete(part);
  }

  /** Returns, for each row of a snapshot, 1 if the row contains a text (ignoring case), otherwise 0. */
  async find(
    { parts, starts, table }: Snapshot,
    text: string,
    { signal, onProgress }: CallOptions<number>,
  ): Promise<Uint8Array> {
    const term = text.toLowerCase();
    const earlier = this.remembered(term);
    const wider = [...this.terms].findLast(([other]) => other !== term && term.includes(other))?.[1];
    const hits = new Uint8Array(table.length);
    for (const [p, part] of parts.entries()) {
      let bytes = earlier.get(part);
      if (!bytes) {
        const candidates = wider?.get(part);
        bytes = candidates?.every((hit) => hit === 0) ? candidates : await this.look(part, term, signal);
        earlier.set(part, bytes);
      }
      hits.set(bytes, starts[p]);
      if (p % BATCH > 0) continue;
      await nextTurn(undefined, { signal });
      onProgress?.(p / parts.length);
    }
    return hits;
  }

  private remembered(term: string): WeakMap<Part, Uint8Array> {
    const hits = this.terms.get(term) ?? new WeakMap<Part, Uint8Array>();
    this.terms.set(term, hits);
    return hits;
  }

  private async look(part: Part, term: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const hits = new Uint8Array(part.pairs.length);
    const texts = this.texts.get(part);
    if (texts) {
      texts.forEach((text, row) => (hits[row] = Number(text.includes(term))));
      return hits;
    }
    const file = await openFile(part.file.path).catch(ifMissing(null));
    if (!file) return hits; // The next refresh detects the missing file.
    try {
      const { version, size } = versionOf(await file.stat(), part.file);
      if (version !== part.version) return hits;
      let count = 0;
      for await (const each of this.source.read(part.file, lineTexts(file, size))) {
        if (count++ % BATCH === 0) await nextTurn(undefined, { signal });
        if ('pair' in each && searchText(each.pair).includes(term)) hits[rowOf(part, each.summary.pair)] = 1;
      }
      return hits;
    } finally {
      await file.close();
    }
  }
}

const lengthOf = (texts: readonly string[]): number => texts.reduce((sum, { length }) => sum + length, 0);
