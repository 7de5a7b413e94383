import { basename, dirname, extname, join, resolve } from 'node:path';
import { pairFigureFile } from '../core/pairs/pair-figure.ts';
import type { RecordedPair } from '../core/run-data/trace.ts';
import type { TraceSource } from '../core/run-data/trace-summary.ts';
import { seenFigure } from '../core/seen/seen-figure.ts';
import { seenBy } from '../core/seen/seen-map.ts';
import type { ImageRef } from '../rows/sample/sample.ts';
import { DataError } from '../lab/datasets/data-error.ts';
import { ImageFiles } from '../lab/datasets/image-files.ts';
import { rootOf } from './input.ts';
import { writeAtomically } from '../lab/files/atomic.ts';
import { decodeImage, encodeImage, imageSize } from '../lab/images/decode.ts';
import { pictureInView } from '../lab/images/montage.ts';
import { drawingToPng } from '../lab/images/sharp.ts';
import { pairImage } from '../lab/traces/pair-image.ts';
import { UsageError } from './errors.ts';
import { note, pathHere } from './print.ts';
import { requireFamily } from './values.ts';

export interface PlacedPair {
  pair: RecordedPair;
  place: TraceSource;
}

/** Width of an image with a model's view. `drawingToPng` doubles the size of a drawing. */
const FIGURE_PIXELS = 920;

/** @throws UsageError unless the file extension is .svg */
export function requireFigureFormat(file: string): void {
  if (extname(file).toLowerCase() !== '.svg')
    throw new UsageError(`--figure must end with .svg, not ${file}.`);
}

/**
 * Writes a pair as a figure for a paper: the images of its views, the question, and the answers of the models.
 * @param dataRoot folder of the images, if it differs from the recorded folder
 * @param sees model family whose view is drawn over the images
 */
export async function writePairFigure(
  file: string,
  first: PlacedPair,
  others: readonly PlacedPair[],
  { dataRoot, sees }: { dataRoot?: string | undefined; sees?: string | undefined },
): Promise<void> {
  const { pair } = first;
  if (sees !== undefined && pair.views.some(({ images }) => images.length > 1))
    throw new UsageError('--sees requires a pair with one image. Remove --sees.');
  const plain = await viewPictures(first, dataRoot);
  const pngs = sees === undefined ? plain : await Promise.all(plain.map((png) => asSeenBy(png, sees)));
  const pictures = await Promise.all(
    pngs.map(async (png) => ({ ...(await imageSize(png)), url: pngUrl(png) })),
  );
  const written = pairFigureFile(
    [first, ...others].map(({ pair, place }) => ({ name: nameOf(pair, place), pair })),
    pictures,
  );
  await writeAtomically(resolve(file), written);
  note(`Wrote ${pathHere(resolve(file))}.`);
}

/** Draws a model family's view over an image: crop, padding, patches and tiles, as in `inspect seen --figure`. */
async function asSeenBy(png: Uint8Array, family: string): Promise<Uint8Array> {
  const size = await imageSize(png);
  const map = seenBy(requireFamily(family), size);
  if (!map) throw new UsageError(`${family} refuses images of ${size.w} × ${size.h} pixels.`);
  const small = { w: FIGURE_PIXELS, h: Math.max(1, Math.round((FIGURE_PIXELS * size.h) / size.w)) };
  const pixels = await decodeImage(png, size.w > FIGURE_PIXELS ? small : undefined);
  return drawingToPng(seenFigure(map, size, pngUrl(await encodeImage(pixels, 'png')), FIGURE_PIXELS / 2));
}

/**
 * Returns the images of a pair in its views, as PNG. Several images, such as the frames of a clip, form a strip.
 * @param dataRoot folder of the images, if it differs from the recorded folder
 * @throws UsageError or DataError if an image is missing or unreadable
 */
export const viewPictures = (
  { pair, place }: PlacedPair,
  dataRoot: string | undefined,
): Promise<Uint8Array[]> =>
  Promise.all(
    pair.views.map(({ view, images }) => {
      if (images[0] === undefined) throw new UsageError('The pair has no image.');
      return pictureInView(view, images, (image) => pictureOf(pair, place, image, dataRoot));
    }),
  );

async function pictureOf(
  pair: RecordedPair,
  place: TraceSource,
  ref: ImageRef,
  dataRoot: string | undefined,
): Promise<Uint8Array> {
  if (dataRoot === undefined) {
    const set = pair.kind === 'evaluated' ? pair.set : null;
    return pairImage(place, set, ref, [process.cwd()]).catch((error: unknown) => {
      const isClosed = error instanceof DataError && error.problem.code === 'image-folder';
      throw isClosed
        ? new UsageError('The images are outside the current folder. Pass their folder with --data-root.')
        : error;
    });
  }
  const files = new ImageFiles(await rootOf(dataRoot), await rootOf(dataRoot));
  return files.bytes(ref).finally(() => files.close());
}

const pngUrl = (png: Uint8Array): string => `data:image/png;base64,${Buffer.from(png).toString('base64')}`;

/** Returns the name of the run with its step, or the name of an evaluation folder without a run. */
function nameOf({ step }: RecordedPair, { run, source }: TraceSource): string {
  const folder = resolve(run);
  const isOfRun = source === '.' && basename(dirname(folder)) === 'eval';
  if (source === '.' && !isOfRun) return basename(folder);
  return `${basename(isOfRun ? join(folder, '..', '..') : folder)}, step ${step}`;
}
