import { stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { treeOf } from '../../core/config/editor/presets.ts';
import { isRecord } from '../../base/json.ts';
import { endsOf } from '../../core/metrics/metric.ts';
import { parseRecord } from '../../base/record.ts';
import { readMetricsRow } from '../../core/rewards/metrics-row.ts';
import { meterOfResults, meterOfSteps, newestMeter, RECENT } from '../../core/run-data/meter.ts';
import { originName, type ImportRecord } from '../../core/run-data/origin.ts';
import type { RunSummary } from '../../core/run-data/run-summary.ts';
import { withDistinctNames } from '../../core/run-data/run-name.ts';
import { isActiveStatus, statusWord } from '../../core/run-data/run-status.ts';
import { quickChecks, readResults } from '../evaluation/evaluation-folders.ts';
import { explainError, ifMissing, unlessUnreadable } from '../files/disk-error.ts';
import { byNumber } from '../files/folders.ts';
import { readText } from '../files/regular.ts';
import { UntilChanged } from '../files/version.ts';
import { alarmsIn } from '../foreign/foreign-alarms.ts';
import { findForeign } from '../foreign/find.ts';
import { hackingIn } from '../runs/history.ts';
import { listRuns as runsIn, lookAtRun, type ListedRun } from '../runs/listed-runs.ts';
import { manifestSchema, readEvent, stepOf } from '../runs/run-folder.ts';
import { readState } from '../runs/state.ts';
import { lastLines } from '../runs/tail.ts';
import { readPlan } from '../sweeps/sweep-folder.ts';
import { cursorOf, keyIn, OperationError, type Key, type OperationContext, type Place } from './operation.ts';
import type { ListedPlace, RunsInput, RunsOutput } from './runs.ts';

/** Number of last events to search for alarms, and maximum number of alarms per run. */
const [EVENTS, ALARMS] = [200, 8];
/** Maximum length of the user's notes in lists, in characters. */
const MAX_NOTE = 1000;
/** Number of runs to read concurrently. The system limits the number of open files. */
const AT_ONCE = 64;

/** Summary of a run whose files are unreadable. */
export const UNREAD = {
  status: 'unknown',
  active: '',
  state: null,
  error: null,
  reward: null,
  meter: null,
  alarms: null,
  model: null,
  started: null,
  recipe: null,
  note: '',
  data: [],
} satisfies Partial<RunSummary>;

/** A run with only the values that sorting and filtering use. */
interface Head {
  run: RunSummary;
  whole: (run: RunSummary) => Promise<RunSummary>;
}

export async function readRuns(input: RunsInput, context: OperationContext): Promise<RunsOutput> {
  const { kind, match = '', status, sort, descending, limit = Infinity, cursor } = input;
  const places = await context.places?.();
  const about = places && {
    kinds: countKinds(places.all),
    ...(places.notes.length && { notes: [...places.notes] }),
  };
  const fits = ({ name }: { name: string }) => name.toLowerCase().includes(match.toLowerCase());
  const after = cursor === undefined ? null : keyIn(cursor);
  if (kind !== 'run') {
    const all = (places?.all ?? []).filter((place) => place.kind === kind && fits(place));
    const sorted = all.toSorted((a, b) => byNumber(a.name, b.name));
    const rest = sorted.filter(({ name }) => !after || byNumber(name, String(after[0])) > 0);
    const shown = await Promise.all(rest.slice(0, limit).map(listedPlace));
    return { total: all.length, places: shown, ...about, next: nextOf(rest, shown, ({ name }) => [name]) };
  }
  const heads = (await headsOf(input, context, places?.all)).filter(
    ({ run }) => fits(run) && (!status || status.some((asked) => asked === plainStatus(run))),
  );
  // Reads only displayed runs completely, unless the order depends on all runs.
  const sorted = sort ? sortedBy(await wholeOf(heads, context), sort, descending) : null;
  const order = sorted ?? heads.map(({ run }) => run).sort(latestFirst);
  const from = after ? placeAfter(after, order, sorted !== null) : 0;
  const page = order.slice(from, from + limit);
  const byDir = new Map(heads.map((head) => [head.run.dir, head]));
  const runs = sorted
    ? page
    : await wholeOf(
        page.map(({ dir }) => byDir.get(dir)!),
        context,
      );
  const next = nextOf(order.slice(from), runs, keyOf);
  return { total: order.length, runs, ...about, next };
}

const keyOf = (run: RunSummary): Key => [run.active, run.name];

const nextOf = <T>(rest: readonly unknown[], shown: readonly T[], key: (item: T) => Key): string | null =>
  shown.length > 0 && shown.length < rest.length ? cursorOf(key(shown.at(-1)!)) : null;

const latestFirst = (a: RunSummary, b: RunSummary): number =>
  b.active.localeCompare(a.active) || byNumber(a.name, b.name) || byNumber(a.dir, b.dir);

/** Returns the index at which the list continues: after the cursor's run or, by time, after the run's former place. */
function placeAfter([time, name]: Key, order: readonly RunSummary[], isSorted: boolean): number {
  const at = order.findIndex((run) => run.name === name && (isSorted || run.active === time));
  if (at >= 0) return at + 1;
  if (isSorted)
    throw new OperationError('The run of this cursor no longer exists. Call again without the cursor.');
  const next = order.findIndex((run) => {
    const order = String(time).localeCompare(run.active);
    return order > 0 || (order === 0 && byNumber(run.name, String(name)) > 0);
  });
  return next < 0 ? order.length : next;
}

/** Returns the status by which runs are filtered. A starting or stopping run counts as running. */
const plainStatus = ({ state }: RunSummary): string =>
  !state ? 'unknown' : isActiveStatus(state.status) ? 'running' : state.status;

const VALUES: Record<NonNullable<RunsInput['sort']>, (run: RunSummary) => string | number | null> = {
  run: ({ name }) => name,
  status: ({ status }) => status,
  step: ({ state, origin }) => origin?.step ?? state?.step ?? null,
  right: ({ meter }) => (meter && endsOf(meter.both)?.[0]) ?? null,
  heartbeat: ({ active }) => active || null,
};

/** Sorts runs by a column. Runs without a value come last. */
function sortedBy(runs: readonly RunSummary[], by: keyof typeof VALUES, descending: boolean): RunSummary[] {
  const sign = descending ? -1 : 1;
  const value = VALUES[by];
  return runs.toSorted((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    return sign * (typeof x === 'number' && typeof y === 'number' ? x - y : byNumber(`${x}`, `${y}`));
  });
}

async function wholeOf(heads: readonly Head[], { signal, guard }: OperationContext): Promise<RunSummary[]> {
  const read = async ({ run, whole }: Head): Promise<RunSummary> => {
    const error = await guard?.({ path: run.dir, name: run.name }).catch((why: Error) => why.message);
    return error === undefined ? whole(run) : { ...run, error };
  };
  const runs: RunSummary[] = [];
  for (let i = 0; i < heads.length; i += AT_ONCE) {
    signal.throwIfAborted();
    runs.push(...(await Promise.all(heads.slice(i, i + AT_ONCE).map(read))));
  }
  return runs;
}

/** Returns all runs that a call requests. @param places named places; undefined if the roots contain runs */
async function headsOf(
  { programs, curves }: RunsInput,
  { roots, signal, onNote }: OperationContext,
  places: readonly Place[] | undefined,
): Promise<Head[]> {
  const heads: Head[] = [];
  const add = (listed: ListedRun, root: string) => heads.push(ownHead(listed, root, curves));
  const others = places
    ? places.flatMap(({ foreign, name, path: dir }) => (foreign ? { ...foreign, name, dir } : []))
    : programs.includes('other')
      ? await findForeign(roots, ({ message }) => onNote?.(message))
      : [];
  if (places)
    for (const { kind, name, path, foreign } of places) {
      if (kind !== 'run' || foreign) continue;
      signal.throwIfAborted();
      const listed = await lookAtRun(path, name);
      if (listed) add(listed, dirname(path));
    }
  else if (programs.includes('own'))
    for (const root of roots) for (const listed of await runsIn(root)) add(listed, root);
  for (const { dir, name, holds, written } of others) {
    const origin = { holds, written, isCopy: false };
    heads.push({
      run: { name, dir, root: dirname(dir), ...UNREAD, active: written, origin },
      whole: async (run) => ({ ...run, alarms: curves ? (await alarmsIn(dir)).map(alarmOf) : null }),
    });
  }
  const [root, ...more] = roots;
  // Commands find a run by its path below the only folder of runs, but places by their names.
  if (places || root === undefined || more.length > 0) return heads;
  const named = withDistinctNames(
    heads.map(({ run }) => run),
    (dir) => relative(root, dir),
  );
  return heads.map(({ whole }, i) => ({ run: named[i]!, whole }));
}

const alarmOf = ({ since, message }: { since: number; message: string }) => ({ since, message });

const countKinds = (places: readonly Place[]): NonNullable<RunsOutput['kinds']> => {
  const counts: NonNullable<RunsOutput['kinds']> = {};
  for (const { kind } of places) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};

async function listedPlace({ kind, name, path }: Place): Promise<ListedPlace> {
  if (kind === 'evaluation') return { name };
  if (kind !== 'sweep') return { name, bytes: (await stat(path)).size };
  const plan = await readPlan(path).catch(() => null);
  const state = await readState(path).catch(() => null);
  return {
    name,
    status: state?.status ?? 'unknown',
    ...(plan && { cells: plan.cells.length, seeds: plan.seeds.length }),
  };
}

/** Fields of a manifest that lists use. The manifest of an imported run has no start time. */
const STARTED = manifestSchema.pick({ started: true }).partial();

/** Cache by path. A value is read again when its file or folder has changed. */
class ByPath<T> {
  private readonly values = new UntilChanged<T>();

  constructor(private readonly read: (path: string) => Promise<T>) {}

  /** Returns the value for a path. Null for a missing file, or for another kind of path. @throws if unreadable */
  async of(path: string): Promise<T | null> {
    const file = await stat(path).catch(ifMissing(null));
    if (!file) return null;
    return this.values
      .of(path, `${file.mtimeMs} ${file.size}`, () => this.read(path))
      .catch(unlessUnreadable(null));
  }
}

/** Returns the parts of a resolved config that lists show. Empty if the text is not a config. */
function aboutConfig(text: string): Pick<RunSummary, 'recipe' | 'data' | 'model'> {
  const { recipe, data, engine } = treeOf(text);
  const { kind, model } = isRecord(engine) ? engine : {};
  const { train, eval: sets } = isRecord(data) ? data : {};
  const paths = [train, ...(isRecord(sets) ? Object.values(sets) : [])];
  return {
    recipe: typeof recipe === 'string' ? recipe : null,
    data: paths.filter((path) => typeof path === 'string'),
    model: [kind, model].filter((part) => typeof part === 'string').join(' ') || null,
  };
}

/** Files of runs for lists. Only changed files are read again. */
const FILES = {
  metrics: new ByPath(async (path) => {
    const rows = await lastLines(path, RECENT, readMetricsRow);
    return { reward: rows.at(-1)?.reward ?? null, meter: meterOfSteps(rows) };
  }),
  alarms: new ByPath(async (path) =>
    (await lastLines(path, EVENTS, readEvent))
      .filter(({ kind }) => kind === 'alarm')
      .slice(-ALARMS)
      .map(({ step: since, message }) => ({ since, message })),
  ),
  evaluations: new ByPath(async (path) => {
    const id = basename(dirname(path));
    const results = await readResults(dirname(path));
    return { meter: results && meterOfResults(results, stepOf(id) ?? NaN, id) };
  }),
  checks: new ByPath((folder) => quickChecks(dirname(folder))),
  notes: new ByPath(async (path) => (await readText(path)).trim().slice(0, MAX_NOTE)),
  starts: new ByPath(async (file) => parseRecord(STARTED, await readText(file), { file }).started ?? null),
  configs: new ByPath(async (path) => aboutConfig(await readText(path))),
};
/** Paths of results without pairs of views, never read again: a run's evaluations all have the same views. */
const viewless = new Set<string>();

function ownHead({ name, dir, state, error, imported }: ListedRun, root: string, curves: boolean): Head {
  const run: RunSummary = {
    name,
    dir,
    root,
    ...UNREAD,
    status: imported ? 'imported' : error === undefined ? statusWord(state) : 'unreadable',
    active: state?.heartbeat ?? imported?.imported ?? '',
    state: state && stateSummary(state),
    error: error ?? null,
    ...(imported && { origin: originOf(imported) }),
  };
  return { run, whole: (run) => wholeOwn(run, curves) };
}

async function wholeOwn(run: RunSummary, curves: boolean): Promise<RunSummary> {
  const { dir } = run;
  let unread: string | null = null;
  const orWhy = <T>(reading: Promise<T>): Promise<T | null> =>
    reading.catch((why: Error) => {
      unread ??= explainError(why);
      return null;
    });
  const [metrics, evaluated, config, note, started, alarms] = await Promise.all([
    orWhy(FILES.metrics.of(join(dir, 'metrics.jsonl'))),
    orWhy(newestMeterOf(dir)),
    orWhy(FILES.configs.of(join(dir, 'run.yaml'))),
    orWhy(FILES.notes.of(join(dir, 'notes.md'))),
    orWhy(FILES.starts.of(join(dir, 'manifest.json'))),
    run.origin ? alarmsOfCopy(dir, curves) : orWhy(FILES.alarms.of(join(dir, 'events.jsonl'))),
  ]);
  return {
    ...run,
    error: run.error ?? unread,
    ...(unread !== null && !run.origin && { status: 'unreadable' }),
    reward: metrics?.reward ?? null,
    meter: newestMeter([metrics?.meter ?? null, evaluated]),
    alarms: run.origin ? alarms : (alarms ?? []),
    model: config?.model ?? null,
    started,
    recipe: config?.recipe ?? null,
    note: note ?? '',
    data: config?.data ?? [],
  };
}

async function alarmsOfCopy(dir: string, curves: boolean): Promise<RunSummary['alarms']> {
  if (!curves) return null;
  const hacking = await hackingIn(dir);
  return hacking ? [alarmOf(hacking)] : [];
}

/** Returns the pair metrics of the newest quick check with both views. Null without such a check. */
async function newestMeterOf(dir: string): Promise<RunSummary['meter']> {
  for (const check of (await FILES.checks.of(join(dir, 'eval'))) ?? []) {
    const path = join(check.dir, 'results.json');
    const evaluation = viewless.has(path) ? null : await FILES.evaluations.of(path);
    if (evaluation?.meter) return evaluation.meter;
    if (evaluation) viewless.add(path);
  }
  return null;
}

type State = NonNullable<RunSummary['state']>;

export const stateSummary = (state: State & { alarm?: string | undefined }): State => {
  const { status, phase, step, steps, heartbeat, message, host, alarm } = state;
  const summary = { status, phase, step, steps, heartbeat, message, host };
  if (alarm === undefined) return summary;
  return alarm === 'no-reward'
    ? { ...summary, unrewarded: true }
    : { ...summary, signature: alarm.replaceAll('-', ' ') };
};

/** Formats the origin of an imported run: "imported from TRL 1.16.0, step 4". */
const originOf = ({
  origin,
  last_step: step,
  imported,
}: ImportRecord): NonNullable<RunSummary['origin']> => ({
  holds: `imported from ${originName(origin)}${step === null ? '' : `, step ${step}`}`,
  written: imported,
  isCopy: true,
  ...(step !== null && { step }),
});
