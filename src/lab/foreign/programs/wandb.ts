import { dirname, join } from 'node:path';
import { isRecord } from '../../../core/json.ts';
import { rowOfColumns } from '../../../core/run-data/foreign/logged-row.ts';
import type { Figures } from '../../../core/run-data/foreign/metric-names.ts';
import { readBytes } from '../../files/regular.ts';
import { parsePythonJson } from '../containers/python-json.ts';
import { wandbRecords } from '../containers/wandb-log.ts';
import {
  byNumber,
  fileBelow,
  mergeFigures,
  Remembered,
  textOf,
  type Batch,
  type FolderFile,
  type ForeignReader,
  type Logged,
  type Settings,
} from '../reader.ts';
import { grpoSettings } from './settings.ts';
import { figuresOf } from './trainer-state.ts';
import { explainError } from '../../files/disk-error.ts';

export const WANDB_LOG = /(?:^|\/)run-[^/]+\.wandb$/;
/** Longer logs are left out. */
const MAX_BYTES = 256 * 2 ** 20;
/** The names under which a row states its step; the first that a log has is used. */
const STEPS = ['train/global_step', 'trainer/global_step', 'training/global_step', '_step'];

/** The rows of a log, the config in it, and what could not be read. */
interface WandbLog {
  rows: Record<string, unknown>[];
  config: Record<string, unknown>;
  problem: string | null;
}

/** Reads a folder of wandb, or one that holds the folders of one run. */
export class Wandb implements ForeignReader {
  private readonly logs = new Remembered(readLog);

  async look(files: readonly FolderFile[]): Promise<Logged | null> {
    const found = files.filter(({ path }) => WANDB_LOG.test(path)).sort((a, b) => byNumber(a.path, b.path));
    if (found.length === 0) return null;
    const metrics = new Map<number, Figures>();
    const tables = new Map<string, { step: number; file: FolderFile }>();
    const problems: string[] = [];
    const used = new Set<string>();
    let settings: Settings | null = null;
    for (const log of found) {
      const read = await this.logs.of(log).catch((error: Error) => void problems.push(error.message));
      if (!read) continue;
      if (read.problem !== null) problems.push(read.problem);
      settings = grpoSettings(read.config, `${log.path}: config`) ?? settings;
      const tracked = STEPS.find((name) => read.rows.some((row) => Number.isSafeInteger(row[name])));
      if (tracked === undefined) continue;
      used.add(tracked);
      for (const row of read.rows) {
        const step = row[tracked];
        if (!Number.isSafeInteger(step) || (step as number) < 0) continue;
        const figures = figuresOf(Object.fromEntries(Object.entries(row).filter(([name]) => !isClock(name))));
        // A row with nothing but clock times is not a step of the curves.
        if (Object.keys(figures).length > 0) mergeFigures(metrics, step as number, figures);
        const table = tableIn(row);
        const file =
          table === null
            ? null
            : await fileBelow(join(dirname(log.full), 'files'), table).catch(
                (error: Error) => void problems.push(explainError(error)),
              );
        if (file) tables.set(file.path, { step: step as number, file });
      }
    }
    return {
      ...{ kind: 'wandb', version: null, metrics, settings, problems },
      roles: [...found.map(({ path }) => ({ path, role: 'metrics' as const }))],
      batches: [...tables.values()].map(batchOf).sort((a, b) => a.step - b.step),
      missing: [
        tables.size === 0
          ? { field: 'trace', why: 'The folder holds no table of completions.' }
          : { field: 'trace.images', why: 'Tables of wandb keep no pictures: their cells say "Image".' },
        { field: 'trace.kept', why: 'wandb does not say which completions had no pull.' },
      ],
      notes: [...used].map((name) => `Steps are those of ${name}.`),
    };
  }
}

const isClock = (name: string): boolean => /^_|^(?:train|trainer|training)\/global_step$/.test(name);

/** The path of a table of completions, relative to `files`; null if there is none or it leads out of the folder. */
function tableIn(row: Record<string, unknown>): string | null {
  const { completions } = row;
  const [type, path] = isRecord(completions)
    ? [completions._type, completions.path]
    : [row['completions._type'], row['completions.path']];
  return type === 'table-file' && typeof path === 'string' && !/(?:^|\/)\.\.(?:\/|$)|^\/|\\/.test(path)
    ? path
    : null;
}

async function readLog({ full, path, bytes }: FolderFile): Promise<WandbLog> {
  if (bytes > MAX_BYTES) throw new Error(`${path} is larger than 256 MiB and is left out.`);
  const log: WandbLog = { rows: [], config: {}, problem: null };
  const stop = (at: number, why: string) => {
    log.problem = `${path}, byte ${at}: ${why}. What stands behind it is left out.`;
  };
  for (const record of wandbRecords(await readBytes(full), stop)) {
    if (record.kind === 'history') log.rows.push(record.row);
    else if (record.kind !== 'exit') Object.assign(log.config, record.config);
  }
  return log;
}

const batchOf = ({ step, file }: { step: number; file: FolderFile }): Batch => ({
  ...{ step, path: file.full, name: file.path, version: file.version },
  rows: async () => {
    const table = parsePythonJson(await textOf(file));
    if (!isRecord(table) || !Array.isArray(table.columns) || !Array.isArray(table.data))
      throw new Error(`${file.path} cannot be read: it is no table.`);
    const names = table.columns.map(String);
    return (table.data as unknown[]).flatMap((row) =>
      Array.isArray(row)
        ? [rowOfColumns(Object.fromEntries(names.map((name, i) => [name, row[i] as unknown])))]
        : [],
    );
  },
});
