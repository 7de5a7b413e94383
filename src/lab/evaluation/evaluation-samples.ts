import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SetReading } from '../../core/answers/set-reading.ts';
import type { Forms } from '../../core/answers/set-misfits.ts';
import { familyOf } from '../../core/seen/families.ts';
import { sightOfRow } from '../../core/seen/row-sight.ts';
import { seenBy } from '../../core/seen/seen-map.ts';
import { withFewFrames } from '../../rows/sample/clip.ts';
import type { Size } from '../../rows/sample/boxes.ts';
import { declaredSize, type ImageRef, type Sample } from '../../rows/sample/sample.ts';
import type { ViewId } from '../../rows/view-list.ts';
import { withoutReasoning } from '../../rows/views/view-variant.ts';
import { inView } from '../../rows/views/view.ts';
import { DataError } from '../datasets/data-error.ts';
import { ImageFiles, relocateImages } from '../datasets/image-files.ts';
import { BrokenRow, RowFile } from '../datasets/row-file.ts';
import { sha256 } from '../files/atomic.ts';
import { imageSize } from '../images/decode.ts';
import { surveyOf } from './set-survey.ts';

export interface EvaluationSample {
  set: string;
  view: ViewId;
  id: string;
  sample: Sample;
  images: ImageFiles;
  /** Reads the whole set, which decides the task of the row, and adds the task to `sample`. Absent once decided. */
  decide?: () => Promise<void>;
}

/** An evaluation set's file, with the hash of its bytes. */
export interface SetFile {
  set: string;
  file: RowFile;
  sha256: string;
}

/** Paths of evaluation sets, and their files if the caller has read them. */
interface Sets {
  sets: Record<string, string>;
  files?: readonly SetFile[] | undefined;
}

/** Questions of an evaluation, and settings for reading the rows. */
interface Wanted extends Sets {
  root: string;
  views: readonly ViewId[];
  limit?: number | undefined;
  sees?: string | undefined;
}

interface ReadSet {
  samples: EvaluationSample[];
  broken: BrokenRow[];
  /** Views that rows lack. A row has one entry per missing view. */
  lacking: ViewId[];
}

/** Maximum number of rows that are cached between calls. */
const REMEMBERED = 4096;

/** Number of rows between two turns of the event loop. */
const BATCH = 64;

/** Number of rows that are read per row that is yielded, so that the tasks of a large set are soon decided. */
const AHEAD = 16;

/**
 * Cache of the sets of the last call, keyed by their bytes and settings. The cache saves time because reading and
 * mirroring a row takes a millisecond, and a run evaluates the same rows every few steps.
 */
let remembered: ReadonlyMap<string, ReadSet> = new Map();

/** Returns all rows that `samplesAsRead` yields. */
export async function evaluationSamples(
  ...args: Parameters<typeof samplesAsRead>
): Promise<EvaluationSample[]> {
  const samples: EvaluationSample[] = [];
  for await (const sample of samplesAsRead(...args)) samples.push(sample);
  return samples;
}

/**
 * Yields all rows of an evaluation in order of sets, rows and views, each as soon as it is read.
 * @param leaveOut called for every broken row, which is omitted. Default: @throws BrokenRow for the first broken row
 * @param lacking called for every row and view that the row lacks
 */
export async function* samplesAsRead(
  wanted: Wanted,
  leaveOut = (why: BrokenRow): void => {
    throw why;
  },
  lacking: (view: ViewId) => void = () => undefined,
): AsyncGenerator<EvaluationSample> {
  const read = new Map<string, ReadSet>();
  let count = 0;
  const { root, views, limit, sees } = wanted;
  const { files, close } = await openSets(wanted);
  try {
    for (const { set, file, sha256 } of files) {
      const key = JSON.stringify([set, file.path, root, views, limit, sees, sha256]);
      const before = remembered.get(key);
      const rows: ReadSet = before ?? { samples: [], broken: [], lacking: [] };
      before?.broken.forEach(leaveOut);
      before?.lacking.forEach(lacking);
      const leave = (why: BrokenRow) => {
        rows.broken.push(why);
        leaveOut(why);
      };
      const lack = (view: ViewId) => {
        rows.lacking.push(view);
        lacking(view);
      };
      for await (const sample of before?.samples ?? readSet(file, set, wanted, leave, lack)) {
        if (!before) rows.samples.push(sample);
        count += 1;
        yield sample;
      }
      read.set(key, rows);
    }
  } finally {
    await close();
  }
  remembered = count <= REMEMBERED ? read : new Map();
}

async function* readSet(
  file: RowFile,
  set: string,
  { root, views, limit, sees }: Wanted,
  leaveOut: (why: BrokenRow) => void,
  lacking: (view: ViewId) => void,
): AsyncGenerator<EvaluationSample> {
  const reader = new SetReader(file, Math.min(file.count, limit ?? Infinity), leaveOut);
  const images = new ImageFiles(root, root, { remember: true });
  const undecided: [EvaluationSample, Forms][] = [];
  const decide = async () => {
    await reader.readTo(Infinity);
    for (const [sample, forms] of undecided.splice(0)) {
      const task = reader.reading.taskFor(forms);
      if (task !== null) sample.sample = { ...sample.sample, found_task: task };
      delete sample.decide;
    }
  };
  for (let i = 0; ; i++) {
    await reader.readTo(AHEAD * (i + 1));
    while (i === reader.rows.length && !reader.isDone) await reader.readTo(reader.next + AHEAD);
    const read = reader.rows[i];
    if (!read) break;
    const [task, ...others] = SetReading.possibleTasks(read.forms);
    const alone = relocateImages(read.sample, dirname(file.path), root);
    const row = others.length > 0 || task == null ? alone : { ...alone, found_task: task };
    const sample = sees === undefined ? row : await withSight(row, images, sees);
    for (const view of views) {
      // Evaluations do not use the reasoning, so a reasoning without a rewrite does not exclude a view.
      const seen = inView(sample, view) ?? inView(withoutReasoning(sample), view);
      if (!seen) {
        lacking(view);
        continue;
      }
      const next: EvaluationSample = { set, view, id: sample.id, sample: withFewFrames(seen), images };
      if (others.length > 0) undecided.push([Object.assign(next, { decide }), read.forms]);
      yield next;
    }
  }
  await decide();
}

/** Reads the rows of a set in order, and what they imply for the task of each row. */
class SetReader {
  readonly rows: { sample: Sample; forms: Forms }[] = [];
  readonly reading = new SetReading();
  /** Number of rows of the file so far, broken or not. */
  next = 0;
  private readonly lines = new Map<string, number>();
  private reads = Promise.resolve();

  constructor(
    private readonly file: RowFile,
    private readonly count: number,
    private readonly leaveOut: (why: BrokenRow) => void,
  ) {
    if (file.count === 0) throw new DataError('no-rows', 'The file has no rows.', { file: file.path });
  }

  get isDone(): boolean {
    return this.next === this.count;
  }

  /** Reads all rows before a row that are not read yet. */
  readTo(row: number): Promise<void> {
    return (this.reads = this.reads.then(async () => {
      for (const end = Math.min(row, this.count); this.next < end; this.next++) {
        await this.read(this.next);
        if (this.next % BATCH === 0) await nextTurn();
      }
    }));
  }

  private async read(i: number): Promise<void> {
    const { file, lines } = this;
    try {
      const sample = await file.read(i);
      const before = lines.get(sample.id);
      if (before !== undefined) {
        const why = `the id "${sample.id}" is already used on line ${before}`;
        throw new BrokenRow(`${file.path}:${file.line(i)}: ${why}. Set a unique id for each row.`);
      }
      lines.set(sample.id, file.line(i));
      const look = SetReading.look(sample);
      this.reading.take(look, file.line(i));
      this.rows.push({ sample, forms: look.forms });
    } catch (error) {
      if (!(error instanceof BrokenRow)) throw error;
      this.leaveOut(error);
    }
  }
}

/** Adds how well a model family sees the objects in a row's question: `unknown` if the image is unreadable. */
async function withSight(sample: Sample, images: ImageFiles, sees: string): Promise<Sample> {
  const [image] = sample.images;
  const size = declaredSize(image) ?? (image === undefined ? null : await sizeOf(image, images));
  const map = size && seenBy(familyOf(sees), size);
  const seen = !map ? 'unknown' : (sightOfRow(sample, size, map)?.sight ?? 'no place');
  // Boxes in the model's pixels require the model family.
  const family = sample.completion_box_format === undefined ? {} : { sees };
  return { ...family, ...sample, meta: { ...sample.meta, seen } };
}

const sizeOf = async (image: ImageRef, images: ImageFiles): Promise<Size | null> => {
  try {
    return await imageSize(await images.bytes(image));
  } catch (error) {
    if (error instanceof DataError) return null;
    throw error;
  }
};

/** Calls a function with the files of sets, each row of which is parsed once. Closes the files that it opens. */
export async function withSets<T>(
  sets: Sets,
  use: (files: readonly SetFile[]) => T | Promise<T>,
): Promise<T> {
  const { files, close } = await openSets(sets);
  try {
    return await use(files);
  } finally {
    await close();
  }
}

async function openSets({
  sets,
  files,
}: Sets): Promise<{ files: readonly SetFile[]; close: () => Promise<void> }> {
  if (files) return { files, close: () => Promise.resolve() };
  const opened: SetFile[] = [];
  const close = async () => {
    for (const { file } of opened) await file.close();
  };
  try {
    for (const [set, path] of Object.entries(sets)) {
      const hash = createHash('sha256');
      const file = (await RowFile.open(path, hash)).keepParsed();
      opened.push({ set, file, sha256: hash.digest('hex') });
    }
    return { files: opened, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Returns the files of sets, with checksums, numbers of rows and the rows' depth ranges by folder, for a manifest. */
export const setFiles = (
  sets: Sets & Pick<Wanted, 'root' | 'limit'>,
): Promise<{ set: string; path: string; sha256: string; rows: number; depth?: Record<string, string> }[]> =>
  withSets(sets, (files) =>
    Promise.all(
      files.map(async ({ set, file, sha256 }) => {
        const depth = await depthRangesOf(file, sets);
        return { set, path: file.path, sha256, rows: file.count, ...(depth && { depth }) };
      }),
    ),
  );

/** Returns the stored depth ranges of the folders of the wanted rows' images; null if none. */
async function depthRangesOf(
  file: RowFile,
  { root, limit }: Pick<Wanted, 'root' | 'limit'>,
): Promise<Record<string, string> | null> {
  const images = new ImageFiles(dirname(file.path), root);
  const ranges: Record<string, string> = {};
  for (const image of (await surveyOf(file, limit)).folders) await images.noteStoredDepth(image, ranges);
  return Object.keys(ranges).length > 0 ? ranges : null;
}

/** Hashes the values that determine answers. Files are identified by content hashes, not by paths (`file`). */
export const hashOf = (decisive: readonly unknown[]): string =>
  sha256(JSON.stringify(decisive, (key, value: unknown) => (key === 'file' ? undefined : value)));
