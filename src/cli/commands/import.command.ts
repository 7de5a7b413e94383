import { later, withSource, withChoices } from '../command-options.ts';
import type { Command, CommandUnknownOpts } from 'commander';
import { several } from '../../base/format.ts';
import { printable } from '../../base/printable.ts';
import { skeletonOf } from '../../lab/foreign/skeleton.ts';
import { UsageError } from '../errors.ts';
import { print, printJson } from '../print.ts';

/** `chirality import`: copies an external run into a Chirality run folder. */
export function addImportCommand(program: Command) {
  const command = withChoices(withSource(program.command('import')))
    .argument('<folder>', 'folder or file of an external run or evaluation')
    .description('Import an external run or evaluation into a Chirality folder.')
    .option('-o, --output <folder>', 'new folder, for example runs/theirs or evals/theirs')
    .option('--dry-run', 'only print the contents of the folder and the missing data')
    .option('--json', 'print the origin and the missing data as JSON')
    .addHelpText(
      'after',
      `
The command never changes the source folder. Values that the other program did not record are null. You can also open
the folder in place with \`chirality trace\`, \`attach\` and \`runs\` (docs/other-trainers.md).

Examples:
  chirality import ~/out/grpo --dry-run
  chirality import ~/out/grpo -o runs/theirs --right accuracy_reward --data train.qa.jsonl
  chirality import logs/2026-11-21_worlds.eval -o evals/theirs
  chirality import lmms/Qwen -o evals/pairs --mirror-of worlds=worlds_mirrored`,
    );
  command.action(later(async () => (await import('./import.action.ts')).importFolder));
  addSkeletonCommand(command);
  return command;
}

/** `chirality import skeleton`: prints the layout of a folder, for a report about an unsupported format. */
export function addSkeletonCommand(parent: CommandUnknownOpts): void {
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

async function skeleton(folder: string, _: unknown, command: CommandUnknownOpts): Promise<void> {
  const kinds = await skeletonOf(folder);
  if (kinds.length === 0) throw new UsageError(`${folder} does not exist or has no files.`);
  // The parent `import` also defines --json, and consumes the option.
  const { json } = command.optsWithGlobals() as { json?: boolean };
  if (json) printJson(kinds);
  else
    for (const { path, files, bytes, form } of kinds) {
      print(`${printable(path)}  ${several(files, 'file')}, ${several(bytes, 'byte')}`);
      if (form !== null) print(`  ${printable(form, 100_000)}`);
    }
}
