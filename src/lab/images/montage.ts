import { sum } from '../../base/numbers.ts';
import type { ImageRef } from '../../rows/sample/sample.ts';
import { viewOf, type ViewId } from '../../rows/view-list.ts';
import { explain, loadSharp, withPicture } from './sharp.ts';
import { newPixelsOf, turnedPng, withNewPixels } from './view-picture.ts';

/** Gap between two images of a montage, in pixels. */
const GAP = 4;
/** Maximum number of a clip's frames in a strip, and maximum width and height of each frame. */
const STRIP = 4;
const STRIP_WIDTH = 240;

/** Returns images of a view at even distances, including the first and the last image. */
const ofStrip = (images: readonly ImageRef[]): ImageRef[] =>
  images.length <= STRIP
    ? [...images]
    : Array.from({ length: STRIP }, (_, i) => images[Math.round((i * (images.length - 1)) / (STRIP - 1))]!);

/**
 * Returns the image of a row in a view as PNG. Several images, such as a clip's frames, become a strip.
 * @param images images of the view, at least one
 * @throws DataError if a file is not an image
 */
export async function pictureInView(
  view: ViewId,
  images: readonly ImageRef[],
  bytesOf: (image: ImageRef) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const made = newPixelsOf(view, { images: [...images] });
  const shown: Uint8Array[] = [];
  for (const image of ofStrip(images)) {
    const bytes = await bytesOf(image);
    shown.push(await turnedPng(made ? await withNewPixels(bytes, made) : bytes, viewOf(view).pixels));
  }
  return shown.length === 1 ? shown[0]! : montage(shown, STRIP_WIDTH, { as: 'png' });
}

/**
 * Draws the images of a pair's views (`pictureInView`) next to each other as WebP, each image at most `width` wide and
 * high. Strips are placed one below the other, which aligns frames of the same time.
 */
export const pairPicture = (
  views: readonly { images: readonly ImageRef[] }[],
  pictures: readonly Uint8Array[],
  width: number,
): Promise<Uint8Array> => {
  const areStrips = views.some(({ images }) => images.length > 1);
  return montage(pictures, areStrips ? 2 * width : width, { isColumn: areStrips });
};

/**
 * Draws images in a row or a column as WebP or PNG, each image at most `width` wide and high. Small images are enlarged
 * by whole factors, so that their pixels stay sharp.
 */
async function montage(
  pictures: readonly Uint8Array[],
  width: number,
  { as = 'webp', isColumn = false }: { as?: 'webp' | 'png'; isColumn?: boolean },
): Promise<Uint8Array> {
  const sharp = await loadSharp();
  return explain(async () => {
    const drawn = await Promise.all(
      pictures.map(async (bytes) => {
        const { data, info } = await withPicture(
          bytes,
          { use: 'small' },
          (picture, { width: w, height: h }) => {
            const factor = Math.max(1, Math.floor(width / Math.max(w, h)));
            const [fitW, fitH] = factor > 1 ? [w * factor, h * factor] : [width, width];
            return picture
              .resize({
                width: fitW,
                height: fitH,
                fit: 'inside',
                kernel: factor > 1 ? 'nearest' : 'lanczos3',
              })
              .png()
              .toBuffer({ resolveWithObject: true });
          },
        );
        return { data, w: info.width, h: info.height };
      }),
    );
    const along = drawn.map(({ w, h }) => (isColumn ? h : w));
    const across = Math.max(...drawn.map(({ w, h }) => (isColumn ? w : h)));
    const whole = sum(along) + GAP * (drawn.length - 1);
    const placed = drawn.map(({ data }, i) => {
      const before = sum(along.slice(0, i)) + GAP * i;
      const [left, top] = isColumn ? [0, before] : [before, 0];
      return { input: Buffer.from(data), left, top };
    });
    const [w, h] = isColumn ? [across, whole] : [whole, across];
    const background = as === 'png' ? '#888' : '#0000';
    const drawing = sharp({ create: { width: w, height: h, channels: 4, background } }).composite(placed);
    return (as === 'png' ? drawing.png() : drawing.webp({ quality: 82 })).toBuffer();
  });
}
