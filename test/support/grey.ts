import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Trainer } from '../../src/engines/trainer.ts';
import { encodePng } from '../../src/lab/images/png.ts';
import { imageSize } from '../../src/lab/images/decode.ts';

const greyOf = async (file: Uint8Array): Promise<Uint8Array> => {
  const { w, h } = await imageSize(file);
  return encodePng({ w, h, rgb: new Uint8Array(w * h * 3).fill(128) });
};

/** Makes every image that the model is given from now on a grey one of its size, without anybody noticing. */
export function showGrey(trainer: Trainer): () => void {
  const put = trainer.putImage.bind(trainer);
  trainer.putImage = async (file) => put(await greyOf(file));
  return () => (trainer.putImage = put);
}

/** Replaces the images of a folder by grey ones. @returns a function that brings them back */
export async function greyFolder(folder: string): Promise<() => Promise<void>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.png'));
  const files = await Promise.all(
    names.map(async (name) => [join(folder, name), await readFile(join(folder, name))] as const),
  );
  for (const [path, bytes] of files) await writeFile(path, await greyOf(bytes));
  return async () => {
    for (const [path, bytes] of files) await writeFile(path, bytes);
  };
}
