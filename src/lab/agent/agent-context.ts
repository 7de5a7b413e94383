import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseLines, type RecordError, type RowReader } from '../../base/record.ts';
import { ifMissing } from '../files/disk-error.ts';
import { readText } from '../files/regular.ts';
import { UntilChanged, versionAt } from '../files/version.ts';
import { AgentError, type Picture } from './agent-answer.ts';
import type { Level } from './levels.ts';

export interface AgentContext {
  /** Real paths of the folders that agents can read. */
  roots: readonly string[];
  allow: Level;
  /** Name of the agent's client, as the client sends it. */
  by: string;
  signal: AbortSignal;
  /** Progress of a long read, for the error message on a timeout. */
  reading: { share: number | null };
  /** Downscales an image, and mirrors it on request. Absent if there is no image decoder. */
  shrink?: (bytes: Uint8Array, options: { longest: number; mirror: boolean }) => Promise<Picture>;
}

/** Maximum size of a file of curves or events, in bytes. Files that runs write are below this size. */
const MOST_BYTES = 256 * 2 ** 20;
/** Context without `reading`, as the caller passes it. */
export type Caller = Omit<AgentContext, 'reading'>;

/** Maximum number of cached runs. */
const KEPT = 3;

/** Files of the last runs. A changed file is read again. */
const files = new UntilChanged<{ rows: unknown[]; leftOut: string[] }>(2 * KEPT);

/** Returns the rows of a file in a run's folder. Returns no rows for a missing file. */
export async function linesOf<T>(
  dir: string,
  name: string,
  read: RowReader<T>,
): Promise<{ rows: T[]; leftOut: string[] }> {
  const path = join(dir, name);
  const size = (await stat(path).catch(ifMissing(null)))?.size ?? 0;
  if (size > MOST_BYTES) throw new AgentError(`${name} is larger than 256 MiB, the limit for agents.`);
  const parse = async () => {
    const leftOut: string[] = [];
    const add = ({ message }: RecordError) => leftOut.push(message);
    const rows = parseLines(await readText(path).catch(ifMissing('')), path, read, add);
    return { rows, leftOut };
  };
  // One file is always read by the same function, so the cast is safe.
  return (await files.of(path, await versionAt(path), parse)) as { rows: T[]; leftOut: string[] };
}
