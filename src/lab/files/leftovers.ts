import { createHash, randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { exists, placeOfIds } from './process-ids.ts';

/** What this process must not leave behind. */
const endings = new Set<() => void>();

/** Does something when the process ends before it is done. @returns takes that back */
export function atEnd(work: () => void): () => void {
  endings.add(work);
  return () => endings.delete(work);
}

/** Removes what is under construction; for a process that ends now, so nothing else can be waited for. */
export function endEarly(): void {
  for (const work of endings) {
    try {
      work();
    } catch {
      // Whoever writes there next removes it.
    }
  }
}

/** Where this process's id counts, in eight letters. */
const place = (): string =>
  createHash('sha256')
    .update(`${hostname()} ${placeOfIds() ?? ''}`)
    .digest('hex')
    .slice(0, 8);

/** Names a temporary file so that others can tell whether its writer is gone; whoever looks for it again keeps it. */
export const newToken = (): string => `${process.pid}-${place()}-${randomBytes(6).toString('hex')}`;

/** The name of a temporary file or folder. */
export const temporaryName = (name: string, token: string): string => `.${name}.${token}.tmp`;

/** The names of earlier versions say nothing of their writer. */
const TEMPORARY = /^\..+\.(?:(\d+)-([0-9a-f]{8})-)?[0-9a-f]{12}\.tmp$/;

/** Of a writer that cannot be looked at, as on another machine, what is so old is a leftover. */
const FORGOTTEN_MS = 24 * 3600_000;

/**
 * Removes the temporary files and folders in a folder whose writer is gone. Whoever `alone` writes there removes those
 * of unnamed writers too.
 */
export async function removeLeftovers(folder: string, alone = false): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const [found, pid, where] = TEMPORARY.exec(name) ?? [];
    if (found === undefined) continue;
    const path = join(folder, name);
    const isLeft =
      pid === undefined
        ? alone || (await isForgotten(path))
        : where === place()
          ? !exists(Number(pid))
          : await isForgotten(path);
    if (isLeft) await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

const isForgotten = (path: string): Promise<boolean> =>
  stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs > FORGOTTEN_MS,
    () => false,
  );

/** The folders in which this process has looked for leftovers. */
const swept = new Set<string>();

/** Looks for leftovers the first time that this process writes into a folder. */
export async function sweepOnce(folder: string): Promise<void> {
  if (swept.has(folder)) return;
  swept.add(folder);
  await removeLeftovers(folder);
}

/**
 * Prepares what is to lie at `path` in an empty folder beside it. What `work` has not moved from there by its end is
 * removed, also when the process is told to end.
 */
export async function withStaging<T>(path: string, work: (staging: string) => Promise<T>): Promise<T> {
  const folder = dirname(path);
  await sweepOnce(folder);
  const staging = join(folder, temporaryName(basename(path), newToken()));
  await mkdir(staging);
  const done = atEnd(() => rmSync(staging, { recursive: true, force: true }));
  try {
    return await work(staging);
  } finally {
    // What cannot be removed now, whoever writes there next removes.
    await rm(staging, { recursive: true, force: true }).catch(() => undefined);
    done();
  }
}
