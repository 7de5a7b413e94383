import { writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { ImageRef, Sample } from '../../core/spatial/sample.ts';
import type { ImageFiles } from './image-files.ts';
import { imageKey } from './splits.ts';
import { makeFolder } from '../files/folders.ts';

/** File endings by the first bytes, because some readers go by the ending and must not be misled. */
const ENDINGS: readonly [ending: string, magic: string][] = [
  ['jpg', 'ffd8ff'],
  ['png', '89504e47'],
  ['gif', '47494638'],
  ['webp', '52494646'],
  ['bmp', '424d'],
  ['tif', '49492a00'],
  ['tif', '4d4d002a'],
];

/** The file ending that fits the first bytes. */
export function endingOf(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.subarray(0, 4)).toString('hex');
  return ENDINGS.find(([, magic]) => start.startsWith(magic))?.[0] ?? 'bin';
}

interface Cell {
  parquet: string;
  column: string;
  row: number;
  index?: number;
}

/**
 * Writes the parquet cells that a sample refers to as files, byte for byte, and makes the sample refer to the files,
 * for formats and programs that cannot read parquet. A cell is written once: rows about one image share the file.
 */
export class ImageExtractor {
  private readonly names = new Map<string, string>();
  private readonly taken = new Set<string>();

  constructor(
    private readonly images: ImageFiles,
    private readonly folder: string,
    private readonly relativeTo: string,
  ) {}

  async extract(sample: Sample): Promise<Sample> {
    const images: ImageRef[] = [];
    for (const image of sample.images) {
      if (typeof image === 'string' || image.parquet === undefined) images.push(image);
      else images.push(await this.write(image as Cell));
    }
    return { ...sample, images };
  }

  private async write(cell: Cell): Promise<string> {
    const key = imageKey(cell)!;
    const known = this.names.get(key);
    if (known) return known;
    const bytes = await this.images.bytes(cell);
    const path = join(this.folder, this.freeName(cell, bytes));
    await makeFolder(this.folder);
    await writeFile(path, bytes);
    const name = relative(this.relativeTo, path).split(sep).join('/');
    this.names.set(key, name);
    return name;
  }

  /** A free file name that says where the image came from, whatever characters its table and column have. */
  private freeName({ parquet, column, row, index = 0 }: Cell, bytes: Uint8Array): string {
    const ending = endingOf(bytes);
    const origin = `${parquet.replace(/\.parquet$/, '')}-${column}-${row}-${index}`;
    const base = origin.replace(/[^\w-]+/g, '-').replace(/^-+/, '');
    let name = `${base}.${ending}`;
    for (let n = 2; this.taken.has(name); n++) name = `${base}-${n}.${ending}`;
    this.taken.add(name);
    return name;
  }
}
