import { homedir, hostname, userInfo } from 'node:os';
import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { exportCheckpoint } from '../../lab/models/export.ts';
import { chooseStep } from '../../lab/models/open-model.ts';
import { copyAnonymously } from '../../lab/runs/anonymous.ts';
import { readRunConfig } from '../../lab/runs/run.ts';
import { requireOwn, withRuns } from '../runs.ts';
import { liveLine, note, printJson, tell } from '../print.ts';

interface Options {
  runs: string;
  step: string;
  output: string;
  merged?: boolean;
  anonymous?: boolean;
  json?: boolean;
}

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
trained all weights, both write the whole model. README.md is a model card, with base model, licence, settings and the
figures of this step; nothing names a folder of this machine.

With --anonymous, it copies config, metrics, traces and evaluations without host, account, command line, version control
and absolute paths. Texts of models and data sets stay; names that they still contain are listed, with exit code 1. A
report about such copies is anonymous, too.

Examples:
  chirality export svqa --step best -o svqa-adapter
  chirality export svqa --step best --merged -o svqa-3b
  chirality export svqa --anonymous -o supplement/runs/a && chirality report --runs supplement/runs -o report.html`,
    )
    .action(async (name: string, options: Options) => {
      const { runs, step: wanted, output, merged = false, json } = options;
      const dir = await requireOwn(runs, name, 'exported');
      if (options.anonymous) return exportAnonymously(dir, output, json);
      const config = await readRunConfig(dir);
      const step = await chooseStep(dir, wanted);
      const folder = resolve(output);
      await exportCheckpoint(config, dir, step, folder, merged, {
        onPhase: (phase) => liveLine.show(phase),
      });
      liveLine.clear();
      if (json) printJson({ run: basename(dir), step, folder });
      else note(`Step ${step} of ${basename(dir)}: ${folder}`);
    });
}

/** Accounts that name nobody. */
const NOBODY = ['root', 'user', 'admin', 'ubuntu', 'runner', 'nobody'];
/** Shorter names are words like any other. */
const MIN_NAME = 3;

async function exportAnonymously(dir: string, output: string, json?: boolean): Promise<void> {
  const names = [homedir(), hostname(), userInfo().username].filter(
    (name) => name.length >= MIN_NAME && !NOBODY.includes(name) && name !== '/root',
  );
  const { files, leftOut, found } = await copyAnonymously(dir, resolve(output), names);
  if (json) printJson({ run: basename(dir), folder: resolve(output), files, left_out: leftOut, found });
  else
    note(
      `${files} files of ${basename(dir)}: ${output}. ${leftOut.length} are left out, weights and logs among them.`,
    );
  for (const { file, line, names } of found) tell(`${file}:${line} still contains ${names.join(', ')}.`);
  if (found.length > 0) process.exitCode = 1;
}
