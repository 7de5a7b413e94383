import { basename } from 'node:path';
import type { Command } from 'commander';
import { createRun } from '../../lab/runs/run.ts';
import { readRunFile } from '../config.ts';
import { attach, exitCodeOf, launch, withRuns } from '../runs.ts';

export function addTrainCommand(program: Command): void {
  withRuns(program.command('train'))
    .argument('<config>', 'a *.run.yaml file')
    .summary('start a run and watch it')
    .description(
      'Starts a training run in a process of its own, which goes on when this terminal closes, and watches it.',
    )
    .option('--name <name>', "name of the run's folder; the config's name by default")
    .option('--detach', 'return as soon as the run has started')
    .option('--json', 'print name, folder and state as one JSON object (implies --detach)')
    .addHelpText(
      'after',
      `
Examples:
  chirality train svqa.run.yaml
  chirality train svqa.run.yaml --name eta-2 --detach
  chirality attach eta-2`,
    )
    .action(
      async (path: string, options: { runs: string; name?: string; detach?: boolean; json?: boolean }) => {
        const config = readRunFile(path);
        const dir = await createRun(
          options.runs,
          options.name ?? basename(path).replace(/(\.run)?\.ya?ml$/, ''),
          config,
        );
        const name = basename(dir);
        const state = await launch(dir);
        if (options.json) console.log(JSON.stringify({ name, dir, state }));
        else console.error(`Run ${name} started in ${dir} (process ${state.pid}).`);
        if (!options.json && !options.detach) process.exitCode = exitCodeOf(await attach(dir, name));
      },
    );
}
