import type { Command } from 'commander';
import { several } from '../../core/format.ts';
import { printable } from '../../core/printable.ts';
import { skeletonOf } from '../../lab/foreign/skeleton.ts';
import { UsageError } from '../errors.ts';
import { print, printJson } from '../print.ts';

/** `chirality skeleton`: what a folder looks like, to report a layout that is not read. */
export function addSkeletonCommand(program: Command): void {
  program
    .command('skeleton')
    .argument('<folder>', 'the folder of a run or an evaluation that another program wrote')
    .description(
      'Print the layout of a folder, without its values, so that you can report one that Chirality cannot read.',
    )
    .option('--json', 'print one list of JSON')
    .addHelpText(
      'after',
      `
It prints names of files, sizes, keys and types; numbers in names are #, and keys that are no names are …. Texts, numbers
and pictures are left out. Names of files and keys can still give something away: read it before you send it.

Examples:
  chirality skeleton outputs/my-run
  chirality skeleton outputs/my-run --json > layout.json

docs/other-trainers.md says where to report it.`,
    )
    .action(skeleton);
}

async function skeleton(folder: string, { json }: { json?: boolean }): Promise<void> {
  const kinds = await skeletonOf(folder);
  if (kinds.length === 0) throw new UsageError(`${folder}: There is no such folder, or no file in it.`);
  if (json) printJson(kinds);
  else
    for (const { path, files, bytes, form } of kinds) {
      print(`${printable(path)}  ${several(files, 'file')}, ${several(bytes, 'byte')}`);
      if (form !== null) print(`  ${printable(form, 100_000)}`);
    }
}
