import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DataError } from '../../../../src/lab/datasets/data-error.ts';
import { takeFramesWith } from '../../../../src/lab/datasets/frame-cache.ts';
import { ImageFiles } from '../../../../src/lab/datasets/image-files.ts';
import { decodeImage } from '../../../../src/lab/images/decode.ts';
import { extractFrames, lengthOfVideo } from '../../../../src/lab/images/video.ts';
import { drawnVideo, ffmpeg, withFfmpeg } from '../../../support/ffmpeg.ts';
import { folderOfEachTest, folderOfTests } from '../../../support/folder.ts';
import { few, slowly } from '../../../support/slow.ts';

const folder = folderOfTests('videos-');
folderOfEachTest('cache-', (cache) => {
  vi.stubEnv('XDG_CACHE_HOME', cache);
  takeFramesWith({ extract: extractFrames, length: lengthOfVideo });
});
afterAll(() => vi.unstubAllEnvs());

const files = (root = folder) => new ImageFiles(root, root);
const frames = async (video: string, n: number, part: object = {}, of = files()) =>
  Promise.all(
    Array.from({ length: n }, async (_, frame) =>
      decodeImage(await of.bytes({ video, frame, frames: n, ...part })),
    ),
  );
/** The number of the image, by its brightness in the middle of its right half. */
const numberOf = ({ width, height, data }: Awaited<ReturnType<typeof decodeImage>>): number =>
  Math.round((data[3 * (Math.floor(height / 2) * width + Math.floor(0.75 * width))]! * 219) / 255 / 10);
const problemOf = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof DataError)) throw new Error('It was read.', { cause: error });
  return error.problem;
};

describe('GIF and animated WebP frames', () => {
  /** Images of one grey each, that last 100, 300 and 100 ms. */
  const animated = (greys: readonly number[]) =>
    sharp(Buffer.concat(greys.map((grey) => Buffer.alloc(8 * 6 * 3, grey))), {
      raw: { width: 8, height: 6 * greys.length, channels: 3, pageHeight: 6 },
    });
  beforeAll(async () => {
    const delay = [100, 300, 100];
    await animated([0, 100, 200]).gif({ delay }).toFile(join(folder, 'a.gif'));
    await animated([0, 100, 200]).webp({ delay, lossless: true }).toFile(join(folder, 'a.webp'));
    await animated([7]).gif().toFile(join(folder, 'one.gif'));
    copyFileSync(join(folder, 'a.gif'), join(folder, 'gif.mp4'));
  });

  it.each(few(['a.gif', 'a.webp', 'gif.mp4']))(
    'frames of %s are those on screen at each time',
    async (name) => {
      expect((await frames(name, 5)).map(({ data }) => data[0])).toEqual([0, 100, 100, 100, 200]);
      expect(await files().videoLength(name)).toBeCloseTo(0.5);
    },
  );

  it('frames of a single image are rejected as a clip', async () => {
    expect(await problemOf(frames('one.gif', 2))).toMatchObject({ code: 'video-still' });
  });
});

withFfmpeg('video frames', () => {
  beforeAll(() => {
    drawnVideo(folder, 'h264.mp4');
    drawnVideo(folder, 'vp9.webm');
    ffmpeg(folder, '-i', 'h264.mp4', '-c', 'copy', '-metadata:s:v', 'rotate=90', 'turned.mp4');
    for (const name of ['h264.ts', 'h264.m2ts', 'h264.mov', 'h264.mkv'])
      ffmpeg(
        folder,
        '-i',
        'h264.mp4',
        '-c',
        'copy',
        ...(name.endsWith('m2ts') ? ['-mpegts_m2ts_mode', '1'] : []),
        name,
      );
    ffmpeg(folder, '-f', 'lavfi', '-i', 'sine=d=1', 'sound.m4a');
    const whole = readFileSync(join(folder, 'h264.mp4'));
    writeFileSync(join(folder, 'cut.mp4'), whole.subarray(0, whole.length / 2));
    writeFileSync(join(folder, 'empty.mp4'), '');
    writeFileSync(join(folder, 'text.mp4'), 'This is no video.\n'.repeat(99));
    copyFileSync(join(folder, 'h264.mp4'), join(folder, 'named.gif'));
  });

  it.each(few(['h264.mp4', 'vp9.webm', 'named.gif', 'h264.ts', 'h264.m2ts', 'h264.mov', 'h264.mkv']))(
    'frames of %s are sampled from the middle of equal parts',
    async (name) => {
      expect((await frames(name, 5)).map(numberOf)).toEqual([2, 6, 10, 14, 18]);
      expect((await frames(name, 4, { start_s: 1, end_s: 1.4 })).map(numberOf)).toEqual([10, 11, 12, 13]);
      expect(await files().videoLength(name)).toBeCloseTo(2, 1);
    },
  );

  it('frames include the last frame, and every frame if all are requested', async () => {
    expect((await frames('h264.mp4', 20)).map(numberOf)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(numberOf((await frames('vp9.webm', 64)).at(-1)!)).toBe(19);
  });

  slowly('frames have the orientation of playback', async () => {
    const [first] = await frames('turned.mp4', 2);
    expect([first!.width, first!.height]).toEqual([48, 64]);
  });

  slowly('frames are extracted once per content, and never into the folder of the video', async () => {
    const before = readdirSync(folder);
    await frames('h264.mp4', 3);
    takeFramesWith({ extract: () => Promise.reject(new Error('again')), length: lengthOfVideo });
    await frames('h264.mp4', 3);
    await frames('named.gif', 3);
    expect(readdirSync(folder)).toEqual(before);
    await expect(frames('vp9.webm', 3)).rejects.toThrow('again');
  });

  it.each([
    ['cut.mp4', 'video-damaged'],
    ['empty.mp4', 'video-empty'],
    ['text.mp4', 'video-damaged'],
    ['sound.m4a', 'video-silent'],
  ])('frames of %s are rejected as %s, in one line with a fix', async (name, code) => {
    const problem = await problemOf(frames(name, 2));
    expect(problem).toMatchObject({ code, fix: expect.any(String) as string });
    expect(problem.message).not.toMatch(/\n|\/|0x/);
  });

  it('frames of an image with a video name are rejected as a still image', async () => {
    await sharp({ create: { width: 9, height: 9, channels: 3, background: '#123' } })
      .png()
      .toFile(join(folder, 'picture.mp4'));
    expect(await problemOf(frames('picture.mp4', 2))).toMatchObject({ code: 'video-still' });
  });

  it('frames of a pipe are rejected without waiting', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe.mp4')]);
    expect(await problemOf(frames('pipe.mp4', 2))).toMatchObject({ code: 'image-missing' });
  });

  it('frames of two files with equal content are reported under the right name', async () => {
    writeFileSync(join(folder, 'a.m3u8'), '#EXTM3U\nh264.mp4\n');
    writeFileSync(join(folder, 'b.mp4'), '#EXTM3U\nh264.mp4\n');
    for (const name of ['a.m3u8', 'b.mp4'])
      expect((await problemOf(frames(name, 2))).message).toContain(name);
  });

  it('frames of a part outside the video are rejected', async () => {
    expect(await problemOf(frames('h264.mp4', 2, { start_s: 5 }))).toMatchObject({ code: 'video-part' });
    expect(await problemOf(frames('h264.mp4', 2, { end_s: 9 }))).toMatchObject({ code: 'video-part' });
  });

  it('frames without ffmpeg are rejected with instructions for its installation', async () => {
    vi.stubEnv('CHIRALITY_FFMPEG', join(folder, 'no-such-program'));
    const problem = await problemOf(frames('h264.mp4', 2));
    vi.stubEnv('CHIRALITY_FFMPEG', undefined);
    expect(problem).toMatchObject({
      code: 'no-ffmpeg',
      fix: expect.stringContaining('CHIRALITY_FFMPEG') as string,
    });
  });

  it.each([
    ['list.m3u8', '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nsecret.ts\n#EXT-X-ENDLIST\n'],
    ['list.mp4', '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n'],
    ['list.ffconcat', "ffconcat version 1.0\nfile 'secret.ts'\n"],
  ])('frames of %s are rejected as a list of other files', async (name, text) => {
    ffmpeg(folder, '-i', 'h264.mp4', '-c', 'copy', 'secret.ts');
    writeFileSync(join(folder, name), text);
    expect(await problemOf(frames(name, 2))).toMatchObject({ code: 'video-damaged' });
  });

  it('frames of a video outside the data root are rejected', async () => {
    const root = join(folder, 'inner');
    mkdirSync(root);
    symlinkSync(join(folder, 'h264.mp4'), join(root, 'link.mp4'));
    for (const name of ['link.mp4', '../h264.mp4', 'http://127.0.0.1/a.mp4'])
      expect((await problemOf(frames(name, 2, {}, files(root)))).code).toMatch(
        /^image-(outside|url|missing)$/,
      );
  });
});
