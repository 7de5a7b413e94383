import { statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { versionIn, UntilChanged } from '../../files/version.ts';
import { isNatural, isRecord } from '../../../base/json.ts';
import { groupBy } from '../../../core/evaluation/scored-row.ts';
import { rowOfColumns, type LoggedRow } from '../values/logged-row.ts';
import { readConversation } from '../values/generations.ts';
import { PhaseOfTables } from '../values/evaluated-rows.ts';
import { figureOf, metricName, type Figures } from '../values/metric-names.ts';
import { parsePythonJson } from '../containers/python-json.ts';
import { readWithLog, SqliteFile, type SqliteValue } from '../containers/sqlite.ts';
import type { RunFolder } from '../foreign-folder.ts';
import {
  batchIn,
  Curves,
  joinCurves,
  NOTHING,
  type Batch,
  type Logged,
  type Phase,
  grpoSettings,
} from '../foreign-reader.ts';
import { unlessUnreadable } from '../../files/disk-error.ts';

export const DATABASE = /^[^/]+\.db$/;

interface TrackioRun {
  /** Id of the run. Before trackio 0.24, the run's name. */
  id: string;
  name: string;
}

/** Contents of a trackio database for one run. */
interface Log extends TrackioRun {
  rows: { step: number; values: Record<string, unknown> }[];
  config: Record<string, unknown>;
  traces: Conversation[];
}

/** A conversation with its score. `step` is trackio's own count, not the training step. */
interface Conversation {
  step: number;
  key: string;
  messages: unknown;
  metadata: unknown;
}

/** Contents of a trackio database. */
interface Project {
  logs: Log[];
  problems: string[];
}

/**
 * Returns a path for a run in a database, as if the database were a folder. The run's name is encoded because the name
 * can contain slashes.
 */
const databaseRun = (database: string, { id, name }: TrackioRun, isOnly: boolean): string =>
  join(database, encodeURIComponent(isOnly ? name : `${name} ${id.slice(0, 8)}`));

/** Returns the path of the database in a path from `databaseRun`. Null for any other path. */
export function databaseOf(dir: string): string | null {
  const database = dirname(dir);
  if (!database.endsWith('.db')) return null;
  return (statSync(database, { throwIfNoEntry: false })?.isFile() ?? false) ? database : null;
}

const MAX_PROJECTS = 4;
const projects = new UntilChanged<Project>(MAX_PROJECTS);

/**
 * Reads a database. A cached result is reused until the database or its log changes. @throws an error with a message
 * for users, if the file is not a trackio database
 */
function readProject(path: string): Promise<Project> {
  const versions = [path, `${path}-wal`].map((file) => {
    const stats = statSync(file, { throwIfNoEntry: false });
    return stats ? versionIn(stats) : '';
  });
  return projects.of(path, versions.join(' '), () => read(path));
}

/** Error for a database whose damaged pages make all runs unreadable. */
export class DamagedDatabase extends Error {}

/**
 * Lists the runs in a database. Empty if the file is not a trackio database.
 * @throws DamagedDatabase, or if the system cannot open the file
 */
export async function runsOf(path: string): Promise<{ dir: string; name: string }[]> {
  const project = await readProject(path).catch((error: unknown) => {
    if (error instanceof DamagedDatabase)
      throw new DamagedDatabase(
        `Cannot read ${path}: ${error.message}. Use a copy, or the output of \`sqlite3 ${basename(path)} .recover\`.`,
      );
    return unlessUnreadable(null)(error);
  });
  return (project?.logs ?? []).map((run) => ({ dir: dirOf(path, project!, run), name: run.name }));
}

const dirOf = (path: string, { logs }: Project, run: Log): string =>
  databaseRun(path, run, logs.filter(({ name }) => name === run.name).length === 1);

async function read(path: string): Promise<Project> {
  const { file, log } = await readWithLog(path);
  const problems: string[] = [];
  const name = basename(path);
  const damaged: string[] = [];
  const database = new SqliteFile(file, log, (page, why) => {
    damaged.push(`the database is damaged (page ${page}: ${why})`);
    problems.push(`${name}, page ${page}: ${why}. The entries of this page are excluded.`);
  });
  const isTrackio = database.has('metrics', 'run_name', 'step', 'metrics');
  const logs = new Map<string, Log>();
  const idOf = (row: Record<string, SqliteValue>) => text(row.run_id ?? row.run_name);
  for (const row of database.rows('metrics')) {
    const [id, step, values] = [idOf(row), row.step, json(row.metrics)];
    if (typeof step !== 'number' || !values) {
      problems.push(`${name}, row ${String(row.id)} of metrics: the row contains no values.`);
      continue;
    }
    if (!logs.has(id)) logs.set(id, { id, name: text(row.run_name) || id, rows: [], config: {}, traces: [] });
    logs.get(id)!.rows.push({ step, values });
  }
  if (logs.size === 0 && damaged[0] !== undefined) throw new DamagedDatabase(damaged[0]);
  if (!isTrackio) throw new Error('the database has no trackio metrics');
  for (const row of database.rows('configs')) {
    const config = json(row.config);
    const run = logs.get(idOf(row));
    if (run && config) run.config = config;
  }
  for (const row of database.rows('traces')) {
    const { step } = row;
    if (typeof step !== 'number') continue;
    const [messages, metadata] = [parsed(row.messages), parsed(row.metadata)];
    logs.get(idOf(row))?.traces.push({ step, key: text(row.key), messages, metadata });
  }
  return { logs: [...logs.values()], problems };
}

/** SQLite can also store strings as bytes. */
const text = (value: SqliteValue | undefined): string =>
  typeof value === 'string'
    ? value
    : value instanceof Uint8Array
      ? Buffer.from(value).toString('utf8')
      : value == null
        ? ''
        : String(value);

function parsed(value: SqliteValue | undefined): unknown {
  try {
    return parsePythonJson(text(value));
  } catch {
    return null;
  }
}

function json(value: SqliteValue | undefined): Record<string, unknown> | null {
  const read = parsed(value);
  return isRecord(read) ? read : null;
}

/** Reads one run in a database of trackio: `PROJECT.db/NAME`. */
export async function readTrackio({ dir, files, problems }: RunFolder): Promise<Logged | null> {
  const path = databaseOf(dir);
  if (path === null) return null;
  const project = await readProject(path).catch((error: Error) => {
    throw new Error(`Cannot read ${basename(path)}: ${error.message}.`, { cause: error });
  });
  const log = project.logs.find((run) => dirOf(path, project, run) === dir);
  if (!log) return null;
  problems.push(...project.problems);
  const { curves, tables } = stepsOf(log, basename(path));
  const batches = tables.map((table, i) => batchOf(path, table, tables.slice(0, i)));
  batches.push(...conversations(path, log, batches.length > 0));
  return {
    ...NOTHING,
    kind: 'trackio',
    ...joinCurves(curves),
    batches,
    roles: { metrics: files.filter(({ path }) => path.startsWith(basename(dirname(dir)))) },
    settings: grpoSettings(log.config, `${basename(path)}: configs`),
    missing: [
      batches.length === 0
        ? { field: 'trace', why: 'The database contains no table of completions.' }
        : { field: 'trace.boxes', why: 'trackio stores images, but no boxes or scene graphs.' },
      { field: 'trace.kept', why: 'trackio does not mark completions without a gradient.' },
    ],
    notes: [
      log.rows.some(({ values }) => 'train/global_step' in values) &&
        'Step numbers are from train/global_step.',
    ],
  };
}

const PROFILING = /^profiling\//;

/** Completions that a trainer logged together. */
interface Table {
  step: number;
  phase: Phase;
  /** Index of the row with these completions, among the rows of the run. */
  place: number;
  rows: LoggedRow[];
}

/**
 * Returns metrics and completions by step. The step is `train/global_step` if rows contain this value, because
 * trackio's own step counts calls. Clock times precede the row of their step, and are summed. A resumed run replaces
 * all steps from its first step.
 */
function stepsOf({ rows }: Log, path: string): { curves: Curves; tables: Table[] } {
  const curves = new Curves();
  const { metrics } = curves;
  const told = curves.told({ path });
  let tables: Table[] = [];
  const isTracked = rows.some(({ values }) => Number.isSafeInteger(values['train/global_step']));
  let clocks: Figures = {};
  const following = new PhaseOfTables();
  let last = -1;
  for (const [place, { step: call, values }] of rows.entries()) {
    const tracked = values['train/global_step'];
    const figures: Figures = {};
    for (const [name, value] of Object.entries(values)) {
      const figure = name === 'train/global_step' ? undefined : figureOf(value);
      if (figure === undefined) continue;
      const metric = metricName(name);
      told(metric, name);
      if (PROFILING.test(name)) clocks[metric] = (clocks[metric] ?? 0) + (figure ?? 0);
      else figures[metric] = figure;
    }
    for (const [step, rows] of groupBy(tableIn(values), ({ columns }) => String(columns.step)))
      if (isNatural(Number(step))) tables.push({ step: Number(step), phase: following.phase, place, rows });
    const step = isTracked ? tracked : call;
    if (!isNatural(step)) continue;
    if (Object.keys(figures).length === 0) continue;
    if (step < last) {
      for (const logged of [...metrics.keys()]) if (logged >= step) metrics.delete(logged);
      tables = tables.filter((table) => table.step < step);
    }
    last = step;
    following.follow(step, figures);
    curves.merge(step, { ...figures, ...clocks });
    clocks = {};
  }
  return { curves, tables: tables.sort((a, b) => a.step - b.step) };
}

/** Reads the completions in a row's table, with the images next to the database. */
function tableIn({ completions }: Record<string, unknown>): LoggedRow[] {
  if (!isRecord(completions) || completions._type !== 'trackio.table' || !Array.isArray(completions._value))
    return [];
  return completions._value.filter(isRecord).map((columns) => ({
    ...rowOfColumns(columns),
    images: [columns.image].flat().flatMap((image) => {
      const path = isRecord(image) && image._type === 'trackio.image' ? image.file_path : null;
      return typeof path === 'string' && !/(?:^|[\\/])\.\.(?:[\\/]|$)/.test(path) ? [`media/${path}`] : [];
    }),
  }));
}

/**
 * Returns the conversations of a run by step: conversations of evaluations, and of training if no table has
 * completions. Their step is the last logged step before them, because trackio's own step counts calls.
 */
function conversations(path: string, { rows, traces }: Log, hasTables: boolean): Batch[] {
  const tracked = rows.flatMap(({ step: call, values }) => {
    const step = values['train/global_step'];
    return Number.isSafeInteger(step) ? [{ call, step: step as number }] : [];
  });
  const byStep = new Map<string, { step: number; phase: Batch['phase']; rows: LoggedRow[] }>();
  for (const { step: call, key, messages, metadata } of traces) {
    const isEvaluation = /val|eval/i.test(key);
    if (hasTables && !isEvaluation) continue;
    const step = tracked.length > 0 ? (tracked.findLast((row) => row.call <= call)?.step ?? 0) : call;
    const name = `${basename(path)}: ${key} of step ${step}`;
    const batch = byStep.get(name) ?? { step, phase: isEvaluation ? 'evaluation' : null, rows: [] };
    const row = readConversation(messages, metadata, batch.rows.length);
    if (!row || step < 0) continue;
    batch.rows.push(row);
    byStep.set(name, batch);
  }
  return [...byStep].map(([name, { step, phase, rows }]) =>
    batchIn({ path: name, full: path, version: `${rows.length}` }, step, phase, rows),
  );
}

function batchOf(path: string, { step, phase, place, rows }: Table, before: readonly Table[]): Batch {
  const earlier = before.filter((table) => table.step === step).length;
  const name = `${basename(path)}: completions of step ${step}${earlier > 0 ? `, table ${earlier + 1}` : ''}`;
  return batchIn({ path: name, full: path, version: `${place} ${rows.length}` }, step, phase, rows);
}
