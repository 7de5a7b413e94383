import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { exportCheckpoint } from '../../lab/models/export.ts';
import { chooseStep } from '../../lab/models/open-model.ts';
import { checkpointFolder } from '../../lab/runs/checkpoints.ts';
import { readRunConfig } from '../../lab/runs/run.ts';
import { requireRun, withRuns } from '../runs.ts';
import { liveLine, printJson, tell } from '../print.ts';

interface Options {
  runs: string;
  step: string;
  output: string;
  merged?: boolean;
  json?: boolean;
}

export function addExportCommand(program: Command): void {
  withRuns(program.command('export'))
    .argument('<run>', 'name or folder')
    .requiredOption('-o, --output <folder>', 'where to write; a new or empty folder')
    .option('--step <n|last|best>', 'which checkpoint', 'last')
    .option('--merged', 'the whole model, with the adapter added to its weights')
    .option('--json', 'print run, step and folder as a JSON object')
    .description('Write what a run has learnt in the form that other programs open.')
    .addHelpText(
      'after',
      `
An adapter is written as PEFT, vLLM and others load it, beside the model that it was trained on; with --merged as a
model folder that transformers opens by itself, with the processor and its limit on pixels. Where all weights were
trained, both write the model.

Examples:
  chirality export svqa --step best -o svqa-adapter
  chirality export svqa --step best --merged -o svqa-3b`,
    )
    .action(async (name: string, { runs, step: wanted, output, merged = false, json }: Options) => {
      const dir = await requireRun(runs, name);
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
      else tell(`Step ${step} of ${basename(dir)}: ${folder}`);
    });
}
