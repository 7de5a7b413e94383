import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { jsonText } from '../../base/json.ts';
import { parseRecord } from '../../base/record.ts';
import { sha256, writeAtomically } from '../files/atomic.ts';
import { noEntries } from '../files/disk-error.ts';
import { FileHashes } from '../files/hashes.ts';
import { readText } from '../files/regular.ts';

/** `verified.json`: that a run was computed again from its folder, and from which files. */
const schema = z.object({
  /** How many steps were traced and computed again. */
  steps: z.int().min(1),
  /** Of the names and contents of what was read. */
  sha256: z.string(),
});

const fileIn = (dir: string): string => join(dir, 'verified.json');

/** Keeps that a run was verified, or that it was not. @param steps how many were; 0: it does not count as verified */
export async function keepVerified(dir: string, steps: number): Promise<void> {
  if (steps === 0) return rm(fileIn(dir), { force: true });
  const text = jsonText({ steps, sha256: await hashOf(dir) } satisfies z.infer<typeof schema>);
  await writeAtomically(fileIn(dir), (file) => file.writeFile(text));
}

/** How many steps of a run were verified; null if none was, or if a file that was read for it has changed since. */
export async function verifiedSteps(dir: string): Promise<number | null> {
  try {
    const kept = parseRecord(schema, await readText(fileIn(dir)), { file: fileIn(dir) });
    return kept.sha256 === (await hashOf(dir)) ? kept.steps : null;
  } catch {
    return null;
  }
}

/** Of all that `verifyRun` reads. */
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
