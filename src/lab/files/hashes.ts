import { realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isRecord } from '../../base/json.ts';
import { fileSha256, sha256, writeAtomically } from './atomic.ts';
import { cacheDir, makeFolder } from './folders.ts';
import { readBytes, readText } from './regular.ts';

/** Maximum number of cached hashes. The oldest hashes are dropped first. */
const KEPT = 100_000;
/** Size in bytes up to which hashes are not cached, because reading such a file takes no longer than its cache entry. */
const SMALL = 4096;

/** Cache of file hashes by path, size and change times in the user's cache folder. Large files are read only once. */
export class FileHashes {
  private kept: Map<string, string> | null = null;
  private isChanged = false;

  constructor(private readonly file: string = join(cacheDir(), 'hashes.json')) {}

  /** Returns the SHA-256 of the content of a file of any size. @param bytes reads a small file */
  async of(path: string, bytes = (): Promise<Uint8Array> => readBytes(path)): Promise<string> {
    const real = await realpath(path);
    const { size, mtimeMs, ctimeMs } = await stat(real);
    if (size <= SMALL) return sha256(await bytes());
    const key = `${real} ${size} ${mtimeMs} ${ctimeMs}`;
    const kept = await this.load();
    const hashOfVersion = kept.get(key);
    if (hashOfVersion !== undefined) return hashOfVersion;
    const hash = await fileSha256(real);
    kept.set(key, hash);
    this.isChanged = true;
    return hash;
  }

  /** Writes new hashes to the cache. If writing fails, the next process reads the files again. */
  async keep(): Promise<void> {
    if (!this.kept || !this.isChanged) return;
    const entries = Object.fromEntries([...this.kept].slice(-KEPT));
    try {
      await makeFolder(dirname(this.file));
      await writeAtomically(this.file, JSON.stringify(entries));
    } catch {
      return;
    }
    this.isChanged = false;
  }

  private async load(): Promise<Map<string, string>> {
    if (this.kept) return this.kept;
    // Null if the cache does not exist yet, or a crash truncated it.
    const read = await readText(this.file)
      .then((text) => JSON.parse(text) as unknown)
      .catch(() => null);
    const entries = isRecord(read) ? Object.entries(read) : [];
    return (this.kept ??= new Map(
      entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    ));
  }
}
