import { isAbsolute, relative, resolve, sep } from 'node:path';
import { depthMapOf, isImageRef, type ImageRef, type Sample } from '../../core/spatial/sample.ts';

/** Turns a path relative to `from` into one relative to `to`, with forward slashes as in data files. */
export function relocatePath(path: string, from: string, to: string): string {
  if (isAbsolute(path) || /^(?:[a-z]+:\/\/|data:)/i.test(path)) return path;
  return relative(resolve(to), resolve(from, path)).split(sep).join('/');
}

/** The sample with its image references made relative to another folder, for a row that moves there. */
export function relocateImages(sample: Sample, from: string, to: string): Sample {
  if (resolve(from) === resolve(to)) return sample;
  const moved = (image: ImageRef): ImageRef => {
    if (typeof image === 'string') return relocatePath(image, from, to);
    if (image.parquet !== undefined) return { ...image, parquet: relocatePath(image.parquet, from, to) };
    return image.path === undefined ? image : { ...image, path: relocatePath(image.path, from, to) };
  };
  const depthMap = depthMapOf(sample);
  const { mask_image: mask } = sample;
  return {
    ...sample,
    images: sample.images.map(moved),
    ...(depthMap !== undefined && { depth_map: moved(depthMap) }),
    ...(isImageRef(mask) && { mask_image: moved(mask) }),
  };
}
