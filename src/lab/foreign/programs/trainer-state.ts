import { isNatural, isRecord } from '../../../core/json.ts';
import { figuresIn, type Figures } from '../../../core/foreign/metric-names.ts';
import { joinCurves, jsonOf, mergeFigures, Remembered, toldIn, type FolderFile } from '../reader.ts';
import { EventFiles } from './event-files.ts';

const STATE = /(?:^|\/)trainer_state\.json$/;

/** Reads curves from `trainer_state.json` of the newest checkpoint, which has all earlier rows. */
class TrainerState {
  private readonly states = new Remembered(async (file) => {
    const state = await jsonOf(file);
    if (!isRecord(state) || !Array.isArray(state.log_history)) throw new Error('it has no log_history');
    return { log: state.log_history as unknown[], step: Number(state.global_step) || 0 };
  });

  async look(files: readonly FolderFile[], problems: string[]) {
    const metrics = new Map<number, Figures>();
    const states: { file: FolderFile; log: unknown[]; step: number }[] = [];
    for (const file of files.filter(({ path }) => STATE.test(path))) {
      try {
        states.push({ file, ...(await this.states.of(file)) });
      } catch (error) {
        problems.push(`${file.path} cannot be read: ${(error as Error).message}`);
      }
    }
    const newest = states.sort((a, b) => a.step - b.step || a.file.modified - b.file.modified).at(-1);
    const names = new Map<string, string>();
    for (const row of newest?.log ?? [])
      if (isRecord(row) && isNatural(row.step))
        mergeFigures(metrics, row.step, figuresIn(row, toldIn(names, newest!.file)));
    return { metrics, names, file: newest?.file };
  }
}

/** Reads the curves that a Hugging Face trainer writes, also below other programs. */
export class TrainerCurves {
  private readonly state = new TrainerState();
  private readonly events = new EventFiles();

  async look(files: readonly FolderFile[], problems: string[]) {
    const state = await this.state.look(files, problems);
    const { settings, files: events, ...curves } = await this.events.look(files, problems);
    // The trainer's own file has numbers in full precision; events also cover the steps after the last checkpoint.
    return { ...joinCurves(curves, state), state: state.file, events, settings };
  }
}
