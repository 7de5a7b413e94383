import { fixed, UNKNOWN, percentsText, several } from '../base/format.ts';
import type { RecordedPair } from '../core/run-data/trace.ts';
import type { TraceSource, TraceSummary } from '../core/run-data/trace-summary.ts';
import { printable } from '../base/printable.ts';
import { FilterError } from '../core/query/filter-tokens.ts';
import { TRACE_FIELDS, valueOf } from '../core/run-data/trace-fields.ts';
import type { PairTable } from '../core/run-data/trace-table.ts';
import { PairIndex, queryPairs, type Selection } from '../lab/traces/index.ts';
import { listSources, openSource } from '../lab/traces/sources.ts';
import { UsageError } from './errors.ts';
import { Progress } from './progress.ts';
import { MIRROR, viewOf } from '../rows/view-list.ts';
import { note, printJson, printTable, tell } from './print.ts';
import { inEnglish } from '../core/worlds/questions/in-english.ts';

export interface ListOptions {
  where?: string;
  text?: string;
  sort?: string;
  descending?: boolean;
  limit?: number;
  eval?: string;
  step?: number;
  json?: boolean;
}

/** Whether the options ask for a list of pairs, not for one of them. */
export const asksForList = ({ where, text, sort, limit }: ListOptions): boolean =>
  [where, text, sort, limit].some((option) => option !== undefined);

const DEFAULT_LIMIT = 20;

/** Prints the pairs that match, a line each. */
export async function printPairs(dir: string, options: ListOptions): Promise<void> {
  const { snapshot, rows } = await find(dir, options);
  const limit = options.limit ?? DEFAULT_LIMIT;
  const shown = [...rows.subarray(0, limit || rows.length)].map((row) => snapshot.table.summary(row));
  if (options.json) for (const row of shown) printJson(flat(row, snapshot.table));
  else if (shown.length > 0) printTable(HEADER, shown.map(cellsOf));
  const problems = snapshot.parts.flatMap((part) => part.problems);
  const count = `${rows.length} of ${snapshot.table.length} pairs${
    shown.length < rows.length ? `; showing the first ${shown.length} (--limit 0 for all)` : ''
  }.`;
  note(count);
  for (const line of [...problems.slice(0, 5), ...more(problems.length - 5)]) tell(line);
}

/** The first pair of an evaluation of some kind; null if there is none. @throws UsageError without the evaluation */
export async function openEvaluatedPair(
  place: TraceSource,
  isWanted: (row: TraceSummary) => boolean,
): Promise<RecordedPair | null> {
  await requireSource(place);
  const index = new PairIndex(openSource(place), 0);
  const { table } = await index.refresh();
  for (let row = 0; row < table.length; row++) {
    const summary = table.summary(row);
    if (isWanted(summary)) return (await index.open(summary)).pair;
  }
  return null;
}

const more = (count: number) => (count > 0 ? [`and ${several(count, 'more unreadable line')}.`] : []);

async function requireSource({ run, source }: TraceSource): Promise<void> {
  const sources = await listSources(run);
  if (sources.some((known) => known.source === source)) return;
  const names = sources.flatMap((known) => known.source ?? []).join(', ') || 'none';
  throw new UsageError(`Evaluation "${source}" does not exist. Evaluations: ${names}.`);
}

async function find(dir: string, options: ListOptions): Promise<Selection> {
  const { where = '', text = '', sort, descending = false, step, eval: source } = options;
  await requireSource({ run: dir, source });
  const filter =
    step === undefined ? where : where.trim() ? `(${where}) and step = ${step}` : `step = ${step}`;
  const progress = new Progress('Reading traces, %', 100);
  const index = new PairIndex(openSource({ run: dir, source }), 0);
  const onProgress = (share: number) => progress.update(Math.floor(100 * share));
  try {
    const fault = sort === undefined ? null : (await index.refresh({ onProgress })).table.faultOf(sort);
    if (fault !== null) throw new UsageError(fault);
    return await queryPairs(
      index,
      { filter, text, sort: sort === undefined ? null : { field: sort, descending } },
      { onProgress },
    );
  } catch (error) {
    throw error instanceof FilterError ? new UsageError(pointAt(where, error, step !== undefined)) : error;
  } finally {
    progress.end();
  }
}

/** The mistake, and the filter with a mark below it. */
function pointAt(where: string, { message, from, to }: FilterError, inParentheses: boolean): string {
  const start = Math.max(0, Math.min(from - Number(inParentheses), where.length));
  const marks = '^'.repeat(Math.max(1, Math.min(to - from, where.length - start)));
  return `--where: ${message}\n  ${where}\n  ${' '.repeat(start)}${marks}`;
}

/** Fields by the names in filters; null if a pair lacks one. */
const flat = (row: TraceSummary, { fields }: PairTable) =>
  Object.fromEntries([...TRACE_FIELDS, ...fields].map((field) => [field.name, valueOf(row, field)]));

const HEADER = [
  'step',
  'pair',
  'verdict',
  'reward',
  viewOf(MIRROR).label.toLowerCase(),
  'delta',
  'right',
  'sample',
  'question',
];

function cellsOf(row: TraceSummary): string[] {
  const number = (value: number | null) => fixed(value, 3);
  return [
    String(row.step),
    String(row.pair),
    row.verdict?.replace('_', ' ') ?? UNKNOWN,
    ...(row.kind === 'trained' ? [row.reward, row.reward_mirror, row.delta] : [null, null, null]).map(number),
    row.accuracy === null ? UNKNOWN : percentsText([row.accuracy, row.accuracy_most ?? row.accuracy]),
    `${printable(row.sample, 40)}${row.kind === 'trained' && row.logged_by !== null ? ` (${row.logged_by})` : ''}`,
    printable(inEnglish(row.question), 80),
  ];
}
