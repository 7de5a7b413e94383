import { parquetReadObjects } from 'hyparquet';
import { rowOfColumns, type LoggedRow } from '../../../core/foreign/logged-row.ts';
import { openParquet } from '../../datasets/parquet/file.ts';
import { checkPages } from '../../datasets/parquet/pages.ts';
import {
  type Batch,
  type FolderFile,
  type ForeignReader,
  type Logged,
  orUnread,
  Remembered,
  textOf,
} from '../reader.ts';
import { EVENT_FILE, EventFiles } from './event-files.ts';
import { TrainerState } from './trainer-state.ts';

/** Versions up to 0.26, whose `reward_std` is the mean of the groups' spreads. */
const OLD = /^0\.(?:1?\d|2[0-6])\./;
const COMPLETIONS = /^completions\/completions_(\d+)\.parquet$/;

/** Reads a folder of TRL, or of any other Hugging Face trainer: completions, curves, settings. */
export class Trl implements ForeignReader {
  /**
   * @param by what tells that a folder is one: files of completions, or curves, which may lie beside other programs'
   * files
   */
  constructor(private readonly by: 'completions' | 'curves') {}

  private readonly state = new TrainerState();
  private readonly events = new EventFiles();
  private readonly readme = new Remembered(textOf);

  async look(files: readonly FolderFile[], unread: string[]): Promise<Logged | null> {
    const problems: string[] = [];
    const completions = files.filter(({ path }) => COMPLETIONS.test(path));
    if (completions.length === 0 && this.by === 'completions') return null;
    const state = await this.state.look(files, problems);
    if (completions.length === 0 && !state.file) return null;
    const events = await this.events.look(files, problems);
    const readme = files.find(({ path }) => path === 'README.md');
    const card = readme && (await this.readme.of(readme).catch(orUnread(readme, unread)));
    const version = /^- TRL: ([\w.+-]+)$/m.exec(card ?? '')?.[1] ?? null;
    return {
      kind: completions.length > 0 || version !== null ? 'trl' : 'hf-trainer',
      version,
      roles: { completions, metrics: [state.file, ...files.filter(({ path }) => EVENT_FILE.test(path))] },
      // The trainer's own file has numbers in full precision; events also cover the steps after the last checkpoint.
      metrics: joinFigures([events.metrics, state.metrics]),
      names: new Map([...events.names, ...state.names]),
      batches: completions.map(batchOf),
      settings: events.settings,
      isSpreadOfGroups: OLD.test(version ?? ''),
      missing: [
        completions.length === 0
          ? {
              field: 'trace',
              why: 'TRL writes completions only with log_completions=True, from version 0.28.',
            }
          : { field: 'trace.images', why: "TRL's parquet keeps no pictures." },
        { field: 'trace.kept', why: 'TRL trains on every completion and does not say which had no pull.' },
        { field: 'trace.logprobs', why: 'TRL does not write log-probabilities of completions.' },
      ],
      notes: [],
      problems,
    };
  }
}

function batchOf({ path, full, version }: FolderFile): Batch {
  const step = Number(COMPLETIONS.exec(path)![1]);
  return { step, path: full, name: path, version, rows: () => parquetRows(full, path) };
}

/** Reads the rows of a file. @throws with a message for people; a file without its end is still being written */
async function parquetRows(path: string, name: string): Promise<LoggedRow[]> {
  try {
    const file = await openParquet(path);
    try {
      await checkPages(file);
      const rows = await parquetReadObjects({ file, metadata: file.metadata, compressors: file.compressors });
      return rows.map(rowOfColumns);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new Error(`${name} cannot be read, or is still being written: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** Figures of several files, by step; later files win. */
export function joinFigures(all: readonly ReadonlyMap<number, Record<string, number | null>>[]) {
  const metrics = new Map<number, Record<string, number | null>>();
  for (const each of all)
    for (const [step, figures] of each) metrics.set(step, { ...metrics.get(step), ...figures });
  return metrics;
}
