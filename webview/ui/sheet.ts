/** Scale of saved charts and tables relative to the screen. Saved images are black on white in every theme. */
const RATIO = 2;
export const INK = '#1f2328';
export const QUIET = '#59636e';

export function sheet(width: number, height: number) {
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(width * RATIO);
  canvas.height = Math.round(height * RATIO);
  const context = canvas.getContext('2d')!;
  context.scale(RATIO, RATIO);
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  return { canvas, context };
}

export async function pngOf(canvas: HTMLCanvasElement): Promise<Uint8Array> {
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!blob) throw new Error('Cannot draw the image.');
  return new Uint8Array(await blob.arrayBuffer());
}
