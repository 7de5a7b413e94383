import type { Command } from 'commander';
import { several } from '../../base/format.ts';
import { printable } from '../../base/printable.ts';
import { skeletonOf } from '../../lab/foreign/skeleton.ts';
import { UsageError } from '../errors.ts';
import { print, printJson } from '../print.ts';

/** `chirality import skeleton`: prints the layout of a folder, to report an unsupported format. */
export function addSkeletonCommand(parent: Command): void {
  parent
    .command('skeleton')
    .argument('<folder>', 'folder of an external run or evaluation')
    .description('Print the layout of a folder without its contents, to report an unsupported format.')
    .option('--json', 'print a JSON list')
    .addHelpText(
      'after',
      `
The output contains file names, sizes, keys and types, but no texts, numbers or images. Digits in names become #, and
keys that do not look like names become …. Check the output before you send it: file names and keys can be private.

Examples:
  chirality import skeleton outputs/my-run
  chirality import skeleton outputs/my-run --json > layout.json

To report a format, see docs/other-trainers.md.`,
    )
    .action(skeleton);
}

async function skeleton(folder: string, _: unknown, command: Command): Promise<void> {
  const kinds = await skeletonOf(folder);
  if (kinds.length === 0) throw new UsageError(`${folder} does not exist or has no files.`);
  // The option is also one of `chirality import`, which reads it first.
  const { json } = command.optsWithGlobals<{ json?: boolean }>();
  if (json) printJson(kinds);
  else
    for (const { path, files, bytes, form } of kinds) {
      print(`${printable(path)}  ${several(files, 'file')}, ${several(bytes, 'byte')}`);
      if (form !== null) print(`  ${printable(form, 100_000)}`);
    }
}
