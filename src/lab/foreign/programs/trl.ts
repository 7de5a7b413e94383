import { parquetReadObjects } from 'hyparquet';
import { rowOfColumns, type LoggedRow } from '../values/logged-row.ts';
import { openParquet } from '../../datasets/parquet/file.ts';
import { checkPages } from '../../datasets/parquet/column-pages.ts';
import { textOf, type FolderFile, jsonOf } from '../foreign-files.ts';
import type { RunFolder } from '../foreign-folder.ts';
import { batchIn, NOTHING, type Logged, type Reader, Curves, joinCurves } from '../foreign-reader.ts';
import { isNatural, isRecord } from '../../../base/json.ts';
import { eventCurves } from './event-files.ts';

/** TRL versions up to 0.26, whose `reward_std` is the mean of the groups' std. */
const OLD = /^0\.(?:1?\d|2[0-6])\./;
const COMPLETIONS = /^completions\/completions_(\d+)\.parquet$/;

export const readTrl: Reader = async (folder) =>
  folder.matching(COMPLETIONS).length > 0 ? readTrainer(folder) : null;

/** Reads a folder of TRL, or of any other Hugging Face trainer: completions, curves, settings. */
export async function readTrainer(folder: RunFolder): Promise<Logged | null> {
  const completions = folder.matching(COMPLETIONS);
  const { state, events, ...curves } = await trainerCurves(folder);
  if (completions.length === 0 && !state) return null;
  const card = await folder.tried(textOf, folder.named('README.md'));
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
            why: 'TRL stores completions only with log_completions=True. Before version 0.28, completions are in the wandb folder.',
          }
        : { field: 'trace.images', why: 'The parquet files of TRL contain no images.' },
      { field: 'trace.kept', why: 'TRL does not mark completions without a gradient.' },
      { field: 'trace.logprobs', why: 'TRL does not store log-probabilities of completions.' },
    ],
  };
}

/** Reads the rows of a file. @throws an error with a message for users, also while the file is being written */
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
    throw new Error(`Cannot read ${path}, which might still be in use: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

const STATE = /(?:^|\/)trainer_state\.json$/;

/** Reads the curves of a Hugging Face trainer, which other programs also use. */
export async function trainerCurves(folder: RunFolder) {
  const { file: state, curves: ofState } = await stateCurves(folder);
  const { settings, files: events, ...ofEvents } = await eventCurves(folder);
  // The trainer's own file has full precision, but event files also cover steps after the last checkpoint.
  return { ...joinCurves(ofEvents, ofState), state, events, settings };
}

/** Reads the curves in the newest checkpoint's `trainer_state.json`, which contains all earlier rows. */
async function stateCurves(folder: RunFolder) {
  const states: { file: FolderFile; log: unknown[]; step: number }[] = [];
  for (const file of folder.matching(STATE)) {
    const state = await folder.orProblem(readState, file);
    if (state) states.push({ file, ...state });
  }
  const newest = states.sort((a, b) => a.step - b.step || a.file.modified - b.file.modified).at(-1);
  const curves = new Curves();
  for (const row of newest?.log ?? [])
    if (isRecord(row) && isNatural(row.step)) curves.add(row.step, row, newest!.file);
  return { curves, file: newest?.file };
}

async function readState(file: FolderFile) {
  const state = await jsonOf(file);
  if (!isRecord(state) || !Array.isArray(state.log_history)) throw new Error('the file has no log_history');
  return { log: state.log_history as unknown[], step: Number(state.global_step) || 0 };
}
