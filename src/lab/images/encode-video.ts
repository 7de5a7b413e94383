import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixed } from '../../base/format.ts';
import { nameOf } from '../datasets/frame-cache.ts';
import { readBytes } from '../files/regular.ts';
import { QUIET, run } from './ffmpeg.ts';

/**
 * A video (MP4, H.264) of images of one size. The same images give the same bytes, and every view of a clip goes
 * through this one encoder, so that compression does not tell which it is.
 * @param fps frames a second @throws DataError without ffmpeg, or without its encoder
 */
export async function encodeVideo(frames: readonly Uint8Array[], fps: number): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'chirality-clip-'));
  try {
    for (const [i, frame] of frames.entries()) await writeFile(join(folder, nameOf(i)), frame);
    const to = join(folder, 'clip.mp4');
    await run(to, [
      ...QUIET,
      '-protocol_whitelist',
      'file',
      '-framerate',
      fixed(fps, 6),
      '-i',
      join(folder.replaceAll('%', '%%'), '%03d.png'),
      // H.264 has no odd sizes.
      '-vf',
      'pad=ceil(iw/2)*2:ceil(ih/2)*2',
      '-pix_fmt',
      'yuv420p',
      '-c:v',
      'libx264',
      '-crf',
      '12',
      '-threads',
      '1',
      '-fflags',
      '+bitexact',
      '-flags:v',
      '+bitexact',
      to,
    ]);
    return await readBytes(to);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
