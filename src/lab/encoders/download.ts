import { existsSync } from 'node:fs';
import { open, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sha256 } from '../files/atomic.ts';
import { exists } from '../files/process.ts';
import { makeFolder } from '../files/folders.ts';
import { rename } from '../files/in-use.ts';
import { readBytes } from '../files/regular.ts';

/** A file to download, with its known size and checksum. */
export interface Download {
  url: string;
  to: string;
  bytes: number;
  sha256: string;
}

/** Maximum number of consecutive download attempts without data. */
const ATTEMPTS = 5;
/** Maximum time without data before the connection is closed, in ms. */
const SILENCE_MS = 30_000;

/** Error if the server refuses the download permanently. */
class Refused extends Error {}

/**
 * Downloads a file so that `to` either does not exist or has the given checksum. An interrupted download continues
 * where it stopped, even in a later process. Several processes can download the same file simultaneously.
 * @param onProgress called with the number of downloaded bytes
 * @throws Error with the URL and the problem
 */
export async function download(
  file: Download,
  onProgress: (done: number) => void = () => undefined,
  silenceMs = SILENCE_MS,
): Promise<void> {
  await makeFolder(dirname(file.to));
  const part = await ownPart(file.to);
  const begunEarlier = existsSync(part);
  await complete(file, part, onProgress, silenceMs);
  const checksum = sha256(await readBytes(part));
  if (checksum === file.sha256) return rename(part, file.to);
  await rm(part);
  // Bytes of an earlier process can be wrong. Only a complete download by this process proves a wrong checksum.
  if (begunEarlier) return download(file, onProgress, silenceMs);
  throw new Error(`${file.url} has the wrong SHA-256: ${checksum}, not ${file.sha256}.`);
}

/**
 * Returns the file in which this process collects bytes. Each process has its own file, so that no two processes write
 * to one file. A process takes over the file of an ended process.
 */
async function ownPart(to: string): Promise<string> {
  const partial = `${to}.${process.pid}.part`;
  for (const name of await readdir(dirname(to))) {
    if (!name.startsWith(`${basename(to)}.`) || !name.endsWith('.part')) continue;
    const pid = Number(name.slice(basename(to).length + 1, -'.part'.length));
    // If several processes rename the file, one process succeeds, and the others download from the beginning.
    if (!exists(pid)) await rename(join(dirname(to), name), partial).catch(() => undefined);
  }
  return partial;
}

/** Downloads until the file is complete, or until several consecutive attempts bring no data. */
async function complete(
  file: Download,
  part: string,
  onProgress: (done: number) => void,
  silenceMs: number,
): Promise<void> {
  for (let failures = 0, before = 0; ;) {
    try {
      return await fetchRest(file, part, onProgress, silenceMs);
    } catch (error) {
      const { size } = await stat(part);
      failures = size > before ? 1 : failures + 1;
      before = size;
      if (error instanceof Refused || failures === ATTEMPTS)
        throw new Error(`Cannot download ${file.url}: ${reasonOf(error as Error)}.`, { cause: error });
      await sleep(100 * 2 ** failures);
    }
  }
}

/** Appends the missing bytes with one request. Throws if the connection ends before the last byte. */
async function fetchRest(
  { url, bytes }: Download,
  part: string,
  onProgress: (done: number) => void,
  silenceMs: number,
): Promise<void> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new Error(`no data for ${silenceMs / 1000} s`)), silenceMs);
  const target = await open(part, 'a');
  try {
    let { size } = await target.stat();
    if (size >= bytes) return;
    const response = await fetch(url, {
      // With compression, offsets in the stream would differ from offsets in the file.
      headers: { 'accept-encoding': 'identity', ...(size > 0 && { range: `bytes=${size}-` }) },
      signal: silence.signal,
    });
    if (!response.ok) {
      const again = response.status >= 500 || response.status === 408 || response.status === 429;
      const answer = `the server returned ${response.status} ${response.statusText}`;
      throw again ? new Error(answer) : new Refused(answer);
    }
    if (response.status !== 206) {
      await target.truncate(0);
      size = 0;
    }
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      timer.refresh();
      await target.write(chunk);
      size += chunk.length;
      if (size > bytes) throw new Refused(`the file is larger than the expected ${bytes} bytes`);
      onProgress(size);
    }
    if (size < bytes) throw new Error(`the download ended after ${size} of ${bytes} bytes`);
    await target.sync();
  } finally {
    clearTimeout(timer);
    await target.close();
  }
}

/** Returns the cause of an error, because the message `fetch failed` does not explain the error. */
function reasonOf(error: Error): string {
  const cause = error.cause as NodeJS.ErrnoException | undefined;
  return cause ? (cause.code ?? cause.message) : error.message;
}
