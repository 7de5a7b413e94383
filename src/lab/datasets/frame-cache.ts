import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { framesIn, MOST_FRAMES } from '../../rows/sample/clip.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { RecentMap } from '../../base/recent-map.ts';
import { fileSha256 } from '../files/atomic.ts';
import { cacheDir, makeFolder } from '../files/folders.ts';
import { rename } from '../files/in-use.ts';
import { readBytes, readRange } from '../files/regular.ts';
import { UntilChanged, versionIn } from '../files/version.ts';
import { DataError } from './data-error.ts';
import { pictureFormat } from './picture-file.ts';

/*
 * Cache of video frames as PNG files, outside the user's folders. The key is the content of the video: a moved file
 * keeps its frames, and a replaced file gets new frames.
 */

/** Frames of a video at the middles of `frames` equal parts. */
export type FramePlan = { frames: number } & Pick<Video, 'start_s' | 'end_s'>;

type Video = NonNullable<Sample['video']>;

/** Functions that extract frames. The command line runs them in its main thread, the editor in a worker thread. */
export interface FrameTools {
  /** Writes the frames to a folder as `000.png`, … @throws DataError if the file cannot be read as a video */
  extract: (path: string, plan: FramePlan, folder: string) => Promise<void>;
  /** Whether checks of a dataset also extract frames, to verify that extraction works. */
  eager?: boolean;
  /** Returns the length of a video in seconds. @throws DataError like `extract` */
  length: (path: string) => Promise<number>;
}

let tools: FrameTools | null = null;

/** Sets the functions with which this process extracts frames. By default, only cached frames are found. */
export function takeFramesWith(these: FrameTools): void {
  tools = these;
}

const notTaken = (path: string) =>
  new DataError('video-not-taken', `The frames of ${basename(path)} have not been extracted.`, {
    fix: 'Extract them with chirality data check --images on the dataset.',
  });

/** Returns the bytes of one frame of a video, given the real path of the file. @throws DataError with a fix */
export async function frameBytes(
  path: string,
  { frame, ...plan }: FramePlan & { frame: number },
): Promise<Buffer> {
  if (plan.frames > MOST_FRAMES)
    throw new DataError(
      'video-frames',
      `The number of frames of a video must be at most ${MOST_FRAMES}, not ${plan.frames}.`,
      { fix: 'Reduce frames or fps in the row.' },
    );
  return readBytes(join(await framesFolder(path, plan), nameOf(frame)));
}

export const nameOf = (frame: number): string => `${`${frame}`.padStart(3, '0')}.png`;

/**
 * Extractions of this process that are running, or that failed because of the file. Callers request the frames of a
 * clip one by one.
 */
const working = new RecentMap<string, Promise<string>>(1024);

/** Whether an error can disappear on another machine or later, because the video does not cause the error. */
const mayPass = (error: unknown): boolean =>
  !(error instanceof DataError) || /^(?:no-ffmpeg|video-slow)$/.test(error.problem.code);

/** Returns the folder with the frames of a video. Extracts the frames if necessary. */
async function framesFolder(path: string, plan: FramePlan): Promise<string> {
  const { frames, start_s: from = 0, end_s: to = 'end' } = plan;
  const parent = join(cacheDir(), 'clips', await contentOf(path));
  const folder = join(parent, `${frames}-${from}-${to}`);
  if (await isComplete(folder, frames)) return folder;
  if (!tools) throw notTaken(path);
  const key = `${folder} ${path}`; // Errors contain the file's path, so the path is part of the key.
  const begun = working.get(key);
  if (begun) return begun;
  const work = take(tools, path, plan, { parent, folder });
  working.set(key, work);
  work.then(
    () => working.delete(key),
    (error: unknown) => mayPass(error) && working.delete(key),
  );
  return work;
}

async function take(
  { extract }: FrameTools,
  path: string,
  plan: FramePlan,
  { parent, folder }: { parent: string; folder: string },
): Promise<string> {
  // The temporary folder is outside the cache entry, so that no entry remains if the file is unreadable.
  await makeFolder(dirname(parent));
  const made = await mkdtemp(join(dirname(parent), '.taking-'));
  try {
    await extract(path, plan, made);
    await makeFolder(parent);
    await rename(made, folder).catch(async (error: unknown) => {
      // Another process extracted the frames first, or left an incomplete folder.
      if (await isComplete(folder, plan.frames)) return;
      await rm(folder, { recursive: true, force: true });
      await rename(made, folder).catch(() => {
        throw error;
      });
    });
    return folder;
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

const isComplete = async (folder: string, frames: number): Promise<boolean> =>
  readdir(folder).then(
    (names) => names.filter((name) => name.endsWith('.png')).length === frames,
    () => false,
  );

/** Hashes of files, by path and version. */
const contents = new UntilChanged<string>(4096);

const contentOf = async (path: string): Promise<string> =>
  contents.of(path, versionIn(await stat(path)), () => fileSha256(path));

/** Checks the type of a video file. Extracts the frames if the caller and this process request it. @throws DataError */
export async function lookAtVideo(
  path: string,
  ref: FramePlan & { frame: number },
  isWanted: boolean,
): Promise<void> {
  await videoKind(path);
  if (isWanted && tools?.eager) await frameBytes(path, ref);
}

/** Returns the length in seconds of a video, given its real path. @throws DataError if this process has no tools */
export function videoLength(path: string): Promise<number> {
  if (!tools) throw notTaken(path);
  return tools.length(path);
}

/** Kind of a file of moving images, detected from its first bytes. The extension is ignored. */
export type VideoKind = 'animation' | 'video';

/**
 * Returns the kind of a file by its first bytes.
 * @throws DataError for an empty file, a still image, and a file that is not a video
 */
export async function videoKind(path: string): Promise<VideoKind> {
  const name = basename(path);
  const start = await readRange(path, 0, 64);
  if (start.length === 0)
    throw new DataError('video-empty', `${name} is empty.`, { fix: 'Download or export the file again.' });
  const format = pictureFormat(start);
  if (format === undefined) return 'video';
  // Flag for animation in the header of an extended WebP.
  const isAnimated =
    format === 'WebP' && start.toString('latin1', 12, 16) === 'VP8X' && (start[20]! & 2) !== 0;
  if (format === 'GIF' || isAnimated) return 'animation';
  throw still(name, format);
}

const still = (name: string, kind: string) =>
  new DataError('video-still', `${name} is a still image (${kind}), not a video.`, {
    fix: 'List the file under images.',
  });

/**
 * Returns the times of a plan's frames, which are the middles of its parts, in a video of the given length.
 * @throws DataError if the plan is not inside the video
 */
export function timesIn(
  { frames, start_s: from = 0, end_s: to }: FramePlan,
  length: number,
  name: string,
): number[] {
  // Stored times are rounded, and the sound can be longer than the video.
  if (from >= length || (to !== undefined && to > length + SLACK_S))
    throw new DataError(
      'video-part',
      `${name} is ${seconds(length)} long, but the row uses ${seconds(from)} to ${to === undefined ? 'its end' : seconds(to)}.`,
      { fix: 'Correct start_s and end_s.' },
    );
  const end = Math.min(to ?? length, length);
  return Array.from({ length: frames }, (_, i) => from + ((i + 0.5) * (end - from)) / frames);
}

const SLACK_S = 0.5;

const seconds = (s: number): string => `${Math.round(s * 100) / 100} s`;

/** Returns the frames that a row shows of a video with the given length, and the file names of the frames. */
export function framesToTake(video: Video, length: number) {
  const plan = { ...video, frames: framesIn(video, length) };
  return {
    plan,
    names: () => Array.from({ length: plan.frames }, (_, i) => nameOf(i)),
    /** Returns the times of the frames in seconds. @throws DataError if the plan is not inside the video */
    times: () => timesIn(plan, length, video.path),
  };
}
