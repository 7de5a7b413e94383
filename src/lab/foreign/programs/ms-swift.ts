import { isNatural, isRecord } from '../../../core/json.ts';
import { rowOfColumns, type LoggedRow } from '../../../core/foreign/logged-row.ts';
import type { Figures, Told } from '../../../core/foreign/metric-names.ts';
import { parsePythonJson } from '../containers/python-json.ts';
import {
  mergeFigures,
  orUnread,
  Remembered,
  textOf,
  toldIn,
  type Batch,
  type FolderFile,
  type ForeignReader,
  type Logged,
} from '../reader.ts';
import { EventFiles } from './event-files.ts';
import { eachJsonLine, jsonLines, lineAt } from './json-lines.ts';
import { grpoSettings } from './settings.ts';
import { figuresOf, TrainerState } from './trainer-state.ts';
import { joinFigures } from './trl.ts';

/** Reads a version folder of ms-swift: `args.json`, `logging.jsonl`, `completions.jsonl`. */
export class MsSwift implements ForeignReader {
  private readonly args = new Remembered(async (file) => parsePythonJson(await textOf(file)));
  private readonly state = new TrainerState();
  private readonly events = new EventFiles();
  private readonly log = new Remembered((file) => jsonLines(file));
  private readonly completions = new Remembered(loggedBatches);

  async look(files: readonly FolderFile[], unread: string[]): Promise<Logged | null> {
    const file = (name: string) => files.find(({ path }) => path === name);
    const [argsFile, logFile, completionsFile] = [
      file('args.json'),
      file('logging.jsonl'),
      file('completions.jsonl'),
    ];
    const args = argsFile && (await this.args.of(argsFile).catch(orUnread(argsFile, unread)));
    if (!isRecord(args) || !logFile || (args.swift_version === undefined && args.rlhf_type === undefined))
      return null;
    const problems: string[] = [];
    const state = await this.state.look(files, problems);
    const events = await this.events.look(files, problems);
    const log = await this.log.of(logFile);
    const names = new Map<string, string>();
    const figures = logged(log.lines, toldIn(names, logFile));
    const batches: Batch[] = [];
    if (completionsFile) {
      const completions = await this.completions.of(completionsFile);
      problems.push(...completions.problems);
      batches.push(...completions.batches);
    }
    return {
      kind: 'ms-swift',
      version: typeof args.swift_version === 'string' ? args.swift_version : null,
      roles: {
        config: [{ path: 'args.json' }],
        metrics: [{ path: 'logging.jsonl' }, state.file],
        completions: [completionsFile],
      },
      // In rising precision: rounded in the log, float32 in events, full in the trainer's state.
      metrics: joinFigures([figures, events.metrics, state.metrics]),
      names: new Map([...names, ...events.names, ...state.names]),
      isSpreadOfGroups: true,
      batches,
      settings: grpoSettings(args, 'args.json'),
      missing: [
        completionsFile
          ? { field: 'trace.images', why: 'ms-swift keeps no pictures.' }
          : { field: 'trace', why: 'ms-swift writes completions only with log_completions.' },
        { field: 'trace.kept', why: 'ms-swift does not say which completions had no pull.' },
      ],
      notes: [],
      problems: [...problems, ...log.problems],
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
    mergeFigures(metrics, step, figuresOf(value, told));
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

function batchOf({ full, path, version }: FolderFile, { step, line, lines }: Found): Batch {
  return {
    step,
    path: full,
    name: `${path}:${line}`,
    // Lines are appended and never change.
    version: `${version.split(' ')[2]} ${lines[0]!.at} ${lines.reduce((sum, { bytes }) => sum + bytes, 0)}`,
    rows: async () => {
      const values = await Promise.all(lines.map(({ at, bytes }) => lineAt(full, at, bytes)));
      return values.flatMap((value) => (isRecord(value) ? rowsOf(value) : []));
    },
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
