import type { GalleryFlags } from '../command-options.ts';
import { type Site, makeGallery } from '../make-gallery.ts';
import { requireReadable, otherRunsHint } from '../find-runs.ts';
import { listRuns } from '../../lab/runs/listed-runs.ts';
import { UsageError } from '../errors.ts';
import { resolve, dirname, join } from 'node:path';
import { requireEmpty } from '../input.ts';
import { makeFolder } from '../../lab/files/folders.ts';
import { writeAtomically } from '../../lab/files/atomic.ts';
import { note } from '../print.ts';
import { fixed } from '../../base/format.ts';

/** Makes the gallery pages for the given runs, or for all runs. @throws UsageError if there are no runs */
export async function galleryOf(
  names: readonly string[],
  { runs, run, title, dataRoot }: GalleryFlags,
): Promise<Site> {
  const dirs =
    names.length > 0
      ? await Promise.all(names.map((name) => requireReadable(runs, name, run)))
      : (await listRuns(runs)).map(({ dir }) => dir);
  if (dirs.length === 0)
    throw new UsageError(`No runs in ${resolve(runs)}.`, {
      fix: (await otherRunsHint(runs)) ?? 'Pass a run, or the folder of the runs with --runs.',
    });
  return makeGallery(dirs, { title, dataRoot });
}

export async function publish(names: string[], options: GalleryFlags & { output: string }): Promise<void> {
  const folder = resolve(options.output);
  await requireEmpty(options.output);
  const site = await galleryOf(names, options);
  for (const [path, text] of site) {
    await makeFolder(dirname(join(folder, path)));
    await writeAtomically(join(folder, path), text, { follow: false });
  }
  const bytes = [...site.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  note(`Wrote ${site.size} pages, ${fixed(bytes / 1e6, 1)} MB. Open ${join(options.output, 'index.html')}.`);
}
