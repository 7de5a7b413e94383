import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SetReading } from '../../core/answers/set-reading.ts';
import type { Task } from '../../core/answers/score.ts';
import { familyOf } from '../../core/seen/families.ts';
import { sightOfRow } from '../../core/seen/row-sight.ts';
import { seenBy } from '../../core/seen/seen-map.ts';
import type { Size } from '../../rows/sample/boxes.ts';
import { declaredSize, type ImageRef, type Sample } from '../../rows/sample/sample.ts';
import type { ViewId } from '../../rows/view-list.ts';
import { DataError } from '../datasets/data-error.ts';
import { ImageFiles, relocateImages } from '../datasets/image-files.ts';
import { BrokenRow, RowFile } from '../datasets/row-file.ts';
import { sha256 } from '../files/atomic.ts';
import { imageSize } from '../images/decode.ts';
import { surveyOf } from './set-survey.ts';
import { inEachView, viewsOnThreads } from './set-views.ts';

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

/** Maximum number of rows that are cached between calls. */
const REMEMBERED = 4096;

/** Number of rows between two turns of the event loop. */
const BATCH = 64;

/** Number of rows that are read per row that is yielded, so that the tasks of a large set are soon decided. */
const AHEAD = 16;

type Forms = ReturnType<typeof SetReading.look>['forms'];

/** A row in a view, a row that is broken, or a view that a row lacks. */
type RowInView = EvaluationSample | BrokenRow | ViewId;

/**
 * Cache of the sets of the last call, keyed by their bytes and settings. The cache saves time because reading and
 * mirroring a row takes a millisecond, and a run evaluates the same rows every few steps.
 */
let remembered: ReadonlyMap<string, RowInView[]> = new Map();

/**
 * Returns all rows of an evaluation in order of sets, rows and views.
 * @param leaveOut called for every broken row, which is omitted. Default: @throws BrokenRow for the first broken row
 * @param lacking called for every row and view that the row lacks
 */
export const evaluationSamples = (
  wanted: Wanted,
  leaveOut?: (why: BrokenRow) => void,
  lacking: (view: ViewId) => void = () => undefined,
): Promise<EvaluationSample[]> =>
  withSets(wanted, async (files) => {
    const samples: EvaluationSample[] = [];
    for await (const outcome of rowsAsRead({ ...wanted, files })) {
      if (outcome instanceof BrokenRow && !leaveOut) throw outcome;
      if (outcome instanceof BrokenRow) leaveOut!(outcome);
      else if (typeof outcome === 'string') lacking(outcome);
      else samples.push(outcome);
    }
    return samples;
  });

/** Yields the rows of open sets in order of sets, rows and views, each as soon as it is read. */
export async function* rowsAsRead(wanted: Wanted & { files: readonly SetFile[] }): AsyncGenerator<RowInView> {
  const read = new Map<string, RowInView[]>();
  let count = 0;
  const { files, root, views, limit, sees } = wanted;
  for (const { set, file, sha256 } of files) {
    const key = JSON.stringify([set, file.path, root, views, limit, sees, sha256]);
    const rows: RowInView[] = [];
    for await (const row of remembered.get(key) ?? readSet(file, set, wanted)) {
      rows.push(row);
      yield row;
    }
    read.set(key, rows);
    count += rows.length;
  }
  remembered = count <= REMEMBERED ? read : new Map();
}

async function* readSet(
  file: RowFile,
  set: string,
  { root, views, limit = Infinity, sees }: Wanted,
): AsyncGenerator<RowInView> {
  if (file.count === 0) throw new DataError('no-rows', 'The file has no rows.', { file: file.path });
  const count = Math.min(file.count, limit);
  const version = await file.version();
  const images = new ImageFiles(root, root, { remember: true });
  const lines = new Map<string, number>();
  const reading = new SetReading();
  const rows: (BrokenRow | { sample: Sample; forms: Forms })[] = [];
  let reads = Promise.resolve();
  const readTo = (end: number) =>
    (reads = reads.then(async () => {
      while (rows.length < Math.min(end, count)) {
        const i = rows.length;
        const sample = await readRow(file, i, lines);
        const look = sample instanceof BrokenRow ? null : SetReading.look(sample);
        if (look) reading.take(look, file.line(i));
        rows.push(sample instanceof BrokenRow ? sample : { sample, forms: look!.forms });
        if (rows.length % BATCH === 0) await nextTurn();
      }
    }));
  const undecided: [EvaluationSample, Forms][] = [];
  const decide = async () => {
    await readTo(Infinity);
    for (const [next, forms] of undecided.splice(0)) {
      next.sample = withTask(next.sample, reading.taskFor(forms));
      delete next.decide;
    }
  };
  const from = dirname(file.path);
  const onThreads = viewsOnThreads(file, sees === undefined ? count : 0, { from, root, views });
  try {
    for (let i = 0; i < count; i++) {
      await readTo(AHEAD * (i + 1));
      const { value: made } = await onThreads.next();
      const row = rows[i]!;
      if (row instanceof BrokenRow) {
        yield row;
        continue;
      }
      const moved = relocateImages(row.sample, from, root);
      const seen =
        made ?? inEachView(sees === undefined ? moved : await withSight(moved, images, sees), views);
      const [task, ...others] = SetReading.possibleTasks(row.forms);
      for (const [v, view] of views.entries()) {
        const sample = seen[v];
        if (!sample) {
          yield view;
          continue;
        }
        const next: EvaluationSample = { set, view, id: sample.id, sample, images };
        if (others.length > 0) undecided.push([Object.assign(next, { decide }), row.forms]);
        else next.sample = withTask(sample, task);
        yield next;
      }
    }
  } finally {
    await onThreads.return(undefined);
  }
  await decide();
  if ((await file.version()) !== version)
    throw new DataError('set-changed', 'The file changed while its rows were evaluated.', {
      file: file.path,
      fix: 'Run the command again to evaluate the new rows.',
    });
}

async function readRow(file: RowFile, i: number, lines: Map<string, number>): Promise<Sample | BrokenRow> {
  try {
    const sample = await file.read(i);
    const before = lines.get(sample.id);
    lines.set(sample.id, before ?? file.line(i));
    if (before === undefined) return sample;
    const why = `the id "${sample.id}" is already used on line ${before}`;
    return new BrokenRow(`${file.path}:${file.line(i)}: ${why}. Set a unique id for each row.`);
  } catch (error) {
    if (error instanceof BrokenRow) return error;
    throw error;
  }
}

const withTask = (sample: Sample, task: Task | null | undefined): Sample =>
  task == null ? sample : { ...sample, found_task: task };

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
