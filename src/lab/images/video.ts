import { copyFile, readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fixed } from '../../base/format.ts';
import { DataError } from '../datasets/data-error.ts';
import { nameOf, timesIn, videoKind, type FramePlan } from '../datasets/frame-cache.ts';
import { readRange } from '../files/regular.ts';
import { damaged, QUIET, run } from './ffmpeg.ts';
import { animationLength, extractFromAnimation } from './animation.ts';

/** Containers that contain their images. Playlists and lists of files (hls, dash, concat, image2) are excluded. */
const CONTAINERS =
  'mov,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,h264,hevc,ivf,gif,apng,m4v,wtv,rm,nut,mxf';

/** Returns the arguments for opening a file, which prevent a path from being read as an option or a URL. */
const input = (path: string): string[] => [
  '-protocol_whitelist',
  'file',
  '-format_whitelist',
  CONTAINERS,
  '-i',
  `file:${path}`,
];

/** ffmpeg's name for the first video stream that is not a cover image of a music file. */
const PICTURES = '0:V:0';

const MAX_BYTES = 16 * 2 ** 30;
/** Length of a frame's longer side in pixels, more than models use for one of several images. */
const LONGEST = 1024;

/** Writes frames of a video, GIF or animated WebP to a folder (`FrameTools`). */
export async function extractFrames(path: string, plan: FramePlan, folder: string): Promise<void> {
  if ((await videoKind(path)) === 'animation')
    return extractFromAnimation(path, plan, { folder, longest: LONGEST });
  const shown = await picturesIn(path);
  const wanted = timesIn(plan, endOf(shown), basename(path)).map((time) => indexAt(shown, time));
  for (const [g, group] of groupsOf(wanted).entries()) {
    const parts = `part-${g}-`;
    await takeGroup(path, shown, group, join(folder.replaceAll('%', '%%'), `${parts}%03d.png`));
    for (const [i, picture] of wanted.entries()) {
      const at = group.indexOf(picture);
      if (at < 0) continue;
      // If a video has fewer images than requested frames, several frames are copies of one image.
      await copyFile(join(folder, parts + nameOf(at)), join(folder, nameOf(i))).catch(() => {
        throw damaged(path, `no image at ${fixed(shown[picture]!.at, 2)} s`);
      });
    }
  }
  for (const name of await readdir(folder)) if (name.startsWith('part-')) await rm(join(folder, name));
}

/** Maximum distance between two images for which decoding all images between them is faster than seeking. */
const NEAR = 120;

/** Groups image numbers, without duplicates, into ranges to decode at once. */
function groupsOf(pictures: readonly number[]): number[][] {
  const groups: number[][] = [];
  for (const picture of new Set(pictures)) {
    const group = groups.at(-1);
    if (group && picture - group.at(-1)! <= NEAR) group.push(picture);
    else groups.push([picture]);
  }
  return groups;
}

/**
 * Whether a file is an MPEG stream, as cameras and receivers write. MPEG streams have no index, so a seek ends after
 * the image on which decoding depends. Such streams are decoded from the start.
 */
async function isTransport(path: string): Promise<boolean> {
  const head = await readRange(path, 0, 512);
  const repeats = (from: number, size: number) => [0, 1].every((i) => head[from + i * size] === 0x47);
  return repeats(0, 188) || repeats(4, 192) || head.subarray(0, 4).toString('hex') === '000001ba';
}

/** Extracts the images of a group to numbered files. */
async function takeGroup(path: string, shown: readonly Shown[], group: readonly number[], to: string) {
  // Uses the middle between neighbouring images, so that rounding never selects another image.
  const before = (i: number) => (i === 0 ? 0 : (shown[i - 1]!.at + shown[i]!.at) / 2);
  const seek = (await isTransport(path)) ? 0 : before(group[0]!);
  const after = (i: number) => (i + 1 < shown.length ? before(i + 1) : Infinity);
  const choice = group.map((i) => {
    const until = after(i);
    const from = `gte(t,${fixed(before(i) - seek, 6)})`;
    return until === Infinity ? from : `${from}*lt(t,${fixed(until - seek, 6)})`;
  });
  const fits = `min(${LONGEST},iw)':h='min(${LONGEST},ih)`;
  const filters = [
    `select='${choice.join('+')}'`,
    'setpts=N/TB',
    'scale=trunc(iw*sar):ih',
    `scale=w='${fits}':force_original_aspect_ratio=decrease`,
  ];
  await run(path, [
    ...QUIET,
    ...(seek > 0 ? ['-ss', fixed(seek, 6)] : []),
    ...input(path),
    '-map',
    PICTURES,
    '-frames:v',
    `${group.length}`,
    // With the filter's rate of one image per second, no image is repeated or dropped. The option for that differs
    // between versions.
    '-r',
    '1',
    '-vf',
    filters.join(','),
    '-f',
    'image2',
    '-start_number',
    '0',
    '-c:v',
    'png',
    '-y',
    to,
  ]);
}

/** Returns the length of a video, GIF or animated WebP in seconds (`FrameTools`). */
export async function lengthOfVideo(path: string): Promise<number> {
  if ((await videoKind(path)) === 'animation') return animationLength(path);
  return endOf(await picturesIn(path));
}

/** Display time and duration of a video image, in seconds. */
interface Shown {
  at: number;
  lasts: number;
}

const endOf = (shown: readonly Shown[]): number => shown.at(-1)!.at + shown.at(-1)!.lasts;

const indexAt = (shown: readonly Shown[], time: number): number =>
  Math.max(
    0,
    shown.findLastIndex(({ at }) => at <= time + 1e-6),
  );

/** Matches a line of ffmpeg's list: stream, decoding time, display time, duration, size, checksum. */
const LINE = /^0, *(-?\d+), *(-?\d+), *(-?\d+),/;
/** Value with which ffmpeg marks an unknown time. */
const UNKNOWN = -(2 ** 63);

/** Returns all images of a video in display order. Reads their times from the container without decoding. */
async function picturesIn(path: string): Promise<Shown[]> {
  const { size } = await stat(path);
  if (size > MAX_BYTES)
    throw new DataError('video-large', `${basename(path)} is larger than 16 GiB.`, {
      fix: 'Cut out the part that the rows use.',
    });
  const list = await run(path, [
    ...QUIET,
    ...input(path),
    '-map',
    PICTURES,
    '-c',
    'copy',
    '-f',
    'framecrc',
    '-',
  ]);
  const [, above = '1', below = '1'] = /^#tb 0: (\d+)\/(\d+)$/m.exec(list) ?? [];
  const tick = Number(above) / Number(below);
  const shown = list.split('\n').flatMap((line) => {
    const match = LINE.exec(line);
    if (!match) return [];
    const [decoded, seen, lasts] = match.slice(1).map(Number) as [number, number, number];
    const time = seen === UNKNOWN ? decoded : seen;
    // Images before the start are only used to decode later images.
    return time < 0 ? [] : [{ at: time * tick, lasts: lasts * tick }];
  });
  shown.sort((a, b) => a.at - b.at);
  if (shown.length === 0) throw damaged(path, 'the video has no images');
  if (shown.length === 1)
    throw new DataError('video-still', `${basename(path)} has only one image.`, {
      fix: 'List an image of the file under images.',
    });
  const last = shown.at(-1)!;
  if (last.lasts <= 0) last.lasts = last.at / (shown.length - 1);
  return shown;
}
