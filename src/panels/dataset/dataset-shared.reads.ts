import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Call } from '../../base/call.ts';
import { Repeats, RowKeys } from '../../lab/datasets/first-seen.ts';
import { readQaJsonl } from '../../lab/datasets/rows.ts';
import { streamFile } from '../../lab/files/regular.ts';

/** Maximum total size of neighbouring files to read, in bytes. Small files come first. */
const MAX_BYTES = 256 * 2 ** 20;
const MAX_FILES = 200;
const BATCH = 500;
const SUFFIX = '.qa.jsonl';

/** Rows and images of the other data files in a folder. Rows shared by two splits are data leakage. */
export class OtherFiles {
  private readonly files: { name: string; seen: Repeats }[] = [];

  /** Reads the data files next to a file. Reports progress as a share from 0 to 1. */
  static async beside(path: string, { signal, onProgress }: Call<number>): Promise<OtherFiles> {
    const folder = dirname(path);
    const neighbours = (await readdir(folder)).filter(
      (name) => name.endsWith(SUFFIX) && name !== basename(path),
    );
    const sizes = await Promise.all(
      neighbours.map(async (name) => {
        const { size } = await stat(join(folder, name)).catch(() => ({ size: Infinity }));
        return { name, size };
      }),
    );
    sizes.sort((a, b) => a.size - b.size);
    let bytes = 0;
    const read = sizes.slice(0, MAX_FILES).filter(({ size }) => (bytes += size) <= MAX_BYTES);
    const others = new OtherFiles();
    for (const [file, { name }] of read.entries()) {
      let rows = 0;
      const seen = new Repeats();
      others.files.push({ name: name.slice(0, -SUFFIX.length), seen });
      try {
        for await (const { sample } of readQaJsonl(await streamFile(join(folder, name)))) {
          if (sample) seen.add(new RowKeys(sample), { file, at: 0 });
          if (++rows % BATCH > 0) continue;
          await nextTurn();
          if (signal.aborted) return others;
        }
      } catch {
        // The reason is reported when the user opens the unreadable neighbour itself.
      }
      onProgress((file + 1) / read.length);
    }
    return others;
  }

  /** Returns the other files that contain a row, or at least one of its images: `row: val`, `image: test`. */
  sharedBy(keys: RowKeys): string[] {
    return this.files.flatMap(({ name, seen }) => {
      const { row, picture } = seen.find(keys);
      return row ? `row: ${name}` : picture ? `image: ${name}` : [];
    });
  }
}
