import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { exportCheckpoint } from '../../lab/models/export.ts';
import { chooseStep } from '../../lab/models/open-model.ts';
import { checkpointFolder } from '../../lab/runs/checkpoints.ts';
import { readRunConfig } from '../../lab/runs/run.ts';
import { requireOwn, withRuns } from '../runs.ts';
import { liveLine, note, printJson } from '../print.ts';

interface Options {
  runs: string;
  step: string;
  output: string;
  merged?: boolean;
  json?: boolean;
}

export function addExportCommand(program: Command): void {
  withRuns(program.command('export'))
    .argument('<run>', 'run name or folder')
    .requiredOption('-o, --output <folder>', 'a new or empty folder')
    .option('--step <n|last|best>', 'checkpoint to export', 'last')
    .option('--merged', 'export the whole model, with the adapter merged into its weights')
    .option('--json', 'print run, step and folder as JSON')
    .description('Export what a run has learnt, in a form that other programs can open.')
    .addHelpText(
      'after',
      `
By default the command writes an adapter that PEFT, vLLM and others load on top of the model it was trained on. With
--merged, it writes a model folder that transformers opens, including the processor and its pixel limit. If the run
trained all weights, both write the whole model.

Examples:
  chirality export svqa --step best -o svqa-adapter
  chirality export svqa --step best --merged -o svqa-3b`,
    )
    .action(async (name: string, { runs, step: wanted, output, merged = false, json }: Options) => {
      const dir = await requireOwn(runs, name, 'exported');
      const config = await readRunConfig(dir);
      const step = await chooseStep(dir, wanted);
      const folder = resolve(output);
      await exportCheckpoint(config, checkpointFolder(dir, step), folder, merged, {
        onPhase: (phase) => {
          liveLine.show(phase);
        },
      });
      liveLine.clear();
      if (json) printJson({ run: basename(dir), step, folder });
      else note(`Step ${step} of ${basename(dir)}: ${folder}`);
    });
}
