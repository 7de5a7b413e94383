import type { Sample } from '../../core/sample/sample.ts';
import { focalOf } from '../../core/views/resample/warp.ts';
import { resamplePixels } from '../../core/views/resample/pixels.ts';
import type { Resample } from '../../core/view-parts.ts';
import { type ViewId, viewOf } from '../../core/view-list.ts';
import { decodeImage, encodeImage } from './decode.ts';

/** What makes the new pixels of a row's pictures in a view. */
export interface NewPixels {
  steps: readonly Resample[];
  /** In pixels, for pans. */
  focal: number | undefined;
}

/** The new pixels that a view makes of a row's pictures; null if it only turns them, or leaves them as they are. */
export function newPixelsOf(view: ViewId, sample: Pick<Sample, 'meta' | 'images'>): NewPixels | null {
  const steps = viewOf(view).resamples;
  return steps.length > 0 ? { steps, focal: focalOf(sample) } : null;
}

/**
 * The operations for the depth map of a row: those that move pixels, but not those that change colours, because a depth
 * is not a colour.
 */
export function ofDepthMap(made: NewPixels | null): NewPixels | null {
  const steps = made?.steps.filter(({ op }) => op !== 'grey' && op !== 'light') ?? [];
  return steps.length > 0 ? { ...made!, steps } : null;
}

/**
 * The picture of a view with new pixels, before it is turned, as PNG: models and files get what it shows without loss.
 * @throws DataError if the bytes are not a picture; RangeError for a pan without a focal length
 */
export async function withNewPixels(bytes: Uint8Array, { steps, focal }: NewPixels): Promise<Uint8Array> {
  let picture = await decodeImage(bytes);
  for (const step of steps) picture = { ...picture, ...resamplePixels(picture, step, focal) };
  return encodeImage(picture, 'plain-png');
}
