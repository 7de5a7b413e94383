import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Call } from '../../base/call.ts';
import type { Problem } from '../../base/problem.ts';
import { RecentMap } from '../../base/recent-map.ts';
import { faultOf, RowFaults, type FaultKind, type UsableRows } from '../../base/row-faults.ts';
import { isFrame } from '../../rows/sample/clip.ts';
import type { ParsedSample } from '../../rows/sample/parse-sample.ts';
import type { ImageRef, Sample } from '../../rows/sample/sample.ts';
import { openAtomic } from '../files/atomic.ts';
import { isInside } from '../files/inside.ts';
import { isUnreadable, whyUnreadable } from '../files/disk-error.ts';
import { DataError } from './data-error.ts';
import { commonFolder } from './depth-files.ts';
import { FirstSeen, keyOf } from './first-seen.ts';
import { ImageFiles, MovedImages } from './image-files.ts';
import { RowFile } from './row-file.ts';
import { inOrder } from '../files/in-order.ts';
import { imageKey } from './splits.ts';

/** Number of rows that are checked concurrently, because reading images takes time. */
const AT_ONCE = 16;
/** Maximum number of images whose problems are cached. Most rows about the same image are close together. */
const REMEMBERED = 20_000;
/** Number of rows between two progress reports. */
const BATCH = 256;

/** Checks the beginning and end of the images of rows. Checks each image once. */
export class PictureLooks {
  private readonly known = new RecentMap<string, Promise<Problem | null>>(REMEMBERED);

  /**
   * @param takesFrames whether to extract the frames of videos (`ImageFiles.look`)
   * @param sound absolute paths of image files that are known to be readable
   */
  constructor(
    private readonly files: ImageFiles,
    private readonly takesFrames = false,
    private readonly sound?: Set<string>,
  ) {}

  async problemsOf({ images }: Pick<Sample, 'images'>): Promise<Problem[]> {
    const problems = await Promise.all(
      images.map(async (image, i) => {
        // Checks a video only once, because a problem of the video applies to all its frames.
        if (i > 0 && isOfSameVideo(image, images[i - 1]!)) return null;
        const problem = await this.look(image);
        return problem && { ...problem, path: isFrame(image) ? 'video' : `images[${i}]` };
      }),
    );
    return problems.filter((problem) => problem !== null);
  }

  /** Returns the reason why a valid row is unusable. */
  async faultOf(sample: Pick<Sample, 'images'>): Promise<FaultKind | undefined> {
    return faultOf(await this.problemsOf(sample))?.kind;
  }

  private look(image: ImageRef): Promise<Problem | null> {
    const key = imageKey(image);
    if (key === undefined) return Promise.resolve(null);
    const path = this.sound && this.files.pathOf(image);
    if (path !== undefined && this.sound!.has(path)) return Promise.resolve(null);
    const isSound = () => {
      if (path !== undefined) this.sound!.add(path);
      return null;
    };
    const problem = this.known.get(key) ?? this.files.look(image, this.takesFrames).then(isSound, asProblem);
    this.known.set(key, problem);
    return problem;
  }
}

const isOfSameVideo = (one: ImageRef, other: ImageRef): boolean =>
  isFrame(one) && isFrame(other) && one.video === other.video && one.frames === other.frames;

function asProblem(error: unknown): Problem {
  if (error instanceof DataError) return error.problem;
  if (!isUnreadable(error)) throw error;
  return { severity: 'error', code: 'image', message: whyUnreadable(error) };
}

/** Location of the images of a data file. References are relative to `folder`, and nothing outside `root` is opened. */
interface Place {
  folder: string;
  root: string;
  /** Absolute paths of image files that are known to be readable (`PictureLooks`). */
  sound?: Set<string> | undefined;
}

/** Finds the problems that make rows of a file unusable, row by row. */
export class RowLooks {
  private readonly images: ImageFiles;
  private readonly looks: PictureLooks;
  private readonly ids = new FirstSeen();
  private readonly missing = new Set<string>();

  constructor({ folder, root, sound }: Place) {
    this.images = new ImageFiles(folder, root, { remember: true });
    this.looks = new PictureLooks(this.images, true, sound);
  }

  /** Returns all problems of a row, including problems of its images. Calls must start in the order of the rows. */
  async problemsOf({ sample, problems }: ParsedSample, line: number): Promise<Problem[]> {
    if (!sample) return problems;
    const before = this.ids.note(keyOf(sample.id), { file: 0, at: line });
    const message = `The id ${JSON.stringify(sample.id)} is already used on line ${before?.at}.`;
    const twice: Problem = {
      severity: 'error',
      code: 'duplicate-id',
      message,
      fix: 'Set a unique id for each row.',
    };
    const { images, depth_map } = sample;
    // Only to find 16-bit images: strategies without depth maps can use a row whose map is unreadable.
    if (depth_map !== undefined) await this.looks.problemsOf({ images: [depth_map] });
    const ofImages = await this.looks.problemsOf({ images });
    for (const { code, path = '' } of ofImages) {
      const image = code === 'image-missing' && images[Number(/\d+/.exec(path) ?? NaN)];
      if (image) this.missing.add(imageKey(image)!);
    }
    return [...problems, ...(before ? [twice] : []), ...ofImages];
  }

  /** @param rows number of examined rows, usable or not */
  summary(faults: RowFaults, rows: number): UsableRows {
    const { undecided } = this.images;
    const deep = undecided.size > 0 && { deep: commonFolder(undecided) };
    return { ...faults.of(rows), missing: this.missing.size, ...deep };
  }

  close(): Promise<void> {
    return this.images.close();
  }
}

/**
 * Yields the first rows of a file with their problems. Rows without question or answer count as unusable.
 * @param call call whose signal stops reading. Receives progress from 0 to 1
 * @throws the signal's reason
 */
async function* lookedRows(file: RowFile, looks: RowLooks, count: number, call?: Call<number>) {
  const rows = async function* () {
    for (let index = 0; index < count; index++) {
      if (index % BATCH === 0) {
        call?.signal.throwIfAborted();
        call?.onProgress(index / count);
        await nextTurn();
      }
      yield { index, line: file.line(index), row: await file.parse(index) };
    }
  };
  try {
    yield* inOrder(rows(), AT_ONCE, async ({ index, line, row }) => ({
      index,
      line,
      problems: await looks.problemsOf(row, line),
    }));
  } finally {
    await looks.close();
  }
}

/**
 * Finds the usable rows among the first `limit` rows (default: all) of a file, and the problems of all other rows.
 * @throws the signal's reason if the signal aborts
 */
export async function usableRows(
  source: string | RowFile,
  place: Place,
  call: Call<number> & { limit?: number | undefined },
): Promise<UsableRows> {
  const file = typeof source === 'string' ? await RowFile.open(source) : source;
  try {
    const faults = new RowFaults();
    const looks = new RowLooks(place);
    const count = Math.min(file.count, call.limit ?? Infinity);
    for await (const { line, problems } of lookedRows(file, looks, count, call)) faults.add(line, problems);
    return looks.summary(faults, count);
  } finally {
    if (file !== source) await file.close();
  }
}

/**
 * Writes the usable rows to another file in the same folder, byte for byte.
 * @param images folder with the missing images: writes all rows instead, those of missing images with this folder
 * @returns the number of written rows
 * @throws DataError if the folder contains none of the missing images, or is outside the data root
 */
export async function writeMended(path: string, place: Place, to: string, images?: string): Promise<number> {
  if (images !== undefined && !isInside(place.root, images))
    throw new DataError('image-outside', `${images} is outside ${place.root}.`, {
      fix: 'Open a folder that contains both the data file and the images.',
    });
  const moved = images === undefined ? null : new MovedImages(images);
  const file = await RowFile.open(path);
  const out = await openAtomic(to);
  let [written, located] = [0, 0];
  try {
    for await (const { index, problems } of lookedRows(file, new RowLooks(place), file.count)) {
      const fault = faultOf(problems)?.kind;
      if (fault && !moved) continue;
      const { sample = null } = fault === 'missing' ? await file.parse(index) : {};
      const changed = sample && (await moved!.locate(sample, place.folder));
      const isMoved = changed !== sample;
      await out.file.writeFile(`${isMoved ? JSON.stringify(changed) : await file.text(index)}\n`);
      written += 1;
      located += Number(isMoved);
    }
    if (moved && located === 0)
      throw new DataError('image-missing', `${images} contains none of the missing images.`);
    await out.commit();
  } catch (error) {
    await out.discard();
    throw error;
  } finally {
    await file.close();
  }
  return written;
}
