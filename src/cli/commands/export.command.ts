import { later, withRuns } from '../command-options.ts';
import type { Command } from 'commander';

export function addExportCommand(program: Command) {
  const command = withRuns(program.command('export'))
    .argument('<run>', 'run name or folder')
    .requiredOption('-o, --output <folder>', 'output folder, new or empty')
    .option('--step <n|last|best>', 'checkpoint to export', 'last')
    .option('--merged', 'export the whole model with the adapter merged into its weights')
    .option('--anonymous', 'copy the run for double-blind review instead, without names, paths or weights')
    .option('--json', 'print the result as JSON')
    .description('Export the weights of a run in a format that other programs can open.')
    .addHelpText(
      'after',
      `
By default, the command writes an adapter for PEFT or vLLM. With --merged, it writes a model folder for transformers,
including the processor and its pixel limit. If the run trained all weights, both write the whole model. Only Chirality
can open models of the embedded engine. README.md is a model card with base model, licence, settings and the metrics of
this step. The export contains no paths of this machine.

With --anonymous, the command copies config, metrics, traces and evaluations without host, account, command line,
version control and absolute paths. Texts of models and datasets are kept. If they contain names, the command lists
them and the exit code is 1. Reports about anonymous copies are also anonymous.

Examples:
  chirality export svqa --step best -o svqa-adapter
  chirality export svqa --step best --merged -o svqa-3b
  chirality export svqa --anonymous -o supplement/runs/a && chirality report --runs supplement/runs -o report.html`,
    );
  command.action(later(async () => (await import('./export.action.ts')).exportRun));
  return command;
}
