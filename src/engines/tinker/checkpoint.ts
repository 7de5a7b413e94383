import { jsonText } from '../../core/json.ts';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { parseRecord } from '../../core/record.ts';
import { syncFolder, writeSynced } from '../synced.ts';

/** A checkpoint: the weights stay on the server. */
const savedSchema = z.object({
  base_model: z.string(),
  path: z.string(),
  /** `base`, or the path of its weights; null: none was set. */
  reference: z.string().nullable(),
});
type SavedModel = z.infer<typeof savedSchema>;

const FILE = 'tinker.json';

/** Returns when the file is on the disk. */
export async function writeCheckpoint(folder: string, saved: SavedModel): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeSynced(join(folder, FILE), jsonText(saved));
  await syncFolder(folder);
}

/** @throws RecordError, or an Error if it is a checkpoint of another model */
export async function readCheckpoint(folder: string, baseModel: string): Promise<SavedModel> {
  const file = join(folder, FILE);
  const saved = parseRecord(savedSchema, await readFile(file, 'utf8'), { file });
  if (saved.base_model !== baseModel)
    throw new Error(`${file} is a checkpoint of ${saved.base_model}, not of ${baseModel}.`);
  return saved;
}
