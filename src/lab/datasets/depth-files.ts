import { join, relative, resolve, sep } from 'node:path';
import { DepthRange } from '../../base/depth-range.ts';
import { isRecord } from '../../base/json.ts';
import { writeAtomically } from '../files/atomic.ts';
import { ifMissing } from '../files/disk-error.ts';
import { readText } from '../files/regular.ts';
import { DataError } from './data-error.ts';

/** Name of the file with the depth range of the 16-bit images in its folder and in the folders below. */
export const DEPTH_FILE = 'depth-range.json';

/** @throws DataError for a file without a depth range */
export async function readDepthRange(path: string): Promise<DepthRange> {
  let value: unknown;
  try {
    value = JSON.parse(await readText(path));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const text = isRecord(value) ? value.depth_range : undefined;
  const range = typeof text === 'string' ? DepthRange.parse(text) : null;
  if (range) return range;
  throw new DataError('depth-range', 'The file contains no depth range.', {
    file: path,
    fix: 'Write {"depth_range": "0..5000"} with your range of values, or "upper" for the upper 8 bits.',
  });
}

/** Stores the depth range of a folder's 16-bit images. @returns the file, and the previous range; null if none */
export async function storeDepthRange(
  folder: string,
  range: DepthRange,
): Promise<{ path: string; before: DepthRange | null }> {
  const path = join(folder, DEPTH_FILE);
  const before = await readDepthRange(path).catch(ifMissing(null));
  const text = `${JSON.stringify({ depth_range: DepthRange.text(range) })}\n`;
  await writeAtomically(path, text, { follow: false });
  return { path, before };
}

/** Returns the deepest folder that contains all folders. */
export function commonFolder(folders: Iterable<string>): string {
  const [first = '', ...others] = [...folders].map((folder) => resolve(folder));
  return others.reduce((common, folder) => {
    const steps = relative(common, folder).split(sep);
    return resolve(common, ...steps.slice(0, steps.findLastIndex((step) => step === '..') + 1));
  }, first);
}
