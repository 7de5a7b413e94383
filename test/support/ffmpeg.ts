import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { requireAll } from './required.ts';

function hasFfmpeg(): boolean {
  try {
    execFileSync('ffmpeg', ['-version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const found = hasFfmpeg();

/** Tests that make real videos with the machine's ffmpeg; skipped without, with the command that installs it. */
export function withFfmpeg(name: string, tests: () => void): void {
  if (found) describe(name, tests);
  else if (requireAll)
    it(name, () => expect.fail('There is no ffmpeg: apt-get install --no-install-recommends ffmpeg'));
  else describe.skip(`${name} (apt-get install --no-install-recommends ffmpeg)`, tests);
}

/** Runs ffmpeg on what a test made. */
export const ffmpeg = (folder: string, ...args: string[]): void =>
  void execFileSync('ffmpeg', ['-nostdin', '-loglevel', 'error', '-y', ...args], { cwd: folder });

/**
 * Two seconds of 64 × 48 pixels, ten images a second, whose brightness tells their number: image n is 16 + 10 n of
 * 219 steps above black. A white block at the left tells how they are turned.
 */
const DRAWN = [
  '-f',
  'lavfi',
  '-i',
  "nullsrc=s=64x48:r=10:d=2,geq=lum='if(lt(X,16),235,16+N*10)':cb=128:cr=128",
];

/** The codecs in which a test makes its videos. */
export const CODECS = {
  'h264.mp4': ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-qp', '4'],
  'vp9.webm': ['-c:v', 'libvpx-vp9', '-crf', '10', '-b:v', '0'],
} as const;

/** Makes a video of images that tell their number. @returns its path */
export function drawnVideo(folder: string, name: keyof typeof CODECS): string {
  ffmpeg(folder, ...DRAWN, ...CODECS[name], name);
  return join(folder, name);
}
