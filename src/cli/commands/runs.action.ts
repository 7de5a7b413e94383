import { statusWord } from '../../core/run-data/run-status.ts';
import { type ListedRun, listRuns } from '../../lab/runs/listed-runs.ts';
import { type Meter, meterOfResults } from '../../core/run-data/meter.ts';
import { newestEvaluation } from '../../lab/evaluation/evaluation-folders.ts';
import { isOpen } from '../../core/metrics/metric.ts';
import { alarmsIn } from '../../lab/foreign/foreign-alarms.ts';
import { hackingIn } from '../../lab/runs/history.ts';
import { type FoundForeign, findForeign } from '../../lab/foreign/find.ts';
import { percentsText } from '../../base/format.ts';
import { originName } from '../../core/run-data/origin.ts';
import { byNumber } from '../../lab/files/folders.ts';
import {
  requireRunsFolder,
  demoRunsHint,
  requireReadable,
  untilInterrupted,
  exitCodeOf,
  attach,
  requireOwn,
  nextCommands,
  goOn,
  watchStarted,
} from '../find-runs.ts';
import { tell, printJson, print, printList, note } from '../print.ts';
import { withDistinctNames } from '../../core/run-data/run-name.ts';
import { relative } from 'node:path';
import { mayBeForeign } from '../../lab/foreign/known.ts';
import { watchForeign } from '../foreign.ts';
import { stopRun } from '../../lab/runs/launch.ts';
import { isActive, readState } from '../../lab/runs/state.ts';
import { JobError } from '../errors.ts';

interface Options {
  runs: string;
  json?: boolean;
}

const timeText = (iso: string): string => iso.slice(0, 19).replace('T', ' ');

interface ListOptions extends Options {
  sort?: Column;
  descending?: boolean;
}

/** A column by which runs are sorted. */
export type Column = 'run' | 'status' | 'step' | 'right' | 'heartbeat';

/** A run and how often it was right in its newest evaluation of both views. */
type MeasuredRun = ListedRun & { meter: Meter | null; alarms?: WatchedForeign['alarms'] };

/** A run of another program and its alarms. */
type WatchedForeign = FoundForeign & { alarms: Awaited<ReturnType<typeof alarmsIn>> };

/** The first alarm of a run without its advice, and how many more there are: "from step 31: … and 1 more". */
function alarmText([first, ...others]: WatchedForeign['alarms']): string {
  if (!first) return '';
  const more = others.length > 0 ? ` and ${others.length} more` : '';
  return ` · alarm from step ${first.since}: ${first.message.split(/[:;.]/, 1)[0]}${more}`;
}

async function newestMeterOf(dir: string): Promise<Meter | null> {
  // The list shows every run, even one whose results cannot be read.
  const newest = await newestEvaluation(dir).catch(() => null);
  return newest && meterOfResults(newest.results, newest.step, newest.id);
}

/** The alarms of our copy of a run of another program. */
async function alarmsOfCopy(dir: string): Promise<WatchedForeign['alarms']> {
  const hacking = await hackingIn(dir);
  return hacking ? [{ kind: 'reward-hacking', ...hacking }] : [];
}

/** The meter for scripts: one number a share, or null and its bounds where answers are not judged. */
function meterRecord({ view, original, other, both, ...about }: Meter) {
  const shares = { original, [view]: other, both };
  const values = Object.fromEntries(
    Object.entries(shares).map(([name, ends]) => [name, isOpen(ends) ? null : ends[0]]),
  );
  return { ...values, ...(Object.values(shares).some(isOpen) && { bounds: shares }), ...about };
}

/** The cells of a run in the list, by column. */
interface Cells extends Record<Column, string> {
  message: string;
}

function cellsOf(run: MeasuredRun | WatchedForeign): Cells {
  const cells = { run: run.name, status: 'not known', step: '', right: '', heartbeat: '', message: '' };
  if ('holds' in run)
    return { ...cells, heartbeat: timeText(run.written), message: run.holds + alarmText(run.alarms) };
  const { state, error, imported, meter } = run;
  if (meter) cells.right = percentsText(meter.both);
  if (state)
    return {
      ...cells,
      status: statusWord(state),
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
      message: `from ${originName(origin)}${alarmText(run.alarms ?? [])}`,
    };
  }
  return { ...cells, status: error ? 'unreadable' : statusWord(null), message: error ?? '' };
}

/** Sorts by a column of the list, comparing numbers in it as numbers; runs with an empty cell come last. */
function sorted<T extends MeasuredRun | WatchedForeign>(
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

export async function listAll({ runs, json, sort, descending = false }: ListOptions): Promise<void> {
  requireRunsFolder(runs);
  const items = (await listRuns(runs)).map(async (run) => ({
    ...run,
    meter: await newestMeterOf(run.dir),
    // A run of ours has its alarms in its state.
    ...(run.imported && { alarms: await alarmsOfCopy(run.dir) }),
  }));
  const foreign: WatchedForeign[] = [];
  // One after the other: a process may open few files at once.
  for (const run of await findForeign([runs], ({ message }) => tell(message)))
    foreign.push({ ...run, alarms: await alarmsIn(run.dir) });
  const listed = [...(await Promise.all(items)), ...foreign];
  const all = sort ? sorted(listed, sort, descending) : listed;
  if (json)
    printJson(
      all.map((run) => ('meter' in run && run.meter ? { ...run, meter: meterRecord(run.meter) } : run)),
    );
  else if (all.length === 0)
    print(demoRunsHint(runs) ?? `No runs in ${runs}. \`chirality train <config>\` starts one.`);
  else
    printList(
      ['run', 'status', 'step', 'pair accuracy', 'last heartbeat', ''],
      withDistinctNames<MeasuredRun | WatchedForeign>(all, (dir) => relative(runs, dir)).map((run) =>
        Object.values(cellsOf(run)),
      ),
    );
}

export async function attachTo(name: string, { runs, run }: Options & { run?: string }): Promise<void> {
  const dir = await requireReadable(runs, name, run);
  if (mayBeForeign(dir)) return untilInterrupted((signal) => watchForeign(dir, signal));
  process.exitCode = exitCodeOf(await attach(dir, name));
}

export async function stop(name: string, { runs, grace, json }: Options & { grace: number }): Promise<void> {
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
    tell(`${name}: ${statusWord(state)}. ${state?.message ?? ''}`);
    if (state && state.status !== 'finished') note(nextCommands(dir, state));
  }
  if (state && isActive(state)) process.exitCode = 1;
}

export async function resume(name: string, { runs, detach }: Options & { detach?: boolean }): Promise<void> {
  const dir = await requireOwn(runs, name, 'resumed');
  const state = await readState(dir);
  if (state?.status === 'finished') throw new JobError(`${name} is finished: there is nothing to resume.`);
  await goOn(dir, name);
  if (!detach) process.exitCode = await watchStarted(dir, name);
}
