import { isNatural, isRecord } from '../../../base/json.ts';
import { rowOfColumns, type LoggedRow } from '../values/logged-row.ts';
import { eachJsonLine, type JsonLine, type LinePlace } from '../containers/python-json.ts';
import { jsonOf, type FolderFile } from '../foreign-files.ts';
import type { RunFolder } from '../foreign-folder.ts';
import {
  batchIn,
  Curves,
  joinCurves,
  NOTHING,
  type Batch,
  type Logged,
  grpoSettings,
} from '../foreign-reader.ts';
import { trainerCurves } from './trl.ts';

/** Fields that contain the step of a log line: "2/20", or before 2.0 a number. */
const STEPS = ['global_step/max_steps', 'global_step'] as const;

/** Reads a version folder of ms-swift: `args.json`, `logging.jsonl`, `completions.jsonl`, or only the log. */
export async function readMsSwift(folder: RunFolder): Promise<Logged | null> {
  const argsFile = folder.named('args.json');
  const logFile = folder.named('logging.jsonl');
  const completionsFile = folder.named('completions.jsonl');
  if (!logFile) return null;
  const parsed = await folder.tried(jsonOf, argsFile);
  const args = isRecord(parsed) ? parsed : {};
  const lines = await folder.lines(logFile);
  const isItsOwn = args.swift_version !== undefined || args.rlhf_type !== undefined;
  if (!isItsOwn && !lines.some(({ value }) => STEPS.some((name) => name in value))) return null;
  const curves = await trainerCurves(folder);
  const log = logCurves(logFile, lines);
  return {
    ...NOTHING,
    // Curves take precedence, because values in the log are rounded.
    ...joinCurves(log, curves),
    kind: 'ms-swift',
    version: typeof args.swift_version === 'string' ? args.swift_version : null,
    roles: { config: [argsFile], metrics: [logFile, curves.state], completions: [completionsFile] },
    isSpreadOfGroups: true,
    batches: completionsFile ? await folder.of(loggedBatches, completionsFile) : [],
    settings: grpoSettings(args, 'args.json'),
    missing: [
      !argsFile && { field: 'config', why: 'The settings file args.json is not next to the log.' },
      completionsFile
        ? { field: 'trace.images', why: 'ms-swift does not store images.' }
        : { field: 'trace', why: 'ms-swift stores completions only with log_completions.' },
      { field: 'trace.kept', why: 'ms-swift does not mark completions without a gradient.' },
    ],
  };
}

/** Reads metrics by step from the log. Omits the summaries at the end of the log. */
function logCurves(file: FolderFile, lines: readonly JsonLine[]): Curves {
  const curves = new Curves();
  for (const { value } of lines) {
    const told =
      STEPS.map((name) => value[name]).find((given) => given !== undefined) ?? value.iteration ?? '';
    const step = Number(String(told).split('/')[0] || NaN);
    if (!Number.isSafeInteger(step) || value.train_runtime !== undefined || value.log_history !== undefined)
      continue;
    curves.add(step, value, file);
  }
  return curves;
}

/** Finds the lines of completions. The texts are read on demand. */
async function loggedBatches(file: FolderFile, problems: string[]): Promise<Batch[]> {
  const steps: Found[] = [];
  for await (const { value, line, place } of eachJsonLine(file, problems)) {
    const step = Number([(value.step ?? value.gen_step) as unknown].flat()[0]);
    if (!isNatural(step)) problems.push(`Cannot read ${file.path}:${line}: the line has no step.`);
    else {
      const isRow = typeof value.completion === 'string';
      const last = steps.at(-1);
      if (isRow && last?.isRow && last.step === step) last.places.push(place);
      else steps.push({ step, isRow, line, places: [place] });
    }
  }
  return steps.map((each) => batchOf(file, each));
}

/** Completions of a step: a line with columns, or, from the trainer on Ray, consecutive lines with one row per line. */
interface Found {
  step: number;
  isRow: boolean;
  /** Line number of the first line of the step. */
  line: number;
  places: LinePlace[];
}

function batchOf(file: FolderFile, { step, line, places }: Found): Batch {
  const { path, version } = file;
  const rows = async () => (await Promise.all(places.map((place) => place.again()))).flatMap(rowsOf);
  return {
    ...batchIn(file, step, null, rows),
    name: `${path}:${line}`,
    // Files only grow by whole lines, so offset and size identify the content.
    version: `${version.split(' ')[2]} ${places[0]!.at} ${places.reduce((sum, { bytes }) => sum + bytes, 0)}`,
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
