import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { fixed } from '../../core/format.ts';
import { writeAtomically } from '../../lab/files/atomic.ts';
import { makeFolder } from '../../lab/files/folders.ts';
import { listRuns } from '../../lab/runs/list.ts';
import { UsageError } from '../errors.ts';
import { makeGallery, type Site } from '../gallery.ts';
import { requireEmpty } from '../input.ts';
import { note } from '../print.ts';
import { demoRunsHint, requireReadable, withRuns, withSource } from '../runs.ts';

export interface GalleryFlags {
  runs: string;
  run?: string;
  title: string;
  dataRoot?: string;
}

/** The options of commands that make a gallery of runs. */
export const withGallery = (command: Command): Command =>
  withSource(withRuns(command))
    .argument('[run...]', 'run names or folders (default: every run)')
    .option('--title <text>', 'title of the first page', 'Runs')
    .option(
      '--data-root <folder>',
      'the folder that pictures are relative to (default: the recorded one, if it is inside this folder)',
    );

/** Makes the pages for the runs that were named, or for all. @throws UsageError if there are none */
export async function galleryOf(
  names: readonly string[],
  { runs, run, title, dataRoot }: GalleryFlags,
): Promise<Site> {
  const dirs =
    names.length > 0
      ? await Promise.all(names.map((name) => requireReadable(runs, name, run)))
      : (await listRuns(runs)).map(({ dir }) => dir);
  if (dirs.length === 0)
    throw new UsageError(`There are no runs in ${resolve(runs)}.`, {
      fix: demoRunsHint(runs) ?? 'Name a run, or the folder of the runs with --runs.',
    });
  return makeGallery(dirs, { title, dataRoot });
}

export function addPublishCommand(program: Command): void {
  withGallery(program.command('publish'))
    .description(
      'Write runs as a static site: a report, curves, and pairs with their answers. It needs no server and loads nothing from elsewhere.',
    )
    .requiredOption('-o, --output <folder>', 'folder for the site: a new or an empty one')
    .addHelpText(
      'after',
      `
A run shows at most 72 pairs: some of each verdict from its newest evaluation, and some from training. They take less
than 20 MB. Pictures are included in the pages; weights, configs and paths are not.

Examples:
  chirality publish given spatial --runs chirality-demo/runs -o site
  chirality publish runs/mine --title "My runs" -o site`,
    )
    .action(async (names: string[], options: GalleryFlags & { output: string }) => {
      const folder = resolve(options.output);
      await requireEmpty(options.output);
      const site = await galleryOf(names, options);
      for (const [path, text] of site) {
        await makeFolder(dirname(join(folder, path)));
        await writeAtomically(join(folder, path), (file) => file.writeFile(text), { follow: false });
      }
      const bytes = [...site.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
      note(`${site.size} pages, ${fixed(bytes / 1e6, 1)} MB. Open ${join(options.output, 'index.html')}.`);
    });
}
