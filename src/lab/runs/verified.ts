import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { jsonText } from '../../base/json.ts';
import { parseRecord } from '../../base/record.ts';
import { sha256, writeAtomically } from '../files/atomic.ts';
import { noEntries } from '../files/disk-error.ts';
import { FileHashes } from '../files/hashes.ts';
import { readText } from '../files/regular.ts';

/** Schema of `verified.json`: record that a run was recomputed from its folder, with a hash of the read files. */
const schema = z.object({
  /** Number of steps that were traced and successfully recomputed. */
  steps: z.int().min(1),
  /** Hash of the names and contents of all read files. */
  sha256: z.string(),
});

const fileIn = (dir: string): string => join(dir, 'verified.json');

/** Records that a run is verified, or removes the record. @param steps verified steps; 0 removes the record */
export async function keepVerified(dir: string, steps: number): Promise<void> {
  if (steps === 0) return rm(fileIn(dir), { force: true });
  const text = jsonText({ steps, sha256: await hashOf(dir) } satisfies z.infer<typeof schema>);
  await writeAtomically(fileIn(dir), text);
}

/** Returns the number of verified steps of a run. Null without a record, or if a file has changed afterwards. */
export async function verifiedSteps(dir: string): Promise<number | null> {
  try {
    const kept = parseRecord(schema, await readText(fileIn(dir)), { file: fileIn(dir) });
    return kept.sha256 === (await hashOf(dir)) ? kept.steps : null;
  } catch {
    return null;
  }
}

/** Hashes all files that `verifyRun` reads. */
async function hashOf(dir: string): Promise<string> {
  const hashes = new FileHashes();
  const traces = (await readdir(join(dir, 'traces')).catch(noEntries)).filter((name) => /^step-/.test(name));
  const files: [string, string][] = [];
  for (const name of [
    'run.yaml',
    'manifest.json',
    'metrics.jsonl',
    ...traces.sort().map((t) => `traces/${t}`),
  ])
    files.push([name, await hashes.of(join(dir, name))]);
  await hashes.keep();
  return sha256(JSON.stringify(files));
}
