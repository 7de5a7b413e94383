import type { FileHandle } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { sideInAnswer } from '../../core/metrics/give-aways.ts';
import { ShortcutAudit } from '../../core/metrics/question-only.ts';
import type { Call } from '../../base/call.ts';
import type {
  DataAudit,
  DataCard,
  DataFilter,
  DataProgress,
  DataSummary,
  MirrorCounts,
} from './dataset.contract.ts';
import { Random } from '../../base/random.ts';
import { mirrorSample } from '../../rows/views/mirror/mirror-sample.ts';
import { isClip, timesOf } from '../../rows/sample/clip.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { parseJson } from '../../lab/datasets/parse-json.ts';
import { toSample } from '../../lab/datasets/rows.ts';
import { Repeats, RowKeys } from '../../lab/datasets/first-seen.ts';
import { lines } from '../../lab/files/lines.ts';
import { DataFacets, mirrorOf } from './dataset-facets.reads.ts';
import type { ImageFolders, PairRows } from '../data-rows.reads.ts';
import { openFile } from '../../lab/files/regular.ts';

/** Number of rows between two checks for cancellation. */
const BATCH = 500;
/** Minimum delay between progress reports, in ms. */
const REPORT_MS = 300;
const MIRRORED = 50;
const CHUNK = 1 << 18;
/** Maximum length of a text on a card, in characters. */
const SHOWN = 500;
/** Maximum number of rows to audit. The audit stores and mirrors all of them. For larger files, it uses a sample. */
const MAX_AUDITED = 3000;

export interface DataCards {
  file: number;
  rows: readonly number[];
  place: ImageFolders | null;
}

interface OpenFile {
  /** Open file handle, so that row positions stay valid even if another program replaces the file. */
  handle: FileHandle;
  facets: DataFacets;
  /** For each row read so far, the offset of its first byte, its length, and its line from 1. */
  places: RowOffsets;
  /** Promise that settles when the whole file has been read. */
  summary: Promise<DataSummary>;
  audited: Reservoir<Sample>;
}

export class DataSets {
  private readonly open = new Map<number, Promise<OpenFile>>();

  constructor(private readonly pairs: PairRows) {}

  /** Calls of the service for Dataset panels. `file` is the number of an open file. Rows are numbered from 0. */
  readonly api = {
    /**
     * Reads the file once, and keeps the file open under a number from the caller. With this number, `closeData` also
     * closes a file that is still opening. From the first report on, the cards of the counted rows are available; all
     * other calls wait for the end.
     */
    openData: async ({ file, path }: { file: number; path: string }, call: Call<DataProgress>) => {
      const opening = openData(path, call);
      // Register the file before it is open, because calls about the file can arrive early, and then wait.
      this.open.set(file, opening);
      try {
        const { summary } = await opening;
        return await summary;
      } catch (error) {
        this.open.delete(file);
        throw error;
      }
    },
    dataRows: async (
      { file, filter }: { file: number; filter: DataFilter },
      { signal, onProgress }: Call<number>,
    ) => {
      const { facets, places, handle, summary } = await this.of(file);
      await summary;
      const fits = facets.chosenBy(filter.chosen);
      const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
      const fitting: number[] = [];
      if (words.length === 0) {
        for (let row = 0; row < places.count; row++) if (fits(row)) fitting.push(row);
        return Int32Array.from(fitting);
      }
      let row = 0;
      for await (const { text } of rowsOf(handle)) {
        if (fits(row) && words.every((word) => text.toLowerCase().includes(word))) fitting.push(row);
        if (++row % BATCH === 0) {
          onProgress(row / places.count);
          await nextTurn(undefined, { signal });
        }
      }
      return Int32Array.from(fitting);
    },
    dataCards: async ({ file, rows, place }: DataCards): Promise<DataCard[]> => {
      const { places, handle, summary } = await this.of(file);
      if (rows.some((row) => row >= places.count)) await summary;
      return Promise.all(
        rows.map(async (row) => {
          const { at, bytes, line } = places.get(row);
          const { buffer } = await handle.read(Buffer.alloc(bytes), 0, bytes, at);
          const text = new TextDecoder().decode(buffer); // The decoder drops a byte-order mark.
          const { sample, problems } = toSample(parseJson(text));
          if (sample) {
            const [question, answer] = [sample.question, sample.answer].map((text) => text.slice(0, SHOWN));
            const seen = await this.posterOf(sample, place);
            const mirror = mirrorOf(sample);
            const mirrored = mirror && {
              ...mirror,
              question: mirror.question.slice(0, SHOWN),
              answer: mirror.answer.slice(0, SHOWN),
            };
            return {
              line,
              usable: true,
              question: question!,
              answer: answer!,
              ...seen,
              ...(mirrored && { mirror: mirrored }),
            };
          }
          // Rows from labels and image folders can have questions that are not written yet.
          const { sample: unasked } = toSample(parseJson(text), { blank: true });
          const seen = unasked ? await this.posterOf(unasked, place) : { image: null };
          const why = problems.find(({ severity }) => severity === 'error')?.message;
          return {
            line,
            usable: false,
            question: why ?? 'Unreadable row',
            answer: '',
            ...seen,
          };
        }),
      );
    },
    /** Audits a file after reading it, in pieces, so that the service can answer searches between two pieces. */
    dataAudit: async ({ file }: { file: number }, call: Call<number>): Promise<DataAudit> => {
      const { summary, audited } = await this.of(file);
      await summary;
      return auditInPieces(audited.items, call);
    },
    closeData: async ({ file }: { file: number }): Promise<void> => {
      const opened = this.open.get(file);
      this.open.delete(file);
      const whole = await opened?.catch(() => null);
      await whole?.summary.catch(() => null);
      await whole?.handle.close();
    },
  };

  /** Returns the first image of a row. Other frames are located only when the page shows them. */
  private async posterOf(
    sample: Sample,
    place: ImageFolders | null,
  ): Promise<Pick<DataCard, 'image' | 'clip'>> {
    const { images } = sample;
    const [image = null] = await this.pairs.images({ ...sample, images: images.slice(0, 1) }, place);
    return { image, ...(isClip(sample) && { clip: { frames: images, times: timesOf(sample) } }) };
  }

  private of(file: number): Promise<OpenFile> {
    const opened = this.open.get(file);
    if (!opened) throw new Error('This file is no longer open. Open the file again.');
    return opened;
  }
}

async function openData(path: string, call: Call<DataProgress>): Promise<OpenFile> {
  const handle = await openFile(path);
  const facets = new DataFacets();
  const places = new RowOffsets();
  const audited = new Reservoir<Sample>(MAX_AUDITED);
  const summary = readAll({ handle, facets, places, audited }, call);
  summary.catch(() => handle.close());
  return { handle, facets, places, summary, audited };
}

/** Yields lines that are not blank. Yields an empty text for lines that are too long to read. */
async function* rowsOf(handle: FileHandle) {
  for await (const { text, ...place } of lines(chunksOf(handle))) {
    if (text?.trim() !== '') yield { text: text ?? '', ...place };
  }
}

/** Reads a file in pieces. A Node stream would close the file handle when reading stops early. */
async function* chunksOf(handle: FileHandle): AsyncGenerator<Buffer> {
  for (let at = 0; ;) {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(CHUNK), 0, CHUNK, at);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}

type Parts = Omit<OpenFile, 'summary'>;

/** Reads a file: first some row positions, so that the page can show rows; then all rows. */
async function readAll({ handle, facets, places, audited }: Parts, call: Call<DataProgress>) {
  const { size } = await handle.stat();
  const repeats = new Repeats();
  const figures = { bad: 0, pictures: 0, duplicates: 0, reviewed: 0 };
  const mirrors: MirrorCounts = { mirrored: 0, unchanged: 0, deferred: 0, discarded: 0 };
  const sides = { original: { left: 0, right: 0 }, mirror: { left: 0, right: 0 } };
  const countSide = (view: keyof typeof sides, row: Parameters<typeof sideInAnswer>[0]) => {
    const side = sideInAnswer(row);
    if (side === 'left' || side === 'right') sides[view][side] += 1;
  };
  const summarise = (): DataSummary => ({
    rows: places.count,
    ...figures,
    mirrors: { ...mirrors },
    sides:
      sides.original.left + sides.original.right > 0
        ? {
            original: { ...sides.original },
            mirror: mirrors.mirrored + mirrors.unchanged > 0 ? { ...sides.mirror } : null,
          }
        : null,
    facets: facets.finish(),
    audit: null,
    usable: null,
  });
  let due = 0;
  const report = (share: number) => {
    if (performance.now() < due) return;
    call.onProgress({ share, summary: summarise() });
    due = performance.now() + REPORT_MS;
  };
  for await (const { number: line, at, bytes } of rowsOf(handle)) {
    places.add(at, bytes, line);
    if (places.count === BATCH) break;
  }
  report(0);
  let row = 0;
  for await (const { text, number: line, at, bytes } of rowsOf(handle)) {
    const { sample, problems } = toSample(parseJson(text));
    const isUnwritten = problems.every(({ code }) => code === 'empty');
    const keys = sample && new RowKeys(sample);
    const before = keys && repeats.add(keys, { file: 0, at: line });
    figures.bad += Number(!sample);
    figures.duplicates += Number(before?.row != null);
    figures.pictures += before?.pictures.filter((picture) => picture === null).length ?? 0;
    const mirror = sample ? mirrorOf(sample) : undefined;
    facets.add(sample, {
      mirror,
      repeated: before?.row != null,
      unusable: isUnwritten ? 'missing texts' : 'unreadable',
    });
    if (row === places.count) places.add(at, bytes, line);
    if (sample) {
      countSide('original', sample);
      if (mirror) mirrors[mirror.state] += 1;
      const isReviewed = mirror && mirror.state !== 'deferred' && sample.variants!.mirror!.review;
      figures.reviewed += Number(Boolean(isReviewed));
      if (mirror?.state === 'mirrored' || mirror?.state === 'unchanged')
        countSide('mirror', { choices: sample.choices, ...sample.variants!.mirror! });
      audited.add(sample);
    }
    if (++row % BATCH === 0) {
      report(at / Math.max(size, 1));
      await nextTurn(undefined, { signal: call.signal });
    }
  }
  return summarise();
}

/** Audits rows as the command line does. Lets other calls run in between, because mirrors take most of the time. */
async function auditInPieces(
  rows: readonly Sample[],
  { signal, onProgress }: Call<number>,
): Promise<DataAudit> {
  const audit = new ShortcutAudit(true);
  for (const row of rows) audit.learn(row);
  for (const [i, row] of rows.entries()) {
    const mirror = row.variants?.mirror ?? mirrorSample(row);
    audit.add({ ...row, variants: { ...row.variants, mirror } });
    if (i % MIRRORED === 0) {
      onProgress(i / rows.length);
      await nextTurn(undefined, { signal });
    }
  }
  return { rows: rows.length, parts: [...audit.audits()] };
}

/** Positions of rows in a file, stored as three numbers per row. */
class RowOffsets {
  private readonly numbers: number[] = [];
  count = 0;

  add(at: number, bytes: number, line: number): void {
    this.numbers.push(at, bytes, line);
    this.count += 1;
  }

  get(row: number): { at: number; bytes: number; line: number } {
    if (!(row >= 0 && row < this.count)) throw new RangeError(`Row ${row + 1} does not exist.`);
    const [at, bytes, line] = this.numbers.slice(3 * row, 3 * row + 3);
    return { at: at!, bytes: bytes!, line: line! };
  }
}

/** Uniform sample of at most `most` items (algorithm R). Equal sequences of items give equal samples. */
class Reservoir<T> {
  readonly items: T[] = [];
  private readonly random = Random.from('audit');
  private seen = 0;

  constructor(private readonly most: number) {}

  add(item: T): void {
    this.seen += 1;
    const place = this.items.length < this.most ? this.items.length : this.random.below(this.seen);
    if (place < this.most) this.items[place] = item;
  }
}
