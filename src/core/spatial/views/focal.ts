import { isRecord } from '../../json.ts';
import { declaredSize, type Sample } from '../sample.ts';

/**
 * The focal length of a row's picture in pixels: the stated one, or that of the world that the picture shows; undefined
 * if it is not known.
 */
export function focalOf({ meta, images }: Pick<Sample, 'meta' | 'images'>): number | undefined {
  const stated = meta?.focal_px;
  if (typeof stated === 'number' && stated > 0) return stated;
  const camera = isRecord(meta?.world) && meta.world.camera;
  const focal = isRecord(camera) ? camera.focal : undefined;
  const size = declaredSize(images[0]);
  return typeof focal === 'number' && focal > 0 && size ? focal * size.h : undefined;
}
