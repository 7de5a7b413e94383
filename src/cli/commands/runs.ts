import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { listCheckpoints } from '../../lab/runs/checkpoints.ts';
import { listRuns, type ListedRun } from '../../lab/runs/list.ts';
import { originName } from '../../core/run-data/foreign/origin.ts';
import { isActive, readState } from '../../lab/runs/state.ts';
import { stopRun } from '../../lab/runs/stop.ts';
import { findForeign } from '../../lab/foreign/find.ts';
import { mayBeForeign } from '../../lab/foreign/known.ts';
import { watchForeign } from '../foreign.ts';
import { JobError, UsageError } from '../errors.ts';
import { wholeNumber } from '../input.ts';
import {
  attach,
  demoRunsHint,
  exitCodeOf,
  launch,
  requireOwn,
  requireReadable,
  withRuns,
  withSource,
} from '../runs.ts';
import { note, print, printJson, printList, tell } from '../print.ts';

interface Options {
  runs: string;
  json?: boolean;
}

/** `runs`, `attach`, `stop`, `resume`: the commands for existing runs. */
export function addRunCommands(program: Command): void {
  withRuns(program.command('runs'))
    .description('List runs with their status, step and last heartbeat, and folders of other trainers.')
    .option('--json', 'print a JSON list')
    .addHelpText(
      'after',
      '\nExamples:\n  chirality runs\n  chirality runs --json | jq ".[] | select(.state.status == \\"failed\\")"',
    )
    .action(async ({ runs, json }: Options) => {
      if (existsSync(runs) && !statSync(runs).isDirectory())
        throw new UsageError(`--runs ${runs}: This is a file, not a folder.`);
      const found = await listRuns(runs);
      const foreign = await findForeign([runs]);
      if (json) printJson([...found, ...foreign]);
      else if (found.length + foreign.length === 0)
        print(demoRunsHint(runs) ?? `No runs in ${runs}. \`chirality train <config>\` starts one.`);
      else
        printList(
          ['run', 'status', 'step', 'last heartbeat', ''],
          [
            ...found.map(cellsOf),
            ...foreign.map(({ name, holds, written }) => [name, 'not known', '', timeText(written), holds]),
          ],
        );
    });

  withSource(withRuns(program.command('attach')))
    .argument('<run>', 'run name or folder; also a folder that another trainer wrote')
    .description('Watch a run until it ends. Ctrl-C stops watching; the run continues.')
    .action(async (name: string, { runs, run }: Options & { run?: string }) => {
      const dir = await requireReadable(runs, name, run);
      if (mayBeForeign(dir)) return watchForeign(dir);
      process.exitCode = exitCodeOf(await attach(dir, name));
    });

  withRuns(program.command('stop'))
    .argument('<run>', 'run name or folder')
    .description(
      'Stop a run: let it save and end after the current step, or else terminate it, then kill it.',
    )
    .option('--grace <seconds>', 'how long to wait for the current step', wholeNumber, 120)
    .option('--json', 'print the final state')
    .action(async (name: string, { runs, grace, json }: Options & { grace: number }) => {
      const dir = await requireOwn(runs, name, 'stopped');
      const words = {
        requested: 'Asked to stop after the current step …',
        terminating: 'No answer: terminating …',
        killing: 'Still there: killing …',
      };
      const state = await stopRun(dir, {
        grace: 1000 * grace,
        onPhase: (phase) => note(words[phase]),
      });
      if (json) printJson(state);
      else tell(`${name}: ${state?.status ?? 'never started'}. ${state?.message ?? ''}`);
      if (state && isActive(state)) process.exitCode = 1;
    });

  withRuns(program.command('resume'))
    .argument('<run>', 'run name or folder')
    .description('Resume a run from its last checkpoint, exactly as if it had never stopped, and watch it.')
    .option('--detach', 'return as soon as the run has started')
    .action(async (name: string, { runs, detach }: Options & { detach?: boolean }) => {
      const dir = await requireOwn(runs, name, 'resumed');
      const state = await readState(dir);
      if (state?.status === 'finished')
        throw new JobError(`${name} is finished: there is nothing to resume.`);
      if (state && isActive(state)) {
        tell(`${name} is already running (process ${state.pid} on ${state.host}).`);
      } else {
        const from = (await listCheckpoints(dir)).at(-1) ?? 0;
        await launch(dir);
        note(`${basename(dir)} goes on from step ${from}.`);
      }
      if (!detach) process.exitCode = exitCodeOf(await attach(dir, name));
    });
}

const timeText = (iso: string): string => iso.slice(0, 19).replace('T', ' ');

function cellsOf({ name, state, error, imported }: ListedRun): string[] {
  if (state)
    return [name, state.status, `${state.step}/${state.steps}`, timeText(state.heartbeat), state.message];
  if (imported) {
    const { origin, last_step: step } = imported;
    return [name, 'imported', `${step ?? ''}`, timeText(imported.imported), `from ${originName(origin)}`];
  }
  return [name, error ? 'unreadable' : 'empty', '', '', error ?? ''];
}
