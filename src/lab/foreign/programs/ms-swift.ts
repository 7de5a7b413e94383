import { isNatural, isRecord } from '../../../core/json.ts';
import { rowOfColumns, type LoggedRow } from '../../../core/foreign/logged-row.ts';
import { figuresIn, type Figures, type Told } from '../../../core/foreign/metric-names.ts';
import {
  batchIn,
  fileNamed,
  joinCurves,
  jsonOf,
  mergeFigures,
  NOTHING,
  Remembered,
  toldIn,
  type Batch,
  type FolderFile,
  type ForeignReader,
  type Logged,
} from '../reader.ts';
import { eachJsonLine, JsonLines, lineAt } from './json-lines.ts';
import { grpoSettings } from './settings.ts';
import { TrainerCurves } from './trainer-state.ts';

/** Reads a version folder of ms-swift: `args.json`, `logging.jsonl`, `completions.jsonl`. */
export class MsSwift implements ForeignReader {
  private readonly args = new Remembered(jsonOf);
  private readonly curves = new TrainerCurves();
  private readonly log = new JsonLines();
  private readonly completions = new Remembered(loggedBatches);

  async look(files: readonly FolderFile[], unread: string[]): Promise<Logged | null> {
    const argsFile = fileNamed(files, 'args.json');
    const logFile = fileNamed(files, 'logging.jsonl');
    const completionsFile = fileNamed(files, 'completions.jsonl');
    const args = await this.args.tried(argsFile, unread);
    if (!isRecord(args) || !logFile || (args.swift_version === undefined && args.rlhf_type === undefined))
      return null;
    const problems: string[] = [];
    const curves = await this.curves.look(files, problems);
    const lines = await this.log.of(logFile, problems);
    const names = new Map<string, string>();
    const metrics = logged(lines, toldIn(names, logFile));
    const batches: Batch[] = [];
    if (completionsFile) {
      const completions = await this.completions.of(completionsFile);
      problems.push(...completions.problems);
      batches.push(...completions.batches);
    }
    return {
      ...NOTHING,
      // The log has rounded figures.
      ...joinCurves({ metrics, names }, curves),
      kind: 'ms-swift',
      version: typeof args.swift_version === 'string' ? args.swift_version : null,
      roles: { config: [argsFile], metrics: [logFile, curves.state], completions: [completionsFile] },
      isSpreadOfGroups: true,
      batches,
      settings: grpoSettings(args, 'args.json'),
      missing: [
        completionsFile
          ? { field: 'trace.images', why: 'ms-swift keeps no pictures.' }
          : { field: 'trace', why: 'ms-swift writes completions only with log_completions.' },
        { field: 'trace.kept', why: 'ms-swift does not say which completions had no pull.' },
      ],
      problems,
    };
  }
}

/** Figures of the log by step, without the summaries at its end. */
function logged(lines: readonly { value: Record<string, unknown> }[], told: Told): Map<number, Figures> {
  const metrics = new Map<number, Figures>();
  for (const { value } of lines) {
    const step = Number(String(value['global_step/max_steps'] ?? value.iteration ?? '').split('/')[0] || NaN);
    if (!Number.isSafeInteger(step) || value.train_runtime !== undefined || value.log_history !== undefined)
      continue;
    mergeFigures(metrics, step, figuresIn(value, told));
  }
  return metrics;
}

/** The places of the lines of completions: their texts are read when they are asked for. */
async function loggedBatches(file: FolderFile): Promise<{ batches: Batch[]; problems: string[] }> {
  const [steps, problems]: [Found[], string[]] = [[], []];
  for await (const { value, line, at, bytes } of eachJsonLine(file, problems)) {
    const step = Number([(value.step ?? value.gen_step) as unknown].flat()[0]);
    if (!isNatural(step)) problems.push(`${file.path}:${line} cannot be read: it names no step.`);
    else {
      const isRow = typeof value.completion === 'string';
      const last = steps.at(-1);
      if (isRow && last?.isRow && last.step === step) last.lines.push({ at, bytes });
      else steps.push({ step, isRow, line, lines: [{ at, bytes }] });
    }
  }
  return { batches: steps.map((each) => batchOf(file, each)), problems };
}

/** Completions of a step: a line in columns, or, of the trainer on Ray, lines of one row that follow each other. */
interface Found {
  step: number;
  isRow: boolean;
  /** The number of the first line. */
  line: number;
  lines: { at: number; bytes: number }[];
}

function batchOf(file: FolderFile, { step, line, lines }: Found): Batch {
  const { full, path, version } = file;
  const rows = async () => {
    const values = await Promise.all(lines.map(({ at, bytes }) => lineAt(full, at, bytes)));
    return values.flatMap((value) => (isRecord(value) ? rowsOf(value) : []));
  };
  return {
    ...batchIn(file, step, null, rows),
    name: `${path}:${line}`,
    // Lines are appended and never change.
    version: `${version.split(' ')[2]} ${lines[0]!.at} ${lines.reduce((sum, { bytes }) => sum + bytes, 0)}`,
  };
}

function rowsOf(columns: Record<string, unknown>): LoggedRow[] {
  if (!Array.isArray(columns.completion)) return [rowOfColumns(columns)];
  const lists = Object.entries(columns).filter((each): each is [string, unknown[]] => Array.isArray(each[1]));
  return columns.completion.map((_, i) =>
    rowOfColumns(
      Object.fromEntries(
        lists.map(([name, values]) => [name === 'advantages' ? 'advantage' : name, values[i]]),
      ),
    ),
  );
}
