import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../files/cache-dir.ts';
import { download, type Download } from './download.ts';

/** Files of a model repository, fixed by its revision and once more by their checksums: a mirror need not be trusted. */
export interface HubFiles {
  repository: string;
  revision: string;
  files: readonly { path: string; bytes: number; sha256: string }[];
}

export interface FetchOptions {
  /** Bytes there and bytes in all. */
  onProgress?: (done: number, total: number) => void;
  /** Instead of the platform's cache folder. */
  cacheDir?: string;
}

/**
 * Fetches what the cache does not have yet from the hub (`HF_ENDPOINT`, by default huggingface.co).
 * @returns the folder with the files under their paths in the repository.
 */
export async function fetchFromHub(wanted: HubFiles, options: FetchOptions = {}): Promise<string> {
  const endpoint = (process.env.HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, '');
  const folder = join(options.cacheDir ?? cacheDir(), 'hub', wanted.repository, wanted.revision);
  const files = wanted.files.map((file): Download => ({
    ...file,
    url: `${endpoint}/${wanted.repository}/resolve/${wanted.revision}/${file.path}`,
    to: join(folder, file.path),
  }));
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let before = 0;
  for (const file of files) {
    if (!existsSync(file.to)) await download(file, (done) => options.onProgress?.(before + done, total));
    before += file.bytes;
  }
  return folder;
}
