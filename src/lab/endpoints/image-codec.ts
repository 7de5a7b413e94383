import type { Size } from '../../core/spatial/boxes.ts';
import type { ImageCodec } from '../../engines/openai/images.ts';
import { decodeImage, encodeImage, imageSize, validateImage } from '../images/decode.ts';
import { mirrorPixels } from '../images/pixels.ts';
import { isMirrored } from '../../core/spatial/views/list.ts';

export interface CodecOptions {
  /** PNG shows every pixel as it is; JPEG is a fifth of the bytes. */
  format: 'png' | 'jpeg';
  /** Pictures with more pixels are scaled down. */
  maxPixels: number | null;
}

/** Decodes, scales, mirrors and encodes: both views take the same way. */
export function imageCodec({ format, maxPixels }: CodecOptions): ImageCodec {
  const scaled = ({ w, h }: Size): Size => {
    const factor = Math.min(1, Math.sqrt((maxPixels ?? Infinity) / (w * h)));
    return factor === 1 ? { w, h } : { w: atLeastOne(w * factor), h: atLeastOne(h * factor) };
  };
  return {
    name: maxPixels === null ? format : `${format} ${maxPixels}`,
    async measure(file) {
      const { w, h } = scaled((await validateImage(file)).size);
      return { width: w, height: h };
    },
    async encode(file, view) {
      const size = await imageSize(file);
      const target = scaled(size);
      const pixels = await decodeImage(file, target.w === size.w && target.h === size.h ? undefined : target);
      const bytes = await encodeImage(isMirrored(view) ? mirrorPixels(pixels) : pixels, format);
      return { bytes, type: `image/${format}` };
    },
  };
}

const atLeastOne = (pixels: number): number => Math.max(1, Math.floor(pixels));
