import { createHash } from 'node:crypto';
import { UsageError } from './errors.ts';
import { LeftOut, datasetInput, inputName } from './input.ts';
import { tell } from './print.ts';
import { Progress } from './progress.ts';
import { usage } from './write-samples.ts';
import { cellOf, predictionOf, READ_COLUMNS } from '../core/answers/prediction.ts';
import { parseScoreRow } from '../core/answers/score-row.ts';
import type { ScoreRow } from '../core/answers/score.ts';
import { several } from '../base/format.ts';
import { isRecord } from '../base/json.ts';
import type { Problem } from '../base/problem.ts';
import type { ParsedSample } from '../rows/sample/parse-sample.ts';
import type { Sample } from '../rows/sample/sample.ts';
import { ORIGINAL, isViewId } from '../rows/view-list.ts';
import { inView } from '../rows/views/view.ts';
import { columnMapping, completionMapping } from '../lab/datasets/mappings/column-mapping.ts';
import { type ReadOptions, openDataset, openTable } from '../lab/datasets/open-dataset.ts';
import { type DataRow, type OpenDataset, rowNumberText } from '../lab/datasets/rows.ts';

/** A row of a file of completions: the raw value, and the row to score. */
export interface CompletionRow {
  value: Record<string, unknown>;
  row: ScoreRow & { id: string };
}

/**
 * Yields the rows of a table of completions (JSON lines, a JSON list, CSV …), or of standard input. Bad ones are
 * reported with file and line and left out.
 * @param options.set the dataset that has question and reference, if the rows have only ids
 * @param options.map rules for the columns, as of `--map`
 * @throws UsageError if there are rows, but no good one.
 */
export async function* readCompletions(
  input: string | undefined,
  label: string,
  { set, map }: { set?: ReferenceSet | undefined; map?: string | undefined } = {},
): AsyncGenerator<CompletionRow> {
  const mapped =
    map === undefined ? (row: Record<string, unknown>) => row : usage(() => completionMapping(map));
  const table = await openTable(await datasetInput(input));
  const progress = new Progress(label);
  const leftOut = new LeftOut(input);
  const questions = new QuestionsById();
  let rows = 0;
  for await (const { value: raw, problem, ...place } of table.rows) {
    progress.update(++rows);
    const named = isRecord(raw) ? usage(() => mapped(raw)) : raw;
    if (rows === 1 && isRecord(named)) requireNames(named, input, set);
    const value = set && isRecord(named) ? set.join(named, rows - 1) : named;
    if (value === null) continue;
    const { row, problems } =
      value === undefined ? { row: null, problems: [problem!] } : parseScoreRow(value);
    const twice = row && isRecord(value) ? questions.problem({ value, row }, rowNumberText(place)) : null;
    if (row && isRecord(value) && !twice) yield { value, row };
    else leftOut.add(rowNumberText(place), twice ? [twice] : problems);
  }
  progress.end();
  leftOut.end(rows);
  set?.end(input, rows);
}

/** The questions of a table: rows with one id are answers to one of them. */
class QuestionsById {
  private readonly seen = new Map<string, { question: string; place: string }>();

  /** Returns what is wrong if an earlier row has the id of this one, and another question or image; else null. */
  problem({ value, row }: CompletionRow, place: string): Problem | null {
    const key = JSON.stringify([value.set, value.view ?? ORIGINAL, row.id]);
    const question = createHash('md5')
      .update(JSON.stringify([row.question, row.images ?? row.image]))
      .digest('base64');
    const before = this.seen.get(key) ?? { question, place };
    this.seen.set(key, before);
    if (before.question === question) return null;
    return {
      severity: 'error',
      code: 'id-twice',
      path: 'id',
      message: `The id ${JSON.stringify(row.id)} already belongs to another question or image in row ${before.place}.`,
      fix: 'Give every question a unique id. Answers to one question share its id, "set" and "view".',
    };
  }
}

/** @throws UsageError if the first row of a table lacks a completion, with the columns that it has and those that are read */
function requireNames(
  value: Record<string, unknown>,
  input: string | undefined,
  set: ReferenceSet | undefined,
): void {
  const { id, text } = predictionOf(value);
  if (value.completion !== undefined || value.segments !== undefined || (set && text !== null)) return;
  const file = inputName(input);
  const columns = Object.keys(value).join(', ');
  const reference = READ_COLUMNS.reference.some((name) => name in value) ? '' : ',answer=COLUMN';
  if (text === null)
    throw new UsageError(
      `${file} has no completion column. Its columns are ${columns}; completions are read from ${set ? '' : 'completion, and with --set from '}${READ_COLUMNS.completion.join(', ')}.`,
      {
        fix: `Pass the column with --map completion=COLUMN${set ? ', and the id column with id=COLUMN' : `${reference}, or pass a dataset: \`chirality score ${file} --set data.qa.jsonl\``}.`,
      },
    );
  throw new UsageError(`${file} has no column "completion". Its columns are ${columns}.`, {
    fix:
      `Pass the completion column with --map completion=COLUMN${reference}. ` +
      `For reference answers from a dataset${id === null ? '' : ', matched by id'}, run \`chirality score ${file} --set data.qa.jsonl\`. If they are in this table, create the dataset with \`chirality convert ${file} -o data.qa.jsonl\`.`,
  });
}

/** How a command reads datasets: the format, and rules for the columns of any other table. */
export interface ReadingOptions {
  from: string;
  map?: string;
  encoding?: string;
}

/** Prints the encoding of a table that is not in UTF-8, because file names and words depend on it. */
export function tellEncoding(input: string | undefined, { encoding }: OpenDataset): void {
  if (encoding)
    tell(
      `Reading ${inputName(input)} as ${encoding}, not UTF-8. If words look wrong, pass another --encoding.`,
    );
}

/** Opens a dataset in any format that `convert` reads. @throws UsageError for rules that are none */
export async function openSet(
  input: string | undefined,
  { from, map, encoding }: ReadingOptions,
  more: Omit<ReadOptions, 'from' | 'map'> = {},
): Promise<OpenDataset> {
  if (map !== undefined) usage(() => columnMapping(map));
  const set = await openDataset(await datasetInput(input), {
    from,
    ...(map !== undefined && { map }),
    ...(encoding !== undefined && { encoding }),
    ...more,
  });
  tellEncoding(input, set);
  return set;
}

/**
 * Yields every row of an open dataset, with progress. Bad ones are reported with file and line, and have no sample.
 * @param what is done with the rows
 * @param finish completes a row, or tells what is wrong with it
 * @param more.isSummed whether the caller tells the summary of all rows
 * @throws UsageError if there are rows, but no good one.
 */
export async function* rowsOf(
  { rows, total }: Pick<OpenDataset, 'rows' | 'total'>,
  input: string | undefined,
  what: string,
  finish: (row: DataRow) => ParsedSample | Promise<ParsedSample> = (row) => row,
  { isSummed = false } = {},
): AsyncGenerator<DataRow> {
  const progress = new Progress(`${what} ${inputName(input)}`, total);
  const leftOut = new LeftOut(input, isSummed);
  let count = 0;
  for await (const row of rows) {
    progress.update(++count);
    const parsed = await finish(row);
    if (!parsed.sample) leftOut.add(rowNumberText(row), parsed.problems);
    yield { ...row, ...parsed };
  }
  progress.end();
  leftOut.end(count);
}

/** How many ids a message names. */
const NAMED = 3;

const firstOf = (ids: Iterable<string>): string => {
  const all = [...ids];
  return `${all.slice(0, NAMED).join(', ')}${all.length > NAMED ? ', …' : ''}`;
};

/** Without spaces and case, in which a question may differ where it is asked. */
const plain = (question: string): string => question.toLowerCase().replace(/\s+/g, ' ').trim();

/** A dataset whose rows predictions are joined with, by id. */
export class ReferenceSet {
  private readonly predictions = new Map<string, Map<unknown, number>>();
  private readonly unknown = new Set<string>();
  private readonly otherViews = new Set<string>();
  private readonly otherQuestions = new Set<string>();
  private isByOrder = false;
  /** Whether rows that are joined by order have questions, by which that can be checked. */
  private isChecked = false;

  private constructor(
    private readonly path: string,
    private readonly rows: ReadonlyMap<string, Sample>,
  ) {}

  /**
   * @param path a dataset that `convert` reads
   * @param relativeTo the folder that images are seen from
   * @throws UsageError if it has no usable row, or an id twice
   */
  static async open(path: string, relativeTo: string | undefined): Promise<ReferenceSet> {
    const rows = new Map<string, Sample>();
    const twice = new Set<string>();
    const leftOut = new LeftOut(path);
    let count = 0;
    const set = await openDataset(await datasetInput(path), relativeTo === undefined ? {} : { relativeTo });
    for await (const { sample, problems, ...place } of set.rows) {
      count += 1;
      if (!sample) leftOut.add(rowNumberText(place), problems);
      else if (rows.has(sample.id)) twice.add(sample.id);
      else rows.set(sample.id, sample);
    }
    leftOut.end(count);
    if (rows.size === 0) throw new UsageError(`Dataset ${path} has no rows.`);
    if (twice.size > 0)
      throw new UsageError(
        `${path} has rows with the same id: ${firstOf(twice)}.\n  Give every row a unique id, so that each prediction has one reference answer.`,
      );
    return new ReferenceSet(path, rows);
  }

  /**
   * A prediction with question, reference and all else of its row; null if there is no such row. A row without an id
   * or a completion stays as it is, for its problem to be told; in a table whose first row has no id, rows are joined by
   * their order.
   */
  join(value: Record<string, unknown>, at: number): Record<string, unknown> | null {
    const { id, text: completion } = predictionOf(value);
    if (at === 0) this.isByOrder = id === null;
    if (this.isByOrder && typeof cellOf(value, ['question']) === 'string') this.isChecked = true;
    const key = this.isByOrder ? ([...this.rows.keys()][at] ?? null) : id;
    if (key === null || completion === null)
      return { ...value, ...(key !== null && { id: key }), completion: completion ?? undefined };
    const sample = this.rows.get(key);
    const column = cellOf(value, ['view']);
    const view = column ?? ORIGINAL;
    const seen = sample && isViewId(view) ? inView(sample, view) : null;
    if (!seen) {
      if (sample) this.otherViews.add(`${key} (${String(view)})`);
      else this.unknown.add(key);
      return null;
    }
    const question = cellOf(value, ['question']);
    if (typeof question === 'string' && !plain(question).includes(plain(seen.question))) {
      this.otherQuestions.add(key);
      return null;
    }
    const views = this.predictions.get(key) ?? new Map<unknown, number>();
    this.predictions.set(key, views.set(view, (views.get(view) ?? 0) + 1));
    return { ...value, ...seen, ...(column !== undefined && { view }), variants: undefined, completion };
  }

  /** What could not be joined: ids, by reason. */
  get left(): { unknown: string[]; other_question: string[]; not_predicted: string[] } {
    return {
      unknown: [...this.unknown],
      other_question: [...this.otherQuestions],
      not_predicted: [...this.rows.keys()].filter((id) => !this.predictions.has(id)),
    };
  }

  /** Says what could not be joined. @throws UsageError if nothing could */
  end(input: string | undefined, count: number): void {
    const { unknown, other_question, not_predicted } = this.left;
    const file = inputName(input);
    if (this.isByOrder && count !== this.rows.size)
      throw new UsageError(
        `Cannot match the ${several(count, 'row')} of ${file} without ids to the ${several(this.rows.size, 'row')} of ${this.path} by order.\n  Pass the id column with --map id=COLUMN; ids are read from ${READ_COLUMNS.id.join(', ')}.`,
      );
    if (this.isByOrder)
      tell(
        `${file} has no ids. Matched its rows to ${this.path} by order: ${several(count, 'row')} in both, ${this.isChecked ? 'with the same questions' : 'without questions to check'}.`,
      );
    if (this.predictions.size === 0 && unknown.length + other_question.length > 0)
      throw new UsageError(
        unknown.length > 0
          ? `${file} and ${this.path} share no ids.\n  Predictions have ${firstOf(unknown)}; the dataset has ${firstOf(not_predicted)}.`
          : `The questions in ${file} differ from the rows of ${this.path} with the same ids.\n  Set the ids of the dataset in the predictions. Their rows might be numbered in another order.`,
      );
    const twice = [...this.predictions].flatMap(([id, views]) =>
      [...views.values()].some((n) => n > 1) ? [id] : [],
    );
    if (unknown.length > 0)
      tell(
        `${file}: excluded ${several(unknown.length, 'prediction')} whose id does not exist in ${this.path}: ${firstOf(unknown)}.`,
      );
    if (other_question.length > 0)
      tell(
        `${file}: excluded ${several(other_question.length, 'prediction')} whose question differs from the row of ${this.path} with the same id: ${firstOf(other_question)}.`,
      );
    if (this.otherViews.size > 0)
      tell(
        `${file}: excluded ${several(this.otherViews.size, 'prediction')} in a view that does not exist in ${this.path}: ${firstOf(this.otherViews)}. Rows without a view count as originals.`,
      );
    if (not_predicted.length > 0)
      tell(
        `${this.path}: excluded ${several(not_predicted.length, 'row')} without a prediction: ${firstOf(not_predicted)}.`,
      );
    if (twice.length > 0)
      tell(
        `${file}: ${several(twice.length, 'id')} with several predictions, which count as several completions of one question: ${firstOf(twice)}.`,
      );
  }
}
