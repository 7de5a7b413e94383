import { stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DataError } from '../datasets/data-error.ts';
import { nameOf, timesIn, type FramePlan } from '../datasets/frame-cache.ts';
import { readBytes } from '../files/regular.ts';
import { explain, loadSharp } from './sharp.ts';

/** Maximum delay (ms) that old programs wrote for "as fast as possible", and delay that browsers use in its place. */
const NO_DELAY = 10;
const USUAL_DELAY = 100;

/** Maximum size of a GIF or WebP file in bytes, because such files are read as a whole. */
const MAX_BYTES = 512 * 2 ** 20;

async function bytesOf(path: string): Promise<Buffer> {
  if ((await stat(path)).size > MAX_BYTES)
    throw new DataError('video-large', `${basename(path)} is larger than 512 MiB.`, {
      fix: 'Convert the file to MP4, or cut out the part that the rows use.',
    });
  return readBytes(path);
}

/** Returns the end of each frame of a GIF or an animated WebP, in seconds. */
async function endsOf(bytes: Uint8Array, name: string): Promise<number[]> {
  const sharp = await loadSharp();
  const { pages = 1, delay = [] } = await explain(() => sharp(bytes, { animated: true }).metadata());
  if (pages < 2)
    throw new DataError('video-still', `${name} has only one image.`, {
      fix: 'Move the file from "video" to "images".',
    });
  let end = 0;
  return Array.from({ length: pages }, (_, i) => {
    const ms = delay[i] ?? 0;
    end += (ms > NO_DELAY ? ms : USUAL_DELAY) / 1000;
    return end;
  });
}

/** Returns the length of a GIF or an animated WebP, in seconds. */
export async function animationLength(path: string): Promise<number> {
  return (await endsOf(await bytesOf(path), basename(path))).at(-1)!;
}

/** Writes frames of a GIF or an animated WebP to a folder as PNG files, with transparency over white. */
export async function extractFromAnimation(
  path: string,
  plan: FramePlan,
  { folder, longest }: { folder: string; longest: number },
): Promise<void> {
  const bytes = await bytesOf(path);
  const ends = await endsOf(bytes, basename(path));
  const sharp = await loadSharp();
  for (const [i, time] of timesIn(plan, ends.at(-1)!, basename(path)).entries()) {
    const page = Math.max(
      0,
      ends.findIndex((end) => time < end),
    );
    const png = await explain(() =>
      sharp(bytes, { page, pages: 1, failOn: 'truncated' })
        .resize(longest, longest, { fit: 'inside', withoutEnlargement: true })
        .flatten({ background: '#fff' })
        .png()
        .toBuffer(),
    );
    await writeFile(join(folder, nameOf(i)), png);
  }
}
