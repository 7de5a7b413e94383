import fc from 'fast-check';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { encodePng } from '../../../src/lab/images/png.ts';

it('a picture survives as PNG, by another decoder', async () => {
  const picture = fc
    .record({ w: fc.integer({ min: 1, max: 20 }), h: fc.integer({ min: 1, max: 20 }) })
    .chain(({ w, h }) =>
      fc.uint8Array({ minLength: w * h * 3, maxLength: w * h * 3 }).map((rgb) => ({ w, h, rgb })),
    );
  await fc.assert(
    fc.asyncProperty(picture, async ({ w, h, rgb }) => {
      const { data, info } = await sharp(await encodePng({ w, h, rgb }))
        .raw()
        .toBuffer({ resolveWithObject: true });
      expect(info).toMatchObject({ width: w, height: h, channels: 3 });
      expect(data.equals(rgb)).toBe(true);
    }),
    { numRuns: 50 },
  );
});
