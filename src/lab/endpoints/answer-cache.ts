import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AnswerCache } from '../../engines/openai/sampler.ts';
import { writeAtomically } from '../files/atomic.ts';
import { makeFolder } from '../files/make-folder.ts';

/** Answers in a folder, one file each, named by what was asked. Several programs may share it. */
export function folderCache(folder: string): AnswerCache {
  const pathOf = (key: string) => join(folder, key.slice(0, 2), `${key}.json`);
  return {
    read: (key) =>
      readFile(pathOf(key), 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null;
        throw error;
      }),
    async write(key, text) {
      const path = pathOf(key);
      await makeFolder(dirname(path));
      await writeAtomically(path, (file) => file.writeFile(`${text}\n`), { durable: false });
    },
  };
}
