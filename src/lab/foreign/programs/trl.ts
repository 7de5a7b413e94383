import { parquetReadObjects } from 'hyparquet';
import { rowOfColumns, type LoggedRow } from '../../../core/foreign/logged-row.ts';
import { openParquet } from '../../datasets/parquet/file.ts';
import { checkPages } from '../../datasets/parquet/pages.ts';
import {
  batchIn,
  fileNamed,
  NOTHING,
  Remembered,
  textOf,
  type FolderFile,
  type ForeignReader,
  type Logged,
} from '../reader.ts';
import { TrainerCurves } from './trainer-state.ts';

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

  private readonly curves = new TrainerCurves();
  private readonly readme = new Remembered(textOf);

  async look(files: readonly FolderFile[], unread: string[]): Promise<Logged | null> {
    const problems: string[] = [];
    const completions = files.filter(({ path }) => COMPLETIONS.test(path));
    if (completions.length === 0 && this.by === 'completions') return null;
    const { state, events, ...curves } = await this.curves.look(files, problems);
    if (completions.length === 0 && !state) return null;
    const card = await this.readme.tried(fileNamed(files, 'README.md'), unread);
    const version = /^- TRL: ([\w.+-]+)$/m.exec(card ?? '')?.[1] ?? null;
    return {
      ...NOTHING,
      ...curves,
      kind: completions.length > 0 || version !== null ? 'trl' : 'hf-trainer',
      version,
      roles: { completions, metrics: [state, ...events] },
      batches: completions.map((file) =>
        batchIn(file, Number(COMPLETIONS.exec(file.path)![1]), null, () => parquetRows(file)),
      ),
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
      problems,
    };
  }
}

/** Reads the rows of a file. @throws with a message for people; a file without its end is still being written */
async function parquetRows({ full, path }: FolderFile): Promise<LoggedRow[]> {
  try {
    const file = await openParquet(full);
    try {
      await checkPages(file);
      const rows = await parquetReadObjects({ file, metadata: file.metadata, compressors: file.compressors });
      return rows.map(rowOfColumns);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new Error(`${path} cannot be read, or is still being written: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
