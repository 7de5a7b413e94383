import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { makeFolder } from '../../lab/files/make-folder.ts';
import { readResults } from '../../lab/evaluation/folders.ts';
import { stepName } from '../../lab/runs/checkpoints.ts';
import { endOfLog } from '../../lab/runs/launch.ts';
import { createRun } from '../../lab/runs/run.ts';
import { readRunFile } from '../config.ts';
import { ALL_ARMS, configText, planDemo, type PlannedRun } from '../demo/plan.ts';
import { demoReport, type DemoRow } from '../demo/report.ts';
import { JobError } from '../errors.ts';
import { wholeNumber } from '../numbers.ts';
import { attach, launch } from '../runs.ts';
import { writeWorlds } from './worlds.ts';

interface Options {
  out: string;
  seed: number;
  all?: boolean;
  fast?: boolean;
  json?: boolean;
}

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description(
      'Train a tiny vision-language model from nothing, then by GRPO with and without mirrored views, on synthetic scenes.',
    )
    .option(
      '--out <dir>',
      'folder for data, configs and runs; a number is added when it is taken',
      'chirality-demo',
    )
    .option('--seed <n>', 'everything random draws from it', wholeNumber, 1)
    .option('--all', 'also train on both views without coupling, and with advantages over the pair')
    .option('--fast', 'a few steps of everything, to see that it works; the model learns next to nothing')
    .option('--json', 'print the results as JSON')
    .addHelpText('after', '\nExamples:\n  chirality demo\n  chirality demo --all --seed 3')
    .action(async ({ out, seed, all, fast, json }: Options) => {
      const started = Date.now();
      const folder = await newFolder(out);
      const plan = planDemo({ seed, fast: fast ?? false, arms: all ? ALL_ARMS : ['given', 'spatial'] });
      for (const { name, ...options } of plan.data) {
        await writeWorlds({ ...options, out: join(folder, name), style: 'compact' });
      }
      const rows: DemoRow[] = [];
      const told = new Set<string>();
      for (const run of [...plan.sft, ...plan.arms]) rows.push(await train(folder, run, told));
      const report = demoReport(rows, (Date.now() - started) / 1000, fast ?? false);
      await writeFile(join(folder, 'report.md'), `# Demo, seed ${seed}\n\n${report}\n`);
      if (json) console.log(JSON.stringify({ folder: resolve(folder), rows }));
      else
        console.log(
          `\n${report}\n\nRuns: ${join(folder, 'runs')}\nLook into one: chirality trace spatial --runs ${join(folder, 'runs')}`,
        );
    });
}

/** Writes the run's config, trains in a process of its own, and returns what the last evaluation found. */
async function train(folder: string, run: PlannedRun, told: Set<string>): Promise<DemoRow> {
  console.error(`\n${run.about}`);
  const path = join(folder, `${run.name}.run.yaml`);
  await writeFile(path, configText(run));
  const config = readRunFile(path);
  const dir = await createRun(join(folder, 'runs'), run.name, config);
  await launch(dir);
  const state = await attach(dir, basename(dir), told);
  if (!state) throw new JobError('The demo ends here; the run goes on.');
  const results = await readResults(join(dir, 'eval', stepName(config.steps)));
  if (state.status !== 'finished' || !results) {
    throw new JobError(`The run did not finish.\n${await endOfLog(dir)}`, {
      file: dir,
      fix: `\`chirality resume ${dir}\` goes on.`,
    });
  }
  return { about: run.about, results };
}

/** The folder, or the first with a number behind it that does not exist yet. */
async function newFolder(wanted: string): Promise<string> {
  await makeFolder(dirname(wanted));
  for (let i = 1; ; i++) {
    const folder = i === 1 ? wanted : `${wanted}-${i}`;
    try {
      await mkdir(folder);
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
