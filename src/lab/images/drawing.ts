import { explain, loadSharp } from './sharp.ts';

/** The loader that `loadSharp` blocks. */
const SVG_LOADER = { operation: ['VipsForeignLoadSvg'] };
/** Points per inch: an SVG has 72, and a picture of it is twice as large. */
const DENSITY = 144;

/**
 * Turns an SVG that this program drew into a PNG. Never for drawings of others, which may name files: the loader is open
 * for this call alone, and `openPicture` refuses them in any case.
 * @throws DataError if the image library does not load
 */
export async function drawingToPng(svg: string): Promise<Uint8Array> {
  const sharp = await loadSharp();
  sharp.unblock(SVG_LOADER);
  try {
    return await explain(() => sharp(Buffer.from(svg), { density: DENSITY }).png().toBuffer());
  } finally {
    sharp.block(SVG_LOADER);
  }
}
