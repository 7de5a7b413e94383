import { decodeImage } from './decode.ts';
import { decodePng } from './png.ts';

/**
 * A picture as the embedded engine asks for it: exactly this size, three bytes per pixel. One of the program's own
 * pictures in that size needs no image library, so that the demo runs without one.
 */
export async function decodeForModel(
  file: Uint8Array,
  { width, height }: { width: number; height: number },
): Promise<Uint8Array> {
  const plain = decodePng(file);
  if (plain && plain.w === width && plain.h === height) return plain.rgb;
  return (await decodeImage(file, { w: width, h: height })).data;
}
