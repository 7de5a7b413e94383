import { isNatural, isRecord } from '../../../core/json.ts';
import { figureOf, metricName, type Figures, type Told } from '../../../core/foreign/metric-names.ts';
import { parsePythonJson } from '../containers/python-json.ts';
import { mergeFigures, Remembered, textOf, toldIn, type FolderFile } from '../reader.ts';

const STATE = /(?:^|\/)trainer_state\.json$/;

/** Reads curves from `trainer_state.json` of the newest checkpoint, which has all earlier rows. */
export class TrainerState {
  private readonly states = new Remembered(async (file) => {
    const state = parsePythonJson(await textOf(file));
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
    if (newest) for (const row of newest.log) addRow(metrics, row, toldIn(names, newest.file));
    return { metrics, names, file: newest?.file ?? null };
  }
}

function addRow(metrics: Map<number, Figures>, row: unknown, told: Told): void {
  if (!isRecord(row) || !isNatural(row.step)) return;
  mergeFigures(metrics, row.step, figuresOf(row, told));
}

/** The figures of a row, under our names; texts are left out. */
export function figuresOf(row: Record<string, unknown>, told?: Told): Figures {
  const figures: Figures = {};
  for (const [name, value] of Object.entries(row)) {
    const figure = name === 'step' ? undefined : figureOf(value);
    if (figure === undefined) continue;
    const ours = metricName(name);
    figures[ours] = figure;
    told?.(ours, name);
  }
  return figures;
}
