import fc from 'fast-check';
import type { Metadata } from 'sharp';
import { describe, expect, it } from 'vitest';
import { bytesPerPixel, Memory, withMemoryFor } from '../../../../src/lab/images/memory.ts';
import { forAllAsync } from '../../../support/property.ts';

describe('Memory', () => {
  it('property: Memory: never exceeds its size, and serves requests in order', async () => {
    const TOTAL = 10;
    const job = fc.record({
      bytes: fc.integer({ min: 0, max: TOTAL }),
      ticks: fc.integer({ min: 0, max: 5 }),
      fails: fc.boolean(),
    });
    await forAllAsync([fc.array(job, { maxLength: 20 })], async (jobs) => {
      const memory = new Memory(TOTAL);
      const started: number[] = [];
      let held = 0;
      const ends = await Promise.allSettled(
        jobs.map(({ bytes, ticks, fails }, i) =>
          memory.hold(bytes, async () => {
            started.push(i);
            held += bytes;
            expect(held).toBeLessThanOrEqual(TOTAL);
            for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
            held -= bytes;
            if (fails) throw new Error('failed');
            return i;
          }),
        ),
      );
      expect(started).toEqual(jobs.map((_, i) => i));
      expect(ends.map(({ status }) => status)).toEqual(
        jobs.map(({ fails }) => (fails ? 'rejected' : 'fulfilled')),
      );
      // All of it is free again.
      expect(await memory.hold(TOTAL, () => Promise.resolve('done'))).toBe('done');
    });
  });

  it('Memory rejects a request larger than its size', async () => {
    await expect(new Memory(10).hold(11, () => Promise.resolve())).rejects.toThrow(RangeError);
  });
});

describe('withMemoryFor and bytesPerPixel', () => {
  const picture = (format: string, side: number, more: Partial<Metadata> = {}): Metadata =>
    ({
      format,
      width: side,
      height: side,
      channels: 3,
      depth: 'uchar',
      isProgressive: false,
      ...more,
    }) as Metadata;
  const done = () => Promise.resolve('done');

  it('accepts 268 million pixels for formats that are read row by row', async () => {
    for (const format of ['jpeg', 'png', 'tiff'])
      for (const use of ['small', 'pixels'] as const)
        expect(await withMemoryFor(picture(format, 16_383), { use }, done)).toBe('done');
  });

  it.each<[string, Partial<Metadata>]>([
    ['webp', {}],
    ['heif', {}],
    ['jpeg', { isProgressive: true }],
    ['png', { isProgressive: true, channels: 4, depth: 'ushort' }],
  ])('rejects 268 million pixels for other formats, with the limit (%s %j)', async (format, more) => {
    await expect(withMemoryFor(picture(format, 16_383, more), { use: 'small' }, done)).rejects.toThrow(
      /has 268 million pixels, but at most \d+ million of this format fit into memory/,
    );
  });

  it('requires more memory if rows are rotated or all pixels are kept', () => {
    for (const format of ['jpeg', 'png', 'webp', 'heif', 'gif', 'tiff']) {
      const plain = picture(format, 10);
      expect(bytesPerPixel({ ...plain, orientation: 6 }, 'pixels', false)).toBe(
        bytesPerPixel(plain, 'pixels', true),
      );
      expect(bytesPerPixel(plain, 'pixels', true)).toBeGreaterThan(bytesPerPixel(plain, 'pixels', false) + 3);
      expect(bytesPerPixel(plain, 'pixels', false)).toBeGreaterThan(bytesPerPixel(plain, 'small', false) + 3);
    }
  });
});
