import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { framesAsked, framesOf, isFrame, MOST_FRAMES } from '../../rows/sample/clip.ts';
import { type FrameRef, type Video, type Sample } from '../../rows/sample/sample.ts';
import { RecentMap } from '../../base/recent-map.ts';
import { fileSha256 } from '../files/atomic.ts';
import { cacheDir, makeFolder } from '../files/folders.ts';
import { rename } from '../files/in-use.ts';
import { readBytes, readRange } from '../files/regular.ts';
import { versionIn } from '../files/version.ts';
import { DataError } from './data-error.ts';

/*
 * Frames of videos, as PNG files in the cache folder: never next to the user's file, and by the video's content, so that
 * a file which is moved or copied keeps them, and one which is replaced gets others.
 */

/** Which frames of a video: those at the middles of `frames` equal parts. */
export type FramePlan = Pick<FrameRef, 'frames' | 'start_s' | 'end_s'>;

/** What takes frames out of videos: the command line by itself, the editor's worker thread through its host. */
export interface FrameTools {
  /** Writes the frames as `000.png`, … into a folder. @throws DataError if the file cannot be read as a video */
  extract: (path: string, plan: FramePlan, folder: string) => Promise<void>;
  /** Whether frames are also taken only to see whether they can be. */
  eager?: boolean;
  /** The length in seconds. @throws DataError as `extract` does */
  length: (path: string) => Promise<number>;
}

let tools: FrameTools | null = null;

/** Says how this process takes frames out of videos. Without, it only finds those in the cache. */
export function takeFramesWith(these: FrameTools): void {
  tools = these;
}

const notTaken = (path: string) =>
  new DataError('video-not-taken', `The frames of ${basename(path)} have not been extracted.`, {
    fix: 'Extract them with chirality data check --images on the dataset.',
  });

/** The bytes of one frame of a video, by the real path of its file. @throws DataError with a fix */
export async function frameBytes(
  path: string,
  { frame, ...plan }: FramePlan & { frame: number },
): Promise<Buffer> {
  if (plan.frames > MOST_FRAMES)
    throw new DataError(
      'video-frames',
      `The number of frames of a video must be at most ${MOST_FRAMES}, not ${plan.frames}.`,
      {
        fix: 'Reduce frames or fps in the row.',
      },
    );
  return readBytes(join(await framesFolder(path, plan), nameOf(frame)));
}

/** The name of a frame's file. */
export const nameOf = (frame: number): string => `${`${frame}`.padStart(3, '0')}.png`;

/**
 * Extractions of this process that are on their way or failed because of the file: the frames of a clip are asked for one
 * after the other.
 */
const working = new RecentMap<string, Promise<string>>(1024);

/** Whether an error says something about this machine or moment, not about the video. */
const mayPass = (error: unknown): boolean =>
  !(error instanceof DataError) || /^(?:no-ffmpeg|video-slow)$/.test(error.problem.code);

/** The folder with the frames of a video, taken if there is none yet. */
async function framesFolder(path: string, plan: FramePlan): Promise<string> {
  const { frames, start_s: from = 0, end_s: to = 'end' } = plan;
  const parent = join(cacheDir(), 'clips', await contentOf(path));
  const folder = join(parent, `${frames}-${from}-${to}`);
  if (await isComplete(folder, frames)) return folder;
  if (!tools) throw notTaken(path);
  const key = `${folder} ${path}`; // an error names the file
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
  // Next to the folder, which a file that cannot be read does not leave behind.
  await makeFolder(dirname(parent));
  const made = await mkdtemp(join(dirname(parent), '.taking-'));
  try {
    await extract(path, plan, made);
    await makeFolder(parent);
    await rename(made, folder).catch(async (error: unknown) => {
      // Another process was faster, or left a folder that is not complete.
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

/** Hashes of files that were asked for, by their versions. */
const contents = new RecentMap<string, Promise<string>>(4096);

async function contentOf(path: string): Promise<string> {
  const key = `${versionIn(await stat(path))} ${path}`;
  const kept = contents.get(key) ?? fileSha256(path);
  contents.set(key, kept);
  return kept;
}

/** Takes frames of a video if this process does so only to look; else sees what kind of file it is. @throws DataError */
export async function lookAtVideo(path: string, ref: FrameRef, isWanted: boolean): Promise<void> {
  await videoKind(path);
  if (isWanted && tools?.eager) await frameBytes(path, ref);
}

/** The length of a video in seconds, by the real path of its file. @throws DataError, if this process cannot tell */
export function videoLength(path: string): Promise<number> {
  if (!tools) throw notTaken(path);
  return tools.length(path);
}

/** What a file of moving images is, by its first bytes: named otherwise, it is still what it is. */
export type VideoKind = 'animation' | 'video';

/**
 * Tells what a file is, whatever its name says.
 * @throws DataError for an empty file, and for one that is a still image or no video by its first bytes
 */
export async function videoKind(path: string): Promise<VideoKind> {
  const name = basename(path);
  const start = await readRange(path, 0, 64);
  if (start.length === 0)
    throw new DataError('video-empty', `${name} is empty.`, { fix: 'Download or export the file again.' });
  const magic = start.toString('hex');
  if (/^474946383[79]61/.test(magic)) return 'animation';
  if (/^52494646.{8}57454250/.test(magic)) {
    // The bit of an extended WebP that says that it moves.
    if (/^.{24}56503858/.test(magic) && (start[20]! & 2) !== 0) return 'animation';
    throw still(name, 'WebP');
  }
  const picture = STILLS.find(([, begins]) => begins.test(magic));
  if (picture) throw still(name, picture[0]);
  return 'video';
}

const STILLS: readonly [name: string, magic: RegExp][] = [
  ['PNG', /^89504e470d0a1a0a/],
  ['JPEG', /^ffd8ff/],
  ['BMP', /^424d.{8}0000/],
  ['TIFF', /^(?:49492a00|4d4d002a)/],
  ['AVIF or HEIC', /^.{8}66747970(?:61766966|686569|686576|6d696631)/],
];

const still = (name: string, kind: string) =>
  new DataError('video-still', `${name} is a still image (${kind}), not a video.`, {
    fix: 'List the file under images.',
  });

/**
 * The times at the middles of the parts of a plan, in a video of this length.
 * @throws DataError if the plan asks for what is not in the video
 */
export function timesIn(
  { frames, start_s: from = 0, end_s: to }: FramePlan,
  length: number,
  name: string,
): number[] {
  // What is written down is rounded, and the sound may go on for longer than the images.
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

/** A video with its length written down, so that the number and the times of its frames are known to whoever reads it. */
const withLength = (video: Video, length: number): Video =>
  video.end_s === undefined ? { ...video, end_s: Math.floor(length * 1000) / 1000 } : video;

/** A row with the length of its video written down, and the frames that follow from it. */
export function withVideoLength(sample: Sample, video: Video, length: number): Sample {
  const whole = withLength(video, length);
  return { ...sample, video: whole, images: sample.images.every(isFrame) ? framesOf(whole) : sample.images };
}

/** Which frames a row shows of a video of this length, and the names of their files. */
export function framesToTake(video: Video, length: number) {
  const plan = { ...video, frames: framesAsked(withLength(video, length))! };
  return {
    plan,
    names: () => Array.from({ length: plan.frames }, (_, i) => nameOf(i)),
    /** In seconds. @throws DataError if the plan asks for what is not in the video */
    times: () => timesIn(plan, length, video.path),
  };
}
