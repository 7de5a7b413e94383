import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { mirrorSample } from '../../src/rows/views/mirror/mirror-sample.ts';

/** Writes rows as a model mirrored them, which differ by their numbers. */
export async function writeRows(path: string, rows: number): Promise<void> {
  const question = 'Is the red mug number 12345 to the left of the lamp, seen from the viewer?';
  const sample = { id: 'row-12345', question, answer: 'Yes', images: [{ path: 'a.png', w: 640, h: 480 }] };
  const mirror = { ...mirrorSample(sample), review: { state: 'pending' } };
  const line = `${JSON.stringify({ ...sample, variants: { mirror } })}\n`;
  await pipeline(function* () {
    for (let from = 0; from < rows; from += 1000) {
      let text = '';
      for (let i = from; i < from + 1000; i++) text += line.replaceAll('12345', String(i));
      yield text;
    }
  }, createWriteStream(path));
}
