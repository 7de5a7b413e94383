import type { Command } from 'commander';
import { several } from '../../base/format.ts';
import { printable } from '../../base/printable.ts';
import { skeletonOf } from '../../lab/foreign/skeleton.ts';
import { UsageError } from '../errors.ts';
import { print, printJson } from '../print.ts';

/** `chirality import skeleton`: what a folder looks like, to report a layout that is not read. */
export function addSkeletonCommand(parent: Command): void {
  parent
    .command('skeleton')
    .argument('<folder>', 'the folder of a run or an evaluation that another program wrote')
    .description(
      'Print the layout of a folder without its contents, to report one that Chirality cannot read.',
    )
    .option('--json', 'print one list of JSON')
    .addHelpText(
      'after',
      `
It prints file names, sizes, keys and types; digits in names become #, and keys that do not look like names become ….
Texts, numbers and images are left out. File names and keys can still give something away: check before you send it.

Examples:
  chirality import skeleton outputs/my-run
  chirality import skeleton outputs/my-run --json > layout.json

docs/other-trainers.md says where to report it.`,
    )
    .action(skeleton);
}

async function skeleton(folder: string, _: unknown, command: Command): Promise<void> {
  const kinds = await skeletonOf(folder);
  if (kinds.length === 0) throw new UsageError(`${folder}: The folder does not exist or has no files.`);
  // The option is also one of `chirality import`, which reads it first.
  const { json } = command.optsWithGlobals<{ json?: boolean }>();
  if (json) printJson(kinds);
  else
    for (const { path, files, bytes, form } of kinds) {
      print(`${printable(path)}  ${several(files, 'file')}, ${several(bytes, 'byte')}`);
      if (form !== null) print(`  ${printable(form, 100_000)}`);
    }
}
