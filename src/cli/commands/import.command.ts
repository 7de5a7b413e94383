import { later, withSource, withChoices } from '../command-options.ts';
import type { Command } from 'commander';
import { addSkeletonCommand } from './import-skeleton.command.ts';

/** `chirality import`: copies an external run into a run folder of ours. */
export function addImportCommand(program: Command): void {
  const command = withChoices(withSource(program.command('import')))
    .argument('<folder>', 'folder that another trainer wrote, or the external evaluation')
    .description('Convert a run or an external evaluation to a folder of Chirality.')
    .option(
      '-o, --output <folder>',
      'folder to make, for example runs/theirs or evals/theirs; it must not exist',
    )
    .option('--dry-run', 'only say what the folder contains and what is missing')
    .option('--json', 'print where the run comes from and what is missing, as JSON')
    .addHelpText(
      'after',
      `
The folder itself is never changed, and \`chirality trace\`, \`attach\` and \`runs\` also read it in place. What the
other program did not record is null, never made up (docs/other-trainers.md).

Examples:
  chirality import ~/out/grpo --dry-run
  chirality import ~/out/grpo -o runs/theirs --right accuracy_reward --data train.qa.jsonl
  chirality import logs/2026-11-21_worlds.eval -o evals/theirs
  chirality import lmms/Qwen -o evals/pairs --mirror-of worlds=worlds_mirrored`,
    )
    .action(later(async () => (await import('./import.action.ts')).importFolder));
  addSkeletonCommand(command);
}
