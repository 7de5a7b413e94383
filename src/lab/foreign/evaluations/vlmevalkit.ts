import { basename, dirname, extname } from 'node:path';
import { several } from '../../../base/format.ts';
import { isRecord } from '../../../base/json.ts';
import type { EvaluationResult } from '../../../core/evaluation/results.ts';
import type { SourceRow } from '../../../core/evaluation/source-evaluation.ts';
import { ORIGINAL } from '../../../rows/view-list.ts';
import { separatedRows } from '../../datasets/csv.ts';
import { workbookRows } from '../../datasets/xlsx.ts';
import { streamFile } from '../../files/regular.ts';
import { answered, pairIn, rightOf } from './content-parts.ts';
import { type FolderFile, jsonOf } from '../foreign-files.ts';
import type { RunFolder } from '../foreign-folder.ts';
import { type Logged, NOTHING } from '../foreign-reader.ts';
import { idText } from '../values/logged-row.ts';

/** Name of an evaluation's folder, with date and program version: `T20261121_Gabcdef12`. */
export const ATTEMPT = /^T\d{8}_G\w+$/;
export const PREDICTIONS = /^(?!.*_(?:result|auxmatch|acc|score)\.)[^/]+\.(?:xlsx|tsv|json)$/;
/** Files of scored answers: `_result` with `hit` of choices, and `_auxmatch` with `score` of yes/no. */
const RESULT = /^[^/]+_(?:result|auxmatch)\.(?:xlsx|tsv|json)$/;
const FIGURES = /^([^/]+)_(?:acc|score)\.csv$/;
/** VLMEvalKit's abbreviations of MMBench's question types. */
const SHORT: Readonly<Record<string, string>> = {
  CP: 'coarse_perception',
  'FP-S': 'finegrained_perception (instance-level)',
  'FP-C': 'finegrained_perception (cross-instance)',
  LR: 'logic_reasoning',
  RR: 'relation_reasoning',
  AR: 'attribute_reasoning',
};
/** Maximum length of a workbook cell, in characters. */
const CELL = 32_767;

const stemOf = ({ path }: Pick<FolderFile, 'path'>): string => path.slice(0, -extname(path).length);
/** Whether a file name begins with the name of a predictions file: `Qwen_Worlds_gpt4_result` for `Qwen_Worlds`. */
const belongsTo = (stem: string, predictions: string): boolean =>
  stem === predictions || stem.startsWith(`${predictions}_`);

/** Returns the files in a folder that belong to a file of predictions or results, by their names. */
export function filesWith(name: string, names: readonly string[]): string[] {
  const fileStem = stemOf({ path: name });
  const predicted = names.filter((each) => PREDICTIONS.test(each)).map((path) => stemOf({ path }));
  const stem =
    longest(predicted.filter((each) => RESULT.test(name) && belongsTo(fileStem, each))) ?? fileStem;
  return names.filter((each) => {
    const other = stemOf({ path: each });
    return PREDICTIONS.test(each)
      ? other === stem
      : /\.(?:xlsx|tsv|json|csv)$/.test(each) && belongsTo(other, stem);
  });
}

const longest = (names: readonly string[]): string | undefined =>
  names.toSorted((a, b) => b.length - a.length)[0];

/** Reads a folder of VLMEvalKit, which has predictions for each set, and scored results in the same folder. */
export async function readVlmEvalKit(folder: RunFolder): Promise<Logged | null> {
  const { files } = folder;
  const [first] = files;
  const dir = first && first.full.slice(0, -first.path.length - 1);
  if (!dir) return null;
  const isAttempt = ATTEMPT.test(basename(dir));
  const results = files.filter(({ path }) => RESULT.test(path));
  // Also accepts a file that was copied out of its folder.
  const isCopy =
    (files.length === 1 || results.length > 0) &&
    files.every(({ path }) => [PREDICTIONS, RESULT, FIGURES].some((name) => name.test(path)));
  if (!isAttempt && !isCopy) return null;
  const model = isAttempt ? basename(dirname(dir)) : null;
  const setIn = (stem: string) =>
    model !== null && stem.startsWith(`${model}_`) ? stem.slice(model.length + 1) : stem;
  const rows: SourceRow[] = [];
  const tables: FolderFile[] = [];
  const stems: string[] = [];
  const counts = { cut: 0, failed: 0, unanswered: 0 };
  const predicted = files.filter(({ path }) => PREDICTIONS.test(path));
  const alone = results.filter((file) => !predicted.some((each) => belongsTo(stemOf(file), stemOf(each))));
  for (const file of [...predicted, ...alone]) {
    const table = await tableIn(folder, file);
    if (!table.some((row) => 'index' in row && 'question' in row && 'prediction' in row)) continue;
    tables.push(file);
    const stem = stemOf(file).replace(/(?:_exact_matching)?_result$|_auxmatch$/, '');
    stems.push(stem);
    const isAlone = alone.includes(file);
    const judged = isAlone ? file : results.find((each) => belongsTo(stemOf(each), stem));
    const hits = new Map<string, unknown>();
    for (const row of judged ? await tableIn(folder, judged) : [])
      hits.set(idText(row.index) ?? '', row.hit ?? row.score);
    if (judged && !isAlone) tables.push(judged);
    for (const row of table) {
      const hit = hits.get(idText(row.index) ?? '');
      const read = rowOf(row, setIn(stem), hit, extname(file.path) === '.xlsx', counts);
      if (read) rows.push(read);
    }
  }
  if (tables.length === 0) return null;
  const setOf = (stem: string) => setIn(longest(stems.filter((each) => belongsTo(stem, each))) ?? stem);
  const { figures, read } = await figuresIn(folder, rows, setOf);
  return {
    ...NOTHING,
    kind: 'vlmevalkit',
    roles: { evaluation: tables, metrics: read },
    missing: [
      { field: 'images', why: 'VLMEvalKit stores at most the paths of images.' },
      { field: 'stop_reason', why: 'VLMEvalKit does not store stop reasons.' },
      rows.some(({ right }) => right === null) && {
        field: 'right',
        why: 'Some evaluation sets have no file *_result.* or *_auxmatch.* with scores.',
      },
    ],
    notes: [
      counts.cut > 0 &&
        `Truncated to 32,767 characters by the file format: ${several(counts.cut, 'prediction')}.`,
      counts.failed > 0 &&
        `Excluded ${several(counts.failed, 'question')} without an answer ("Failed to obtain answer").`,
      counts.unanswered > 0 &&
        `Scored as in VLMEvalKit despite "Failed to obtain answer": ${several(counts.unanswered, 'question')}.`,
    ],
    evaluation: { model, step: null, rows, figures },
  };
}

const tableIn = async (folder: RunFolder, file: FolderFile) =>
  (await folder.orProblem(readTable, file)) ?? [];

/** Reads metrics by split and category. Values are percentages or fractions, as VLMEvalKit wrote them. */
async function figuresIn(folder: RunFolder, rows: readonly SourceRow[], setOf: (stem: string) => string) {
  const figures: EvaluationResult[] = [];
  const read: FolderFile[] = [];
  for (const file of folder.files) {
    const name = FIGURES.exec(file.path)?.[1];
    if (name === undefined) continue;
    read.push(file);
    const set = setOf(name);
    const judged = rows.filter((row) => row.set === set && row.right !== null);
    for (const { split, ...cells } of await tableIn(folder, file))
      for (const [metric, cell] of Object.entries(cells)) {
        const value = Number(cell);
        if (cell !== null && Number.isFinite(value))
          figures.push({
            set,
            view: ORIGINAL,
            task: 'vlmevalkit',
            unit: 'share',
            n: judged.filter((row) => isCounted(row, split, metric)).length,
            value,
            metric: idText(split) === null ? metric : `${String(split)}/${metric}`,
          });
      }
  }
  return { figures, read };
}

/** Whether a row counts for a metric: it has the metric's split, and the metric's question type, if any. */
function isCounted({ score: { by_source: row } }: SourceRow, split: unknown, metric: string): boolean {
  if (row.split !== undefined && row.split !== split) return false;
  const kind = Object.hasOwn(SHORT, metric) ? SHORT[metric] : metric;
  return metric === 'Overall' || row.category === kind || row['l2-category'] === kind;
}

async function readTable(file: FolderFile, problems: string[]): Promise<Record<string, unknown>[]> {
  const ending = extname(file.path);
  if (ending === '.json') {
    const value = await jsonOf(file);
    return Array.isArray(value) ? value.filter(isRecord) : [];
  }
  const rows: Record<string, unknown>[] = [];
  const cells =
    ending === '.xlsx'
      ? await workbookRows(file.full, file.path)
      : separatedRows(await streamFile(file.full), ending === '.csv' ? ',' : '\t');
  for await (const { line, value, problem } of cells)
    if (isRecord(value)) rows.push(value);
    else problems.push(`${file.path}:${line}: ${problem?.message ?? 'the line is not a row.'}`);
  return rows;
}

/** Returns the value of a cell in a TSV or CSV table of VLMEvalKit. */
const cellValue = (cell: unknown): unknown =>
  typeof cell !== 'string' || cell === ''
    ? cell
    : /^(?:true|false)$/i.test(cell)
      ? cell.toLowerCase() === 'true'
      : Number(cell);

function rowOf(
  row: Record<string, unknown>,
  set: string,
  hit: unknown,
  isWorkbook: boolean,
  counts: { cut: number; failed: number; unanswered: number },
): SourceRow | null {
  const text = (name: string) => idText(row[name]);
  const prediction = text('prediction') ?? '';
  const right = rightOf(cellValue(hit));
  if (prediction.startsWith('Failed to obtain answer')) {
    counts[right === null ? 'failed' : 'unanswered']++;
    if (right === null) return null;
  }
  if (isWorkbook && prediction.length === CELL) counts.cut++;
  const letters = [...'ABCDEFGHIJ'].filter((letter) => text(letter) !== null);
  const rest = { ...row, index: undefined, question: undefined, prediction: undefined, thinking: undefined };
  return {
    ...(pairIn(row) ?? { id: text('index') ?? '', view: ORIGINAL }),
    set,
    completion_index: 0,
    question: [text('question'), text('hint')].filter((each) => each !== null).join('\n'),
    ...(letters.length > 0 && { choices: letters.map((letter) => text(letter)!) }),
    answer: text('answer'),
    images: [],
    segments: answered([text('thinking'), prediction].filter(Boolean).join('\n')),
    right,
    score: { by_source: { ...rest, ...(hit !== undefined && { hit }) } },
  };
}
