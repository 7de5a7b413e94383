import { relative } from 'node:path';
import { Option, type Command } from 'commander';
import { percentsText } from '../../core/format.ts';
import { newestEvaluation } from '../../lab/evaluation/folders.ts';
import { isOpen } from '../../core/metrics/metric.ts';
import { meterOfResults, type Meter } from '../../core/run-data/meter.ts';
import { listRuns, type ListedRun } from '../../lab/runs/list.ts';
import { withDistinctNames } from '../../core/run-data/run-name.ts';
import { originName } from '../../core/run-data/origin.ts';
import { isActive, readState } from '../../lab/runs/state.ts';
import { stopRun } from '../../lab/runs/launch.ts';
import { findForeign, type FoundForeign } from '../../lab/foreign/find.ts';
import { mayBeForeign } from '../../lab/foreign/known.ts';
import { watchForeign } from '../foreign.ts';
import { JobError } from '../errors.ts';
import { wholeNumber } from '../input.ts';
import {
  attach,
  demoRunsHint,
  exitCodeOf,
  goOn,
  nextCommands,
  requireOwn,
  requireReadable,
  requireRunsFolder,
  untilInterrupted,
  watchStarted,
  withRuns,
  withSource,
} from '../runs.ts';
import { note, print, printJson, printList, tell } from '../print.ts';
import { byNumber } from '../../lab/files/folders.ts';
import { withTrust } from '../config.ts';

interface Options {
  runs: string;
  json?: boolean;
}

/** `chirality runs`: all runs of a folder. */
export function addRunsCommand(program: Command): void {
  withRuns(program.command('runs'))
    .description(
      'List runs with status, step, share of rows right in both views and last heartbeat, and the folders of other trainers.',
    )
    .addOption(
      new Option(
        '--sort <column>',
        'sort by this column, smallest first; otherwise the latest is first',
      ).choices(SORTS),
    )
    .option('--descending', 'sort the largest first')
    .option('--json', 'print a JSON list')
    .addHelpText(
      'after',
      '\nExamples:\n  chirality runs\n  chirality runs --sort step --descending\n  chirality runs --json | jq ".[] | select(.state.status == \\"failed\\")"',
    )
    .action(async ({ runs, json, sort, descending = false }: ListOptions) => {
      requireRunsFolder(runs);
      const own = (await listRuns(runs)).map(async (run) => ({
        ...run,
        meter: await newestMeterOf(run.dir),
      }));
      const listed = [
        ...(await Promise.all(own)),
        ...(await findForeign([runs], ({ message }) => tell(message))),
      ];
      const all = sort ? sorted(listed, sort, descending) : listed;
      if (json)
        printJson(
          all.map((run) => ('meter' in run && run.meter ? { ...run, meter: meterRecord(run.meter) } : run)),
        );
      else if (all.length === 0)
        print(demoRunsHint(runs) ?? `No runs in ${runs}. \`chirality train <config>\` starts one.`);
      else
        printList(
          ['run', 'status', 'step', 'both right', 'last heartbeat', ''],
          withDistinctNames<MeasuredRun | FoundForeign>(all, (dir) => relative(runs, dir)).map((run) =>
            Object.values(cellsOf(run)),
          ),
        );
    });
}

/** `chirality attach`: watches a run. */
export function addAttachCommand(program: Command): void {
  withSource(withRuns(program.command('attach')))
    .argument('<run>', 'run name or folder; also a folder that another trainer wrote')
    .description('Watch a run until it ends. Ctrl-C stops watching; the run continues.')
    .addHelpText('after', '\nExamples:\n  chirality attach svqa\n  chirality attach ~/out/grpo')
    .action(async (name: string, { runs, run }: Options & { run?: string }) => {
      const dir = await requireReadable(runs, name, run);
      if (mayBeForeign(dir)) return untilInterrupted((signal) => watchForeign(dir, signal));
      process.exitCode = exitCodeOf(await attach(dir, name));
    });
}

/** `chirality stop`: stops a run. */
export function addStopCommand(program: Command): void {
  withRuns(program.command('stop'))
    .argument('<run>', 'run name or folder')
    .description(
      'Stop a run: let it save and end after the current step, or else terminate it, then kill it.',
    )
    .option('--grace <seconds>', 'how long to wait for the current step', wholeNumber, 120)
    .option('--json', 'print the final state')
    .addHelpText('after', '\nExamples:\n  chirality stop svqa\n  chirality stop svqa --grace 600 --json')
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
      else {
        tell(`${name}: ${state?.status ?? 'never started'}. ${state?.message ?? ''}`);
        if (state && state.status !== 'finished') note(nextCommands(dir, state));
      }
      if (state && isActive(state)) process.exitCode = 1;
    });
}

/** `chirality resume`: continues a run from its last checkpoint. */
export function addResumeCommand(program: Command): void {
  withTrust(withRuns(program.command('resume')))
    .argument('<run>', 'run name or folder')
    .description('Resume a run from its last checkpoint, exactly as if it had never stopped, and watch it.')
    .option('--detach', 'return as soon as the run has started')
    .addHelpText('after', '\nExamples:\n  chirality resume svqa\n  chirality resume svqa --detach')
    .action(async (name: string, { runs, detach }: Options & { detach?: boolean }) => {
      const dir = await requireOwn(runs, name, 'resumed');
      const state = await readState(dir);
      if (state?.status === 'finished')
        throw new JobError(`${name} is finished: there is nothing to resume.`);
      await goOn(dir, name);
      if (!detach) process.exitCode = await watchStarted(dir, name);
    });
}

const timeText = (iso: string): string => iso.slice(0, 19).replace('T', ' ');

/** Columns by which `runs` sorts. */
const SORTS = ['run', 'status', 'step', 'right', 'heartbeat'] as const;

interface ListOptions extends Options {
  sort?: (typeof SORTS)[number];
  descending?: boolean;
}

/** A run and how often it was right in its newest evaluation of both views. */
type MeasuredRun = ListedRun & { meter: Meter | null };

async function newestMeterOf(dir: string): Promise<Meter | null> {
  // The list shows every run, even one whose results cannot be read.
  const newest = await newestEvaluation(dir).catch(() => null);
  return newest && meterOfResults(newest.results, newest.step, newest.id);
}

/** The meter for scripts: one number a share, or null and its bounds where answers are not judged. */
function meterRecord({ original, mirror, both, ...about }: Meter) {
  const shares = { original, mirror, both };
  const values = Object.fromEntries(
    Object.entries(shares).map(([name, ends]) => [name, isOpen(ends) ? null : ends[0]]),
  );
  return { ...values, ...(Object.values(shares).some(isOpen) && { bounds: shares }), ...about };
}

/** The cells of a run in the list, by column. */
interface Cells extends Record<(typeof SORTS)[number], string> {
  message: string;
}

function cellsOf(run: MeasuredRun | FoundForeign): Cells {
  const cells = { run: run.name, status: 'not known', step: '', right: '', heartbeat: '', message: '' };
  if ('holds' in run) return { ...cells, heartbeat: timeText(run.written), message: run.holds };
  const { state, error, imported, meter } = run;
  if (meter) cells.right = percentsText(meter.both);
  if (state)
    return {
      ...cells,
      status: state.status,
      step: `${state.step}/${state.steps}`,
      heartbeat: timeText(state.heartbeat),
      message: state.message,
    };
  if (imported) {
    const { origin, last_step: step } = imported;
    return {
      ...cells,
      status: 'imported',
      step: `${step ?? ''}`,
      heartbeat: timeText(imported.imported),
      message: `from ${originName(origin)}`,
    };
  }
  return { ...cells, status: error ? 'unreadable' : 'empty', message: error ?? '' };
}

/** Sorts by a column of the list, comparing numbers in it as numbers; runs with an empty cell come last. */
function sorted<T extends MeasuredRun | FoundForeign>(
  runs: readonly T[],
  by: keyof Cells,
  descending: boolean,
): T[] {
  const sign = descending ? -1 : 1;
  return runs
    .map((run) => [cellsOf(run)[by], run] as const)
    .sort(([a], [b]) => (a === '' || b === '' ? Number(a === '') - Number(b === '') : sign * byNumber(a, b)))
    .map(([, run]) => run);
}
