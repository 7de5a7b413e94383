import { decodeImage } from './decode.ts';

/** A picture as the embedded engine asks for it: exactly this size, three bytes per pixel. */
export async function decodeForModel(
  file: Uint8Array,
  size: { width: number; height: number },
): Promise<Uint8Array> {
  return (await decodeImage(file, { w: size.width, h: size.height })).data;
}
