import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isNatural, isRecord } from '../../../base/json.ts';
import { readGrowingTable } from '../values/generations.ts';
import { rowOfColumns } from '../values/logged-row.ts';
import { PhaseOfTables } from '../values/evaluated-rows.ts';
import { figuresIn, type Figures } from '../values/metric-names.ts';
import { wandbRecords } from '../containers/wandb-log.ts';
import { bytesOf, fileBelow, jsonOf, type FolderFile } from '../foreign-files.ts';
import type { RunFolder } from '../foreign-folder.ts';
import {
  batchIn,
  Curves,
  joinCurves,
  NOTHING,
  type Batch,
  type Logged,
  type Settings,
  grpoSettings,
} from '../foreign-reader.ts';
import { explainError, noEntries } from '../../files/disk-error.ts';
import { byNumber } from '../../files/folders.ts';

export const WANDB_LOG = /(?:^|\/)run-([^/]+)\.wandb$/;
/** Name of a wandb folder: creation time and id of the run. A resumed run gets another folder. */
export const WANDB_FOLDER = /^(?:offline-)?run-(\d{8}_\d{6})-(.+)$/;
/** Possible names of a row's step. The first name that occurs in a log is used. */
const STEPS = ['train/global_step', 'trainer/global_step', 'training/global_step', '_step'];

interface WandbLog {
  rows: Record<string, unknown>[];
  config: Record<string, unknown>;
  /** Exit code of the run. Null if the run has not ended, or was killed. */
  exit: number | null;
}

const timeOf = ({ full }: FolderFile): string => WANDB_FOLDER.exec(basename(dirname(full)))?.[1] ?? '';

/** Reads a wandb folder, or all wandb folders of one run. */
export async function readWandb(folder: RunFolder): Promise<Logged | null> {
  const logs = folder.matching(WANDB_LOG).sort((a, b) => byNumber(timeOf(a) + a.path, timeOf(b) + b.path));
  if (logs.length === 0) return null;
  const curves = new Curves();
  const { metrics } = curves;
  let tables: Batch[] = [];
  // Growing tables by name. The newest version of a table contains all earlier rows.
  const growing = new Map<string, FolderFile>();
  const { problems } = folder;
  const used = new Set<string>();
  let settings: Settings | null = null;
  let exit: number | null = null;
  for (const log of logs) {
    const read = await folder.of(readLog, log).catch((error: Error) => void problems.push(error.message));
    if (!read) continue;
    settings = grpoSettings(read.config, `${log.path}: config`) ?? settings;
    exit = read.exit;
    const tracked = STEPS.find((name) => read.rows.some((row) => Number.isSafeInteger(row[name])));
    if (tracked === undefined) continue;
    used.add(tracked);
    const paths = new Set<string>();
    let first = true;
    let clocks: Figures = {};
    const following = new PhaseOfTables();
    for (const row of read.rows) {
      const step = row[tracked];
      if (!isNatural(step)) continue;
      const figures = figuresIn(
        Object.fromEntries(Object.entries(row).filter(([name]) => !isClock(name) && !isMediaPart(name, row))),
        curves.told(log),
      );
      // Rows with only clock times precede the row of their step. Their times are summed, and do not start a run.
      if (Object.keys(figures).every((name) => name.startsWith('timing_s/'))) {
        for (const [name, time] of Object.entries(figures)) clocks[name] = (clocks[name] ?? 0) + (time ?? 0);
      } else {
        // A resumed run replaces all values logged from its first step.
        if (first) {
          for (const earlier of [...metrics.keys()]) if (earlier >= step) metrics.delete(earlier);
          tables = tables.filter((table) => table.step < step);
        }
        first = false;
        curves.merge(step, { ...figures, ...clocks });
        clocks = {};
        following.follow(step, figures);
      }
      for (const [key, path] of tablesIn(row)) {
        const file = await fileBelow(join(dirname(log.full), 'files'), path).catch(
          (error: Error) => void problems.push(explainError(error)),
        );
        if (file && key === 'completions' && !paths.has(path))
          tables.push(tableBatch(file, { step, phase: following.phase }));
        else if (file) growing.set(key, file);
        paths.add(path);
      }
    }
    for (const file of await unnamed(log, paths)) {
      const label = await folder.of(labelOf, file).catch(() => null); // The table is still being written.
      if (!label) continue;
      const place = placeOf(label, file, read.rows, tracked);
      // Training has one table per step, so a second table comes from an evaluation.
      const isSecond = !label.isOld && tables.some(({ step }) => step === place.step);
      tables.push(tableBatch(file, isSecond ? { ...place, phase: 'evaluation' } : place));
    }
  }
  const batches = [...tables];
  for (const [key, file] of growing)
    batches.push(
      ...(await grown(folder, key, file).catch((error: Error) => (problems.push(error.message), []))),
    );
  return {
    ...NOTHING,
    kind: 'wandb',
    ...joinCurves(curves),
    settings,
    ...(exit !== null && { ended: exit === 0 ? 'finished' : 'failed' }),
    roles: { metrics: logs },
    batches: batches.sort((a, b) => a.step - b.step),
    missing: [
      batches.length === 0
        ? { field: 'trace', why: 'The folder contains no table of completions.' }
        : { field: 'trace.images', why: 'wandb tables contain no images, only the text "Image".' },
      { field: 'trace.kept', why: 'wandb does not mark completions without a gradient.' },
    ],
    notes: [...used].map((name) => `Step numbers are from ${name}.`),
  };
}

/** Returns tables of completions that no row with a step refers to, or that a killed run did not log. */
async function unnamed(log: FolderFile, known: ReadonlySet<string>): Promise<FolderFile[]> {
  const files = join(dirname(log.full), 'files');
  const names = await readdir(join(files, TABLES)).catch(noEntries);
  const paths = names.filter((name) => COMPLETIONS.test(name)).map((name) => `${TABLES}/${name}`);
  const tables = await Promise.all(
    paths.filter((path) => !known.has(path)).map((path) => fileBelow(files, path)),
  );
  return tables.flatMap((file) => file ?? []).sort((a, b) => byNumber(a.path, b.path));
}

/** Reads the completions of a table to which each step adds rows. */
async function grown(folder: RunFolder, key: string, file: FolderFile): Promise<Batch[]> {
  const { columns, data } = await folder.of(readTable, file);
  const table = readGrowingTable(key, columns, data);
  return [...(table?.steps ?? [])].map(([step, rows]) => ({
    ...batchIn(file, step, table!.phase, rows),
    name: `${key} of step ${step}`,
  }));
}

const TABLES = 'media/table';
/** Matches the file name of a table of completions, which contains wandb's number of log calls. */
const COMPLETIONS = /^completions_(\d+)_\w+\.table\.json$/;

const isClock = (name: string): boolean => /^_|^(?:train|trainer|training)\/global_step$/.test(name);

/** Whether a name belongs to an image or a table, such as `pairs/1.width` next to `pairs/1._type`. */
const isMediaPart = (name: string, row: Record<string, unknown>): boolean =>
  name.includes('.') && `${name.slice(0, name.lastIndexOf('.'))}._type` in row;

/** Returns the tables in a row by name, with paths relative to `files`. Omits paths that lead out of the folder. */
function tablesIn(row: Record<string, unknown>): [key: string, path: string][] {
  const tables = Object.entries(row).map(([name, value]): [string, unknown] =>
    isRecord(value) && value._type === 'table-file'
      ? [name, value.path]
      : value === 'table-file' && name.endsWith('._type')
        ? [name.slice(0, -'._type'.length), row[name.replace(/_type$/, 'path')]]
        : [name, null],
  );
  return tables.filter(
    (table): table is [string, string] =>
      typeof table[1] === 'string' && !/(?:^|\/)\.\.(?:\/|$)|^\/|\\/.test(table[1]),
  );
}

async function readLog(file: FolderFile, problems: string[]): Promise<WandbLog> {
  const log: WandbLog = { rows: [], config: {}, exit: null };
  const stop = (at: number, why: string) => {
    problems.push(`${file.path}, byte ${at}: ${why}. The rest of the file is ignored.`);
  };
  for (const record of wandbRecords(await bytesOf(file), stop)) {
    if (record.kind === 'history') log.rows.push(record.row);
    else if (record.kind === 'exit') log.exit = record.code;
    else Object.assign(log.config, record.config);
  }
  return log;
}

/** Reads the completions of a table. @throws an error with a message for users */
async function readTable(file: FolderFile): Promise<{ columns: string[]; data: unknown[][] }> {
  const table = await jsonOf(file).catch((error: Error) => {
    throw new Error(`Cannot read ${file.path}: ${error.message}`, { cause: error });
  });
  if (!isRecord(table) || !Array.isArray(table.columns) || !Array.isArray(table.data))
    throw new Error(`Cannot read ${file.path}: the file is not a table.`);
  return { columns: table.columns.map(String), data: (table.data as unknown[]).filter(Array.isArray) };
}

/** Step in the rows of a table of completions. */
interface Label {
  step: number;
  /** Whether TRL before 0.17 wrote the table. Such a table has no rewards by name. */
  isOld: boolean;
}

/** Returns the label of a table. Null if the table's rows contain no step. */
async function labelOf(file: FolderFile): Promise<Label | null> {
  const { columns, data } = await readTable(file);
  const step = Number(data[0]?.[columns.indexOf('step')] ?? NaN);
  return isNatural(step) ? { step, isOld: columns.join() === 'step,prompt,completion,reward' } : null;
}

/**
 * Returns the step of a table. Before 0.17, TRL logged completions during sampling, so that the logged step is one too
 * low. Completions of an evaluation have the evaluation's step, and the next row has the evaluation's metrics.
 */
function placeOf(
  { step, isOld }: Label,
  file: FolderFile,
  rows: readonly Record<string, unknown>[],
  tracked: string,
): Pick<Batch, 'step' | 'phase'> {
  if (!isOld) return { step, phase: null };
  const call = Number(COMPLETIONS.exec(basename(file.path))![1]);
  const next = rows.find((row) => Number(row._step) > call && isNatural(row[tracked]));
  const isEvaluation = next?.[tracked] === step && Object.keys(next).some((name) => name.startsWith('eval/'));
  return isEvaluation ? { step, phase: 'evaluation' } : { step: step + 1, phase: null };
}

const tableBatch = (file: FolderFile, { step, phase }: Pick<Batch, 'step' | 'phase'>): Batch => ({
  ...batchIn(file, step, phase, async () => {
    const { columns, data } = await readTable(file);
    return data.map((row) => rowOfColumns(Object.fromEntries(columns.map((name, i) => [name, row[i]]))));
  }),
  // Several folders of one run can contain tables with the same name.
  name: `${basename(dirname(file.full.slice(0, -file.path.length)))}/${file.path}`,
});
