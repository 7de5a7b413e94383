import { later, withRuns } from '../command-options.ts';
import type { Command } from 'commander';

export function addExportCommand(program: Command): void {
  withRuns(program.command('export'))
    .argument('<run>', 'run name or folder')
    .requiredOption('-o, --output <folder>', 'a new or empty folder')
    .option('--step <n|last|best>', 'checkpoint to export', 'last')
    .option('--merged', 'export the whole model, with the adapter merged into its weights')
    .option('--anonymous', 'copy the run for double-blind review instead, without names, paths and weights')
    .option('--json', 'print what was exported as JSON')
    .description('Export the weights of a run in a form that other programs can open.')
    .addHelpText(
      'after',
      `
By default the command writes an adapter that PEFT, vLLM and others load on top of the model it was trained on. With
--merged, it writes a model folder that transformers opens, including the processor and its pixel limit. If the run
trained all weights, both write the whole model. Models of the embedded engine have the same two forms, which only
Chirality opens. README.md is a model card, with base model, licence, settings and the figures of this step; nothing
names a folder of this machine.

With --anonymous, it copies config, metrics, traces and evaluations without host, account, command line, version control
and absolute paths. Texts of models and datasets stay; names that they still contain are listed, with exit code 1. A
report about such copies is anonymous, too.

Examples:
  chirality export svqa --step best -o svqa-adapter
  chirality export svqa --step best --merged -o svqa-3b
  chirality export svqa --anonymous -o supplement/runs/a && chirality report --runs supplement/runs -o report.html`,
    )
    .action(later(async () => (await import('./export.action.ts')).exportRun));
}
