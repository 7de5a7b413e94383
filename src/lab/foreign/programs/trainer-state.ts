import { isNatural, isRecord } from '../../../core/json.ts';
import { jsonOf, type FolderFile } from '../files.ts';
import type { RunFolder } from '../folder.ts';
import { Curves, joinCurves } from '../reader.ts';
import { eventCurves } from './event-files.ts';

const STATE = /(?:^|\/)trainer_state\.json$/;

/** The curves that a Hugging Face trainer writes, also below other programs. */
export async function trainerCurves(folder: RunFolder) {
  const { file: state, curves: ofState } = await stateCurves(folder);
  const { settings, files: events, ...ofEvents } = await eventCurves(folder);
  // The trainer's own file has numbers in full precision; events also cover the steps after the last checkpoint.
  return { ...joinCurves(ofEvents, ofState), state, events, settings };
}

/** The curves in `trainer_state.json` of the newest checkpoint, which has all earlier rows. */
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
  if (!isRecord(state) || !Array.isArray(state.log_history)) throw new Error('it has no log_history');
  return { log: state.log_history as unknown[], step: Number(state.global_step) || 0 };
}
