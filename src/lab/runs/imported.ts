import { join } from 'node:path';
import { importSchema, originName, type ImportRecord } from '../../core/run-data/foreign/origin.ts';
import { isRecord } from '../../core/json.ts';
import { parseRecord } from '../../core/record.ts';
import { readText } from '../files/regular.ts';

/**
 * Reads where a run folder was imported from; null for a run of our own.
 * @throws RecordError if that entry is invalid
 */
export async function readImport(dir: string): Promise<ImportRecord | null> {
  const file = join(dir, 'manifest.json');
  const text = await readText(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return text !== null && hasOrigin(text) ? parseRecord(importSchema, text, { file }) : null;
}

/** Only manifests of imports name an origin. */
function hasOrigin(text: string): boolean {
  try {
    const manifest = JSON.parse(text) as unknown;
    return isRecord(manifest) && 'origin' in manifest;
  } catch {
    return false;
  }
}

/** The reason why an imported run cannot be "stopped", "resumed" and so on (`what`). */
export const onlyLookedAt = (name: string, { origin }: ImportRecord, what: string): string =>
  `${name} was imported from a run of ${originName(origin)}: it can be looked at, not ${what}.`;
