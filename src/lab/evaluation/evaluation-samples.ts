import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { SetReading, withFoundTask } from '../../core/answers/set-reading.ts';
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

export interface EvaluationSample {
  set: string;
  view: ViewId;
  id: string;
  sample: Sample;
  images: ImageFiles;
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

/**
 * Cache of the sets of the last call, keyed by their bytes and settings. The cache saves time because reading and
 * mirroring a row takes a millisecond, and a run evaluates the same rows every few steps.
 */
let remembered: ReadonlyMap<string, ReadSet> = new Map();

/**
 * Returns all rows of an evaluation in order of sets, rows and views.
 * @param leaveOut called for every broken row, which is omitted. Default: @throws BrokenRow for the first broken row
 * @param lacking called for every row and view that the row lacks
 */
export async function evaluationSamples(
  wanted: Wanted,
  leaveOut?: (why: BrokenRow) => void,
  lacking: (view: ViewId) => void = () => undefined,
): Promise<EvaluationSample[]> {
  const read = new Map<string, ReadSet>();
  const { root, views, limit, sees } = wanted;
  await withSets(wanted, async (files) => {
    for (const { set, file, sha256 } of files) {
      const key = JSON.stringify([set, file.path, root, views, limit, sees, sha256]);
      const rows = remembered.get(key) ?? (await readSet(file, set, wanted));
      if (!leaveOut && rows.broken[0]) throw rows.broken[0];
      rows.broken.forEach((why) => leaveOut?.(why));
      rows.lacking.forEach(lacking);
      read.set(key, rows);
    }
  });
  const samples = [...read.values()].flatMap((rows) => rows.samples);
  remembered = samples.length <= REMEMBERED ? read : new Map();
  return samples;
}

async function readSet(file: RowFile, set: string, { root, views, limit, sees }: Wanted): Promise<ReadSet> {
  if (file.count === 0) throw new DataError('no-rows', 'The file has no rows.', { file: file.path });
  const rows: ReadSet = { samples: [], broken: [], lacking: [] };
  const lines = new Map<string, number>();
  const reading = new SetReading();
  const reads: Sample[] = [];
  const images = new ImageFiles(root, root, { remember: true });
  for (let i = 0; i < Math.min(file.count, limit ?? Infinity); i++) {
    const read = await file.read(i).catch((error: unknown) => {
      if (!(error instanceof BrokenRow)) throw error;
      rows.broken.push(error);
      return null;
    });
    if (!read) continue;
    const before = lines.get(read.id);
    if (before !== undefined) {
      const why = `the id "${read.id}" is already used on line ${before}`;
      rows.broken.push(new BrokenRow(`${file.path}:${file.line(i)}: ${why}. Set a unique id for each row.`));
      continue;
    }
    lines.set(read.id, file.line(i));
    reading.add(read, file.line(i));
    reads.push(read);
  }
  for (const read of reads) {
    const row = withFoundTask(relocateImages(read, dirname(file.path), root), reading);
    const sample = sees === undefined ? row : await withSight(row, images, sees);
    for (const view of views) {
      // Evaluations do not use the reasoning, so a reasoning without a rewrite does not exclude a view.
      const seen = inView(sample, view) ?? inView(withoutReasoning(sample), view);
      if (seen) rows.samples.push({ set, view, id: sample.id, sample: withFewFrames(seen), images });
      else rows.lacking.push(view);
    }
  }
  return rows;
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
  { sets, files }: Sets,
  use: (files: readonly SetFile[]) => T | Promise<T>,
): Promise<T> {
  if (files) return use(files);
  const opened: SetFile[] = [];
  try {
    for (const [set, path] of Object.entries(sets)) {
      const hash = createHash('sha256');
      const file = (await RowFile.open(path, hash)).keepParsed();
      opened.push({ set, file, sha256: hash.digest('hex') });
    }
    return await use(opened);
  } finally {
    for (const { file } of opened) await file.close();
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
  { root, limit = Infinity }: Pick<Wanted, 'root' | 'limit'>,
): Promise<Record<string, string> | null> {
  const images = new ImageFiles(dirname(file.path), root);
  const ranges: Record<string, string> = {};
  const folders = new Set<string>();
  for (let i = 0; i < Math.min(file.count, limit); i++) {
    const { images: shown = [], depth_map: map } = (await file.parse(i)).sample ?? {};
    for (const image of map === undefined ? shown : [...shown, map]) {
      const { path, parquet } = typeof image === 'string' ? { path: image } : image;
      const folder = dirname(path ?? parquet ?? '');
      if (folders.has(folder)) continue;
      folders.add(folder);
      await images.noteStoredDepth(image, ranges);
    }
  }
  return Object.keys(ranges).length > 0 ? ranges : null;
}

/** Hashes the values that determine answers. Files are identified by content hashes, not by paths (`file`). */
export const hashOf = (decisive: readonly unknown[]): string =>
  sha256(JSON.stringify(decisive, (key, value: unknown) => (key === 'file' ? undefined : value)));
