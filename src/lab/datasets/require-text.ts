import { basename } from 'node:path';
import { DataError } from './data-error.ts';
import { isPictureStart, isVideoStart } from './picture-file.ts';
import { readRange } from '../files/regular.ts';

/** Number of bytes at the beginning of a file that show whether the file is text. */
export const TEXT_START = 512;

/** Files that are no text, by their first bytes in Latin-1. */
const KINDS: readonly [start: string, name: string][] = [
  ['PK\x03\x04', 'a ZIP archive'],
  ['\x1f\x8b', 'a gzip archive'],
  ['%PDF-', 'a PDF document'],
  ['PAR1', 'a Parquet file'],
];

/**
 * Rejects a file that is no text by its first bytes, because each of its lines would be an error of its own.
 * @param start at least `TEXT_START` bytes, unless the file is shorter
 * @throws DataError with the kind of the file
 */
export function requireText(path: string, start: Buffer): void {
  const kind = kindOf(start);
  if (kind !== null) throw new DataError('no-row', `${basename(path)} is ${kind}, not a file of rows.`);
}

/** Rejects a file that is no text (`requireText`). @throws DataError with the kind of the file */
export const requireTextFile = async (path: string): Promise<void> =>
  requireText(path, await readRange(path, 0, TEXT_START));

function kindOf(start: Buffer): string | null {
  if (isVideoStart(start)) return 'a video';
  if (isPictureStart(start)) return 'an image';
  const text = start.toString('latin1', 0, TEXT_START);
  const named = KINDS.find(([begins]) => text.startsWith(begins));
  // In UTF-16, every other byte of a Latin text is zero.
  return named?.[1] ?? (text.includes('\0\0') ? 'a binary file' : null);
}
