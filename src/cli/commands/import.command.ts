import { later, withSource, withChoices } from '../command-options.ts';
import type { Command } from 'commander';
import { addSkeletonCommand } from './import-skeleton.command.ts';

/** `chirality import`: copies an external run into a run folder of ours. */
export function addImportCommand(program: Command): void {
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
    )
    .action(later(async () => (await import('./import.action.ts')).importFolder));
  addSkeletonCommand(command);
}
