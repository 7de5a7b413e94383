import { explain, loadSharp, openPicture } from './sharp.ts';

/** Between the pictures, in pixels. */
const GAP = 4;

/**
 * Draws pictures beside each other, each at most `width` wide and high, as WebP. Small ones are enlarged by whole
 * factors, so that their pixels stay sharp.
 */
export async function sideBySide(pictures: readonly Uint8Array[], width: number): Promise<Uint8Array> {
  const sharp = await loadSharp();
  return explain(async () => {
    const drawn = await Promise.all(
      pictures.map(async (bytes) => {
        const picture = await openPicture(bytes);
        const { width: w, height: h } = await picture.metadata();
        const factor = Math.max(1, Math.floor(width / Math.max(w, h)));
        const [fitW, fitH] = factor > 1 ? [w * factor, h * factor] : [width, width];
        const { data, info } = await picture
          .resize({ width: fitW, height: fitH, fit: 'inside', kernel: factor > 1 ? 'nearest' : 'lanczos3' })
          .png()
          .toBuffer({ resolveWithObject: true });
        return { data, w: info.width, h: info.height };
      }),
    );
    const height = Math.max(...drawn.map(({ h }) => h));
    const whole = drawn.reduce((sum, { w }) => sum + w, GAP * (drawn.length - 1));
    const placed = drawn.map(({ data }, i) => ({
      input: Buffer.from(data),
      top: 0,
      left: drawn.slice(0, i).reduce((sum, { w }) => sum + w + GAP, 0),
    }));
    return sharp({ create: { width: whole, height, channels: 4, background: '#0000' } })
      .composite(placed)
      .webp({ quality: 82 })
      .toBuffer();
  });
}
