import { basename } from 'node:path';
import type { Column } from '../../core/query/compile.ts';
import { FilterError } from '../../core/query/filter-tokens.ts';
import { TRACE_FIELDS } from '../../core/run-data/trace-fields.ts';
import type { TraceSource, TraceSummary } from '../../core/run-data/trace-summary.ts';
import type { PairTable } from '../../core/run-data/trace-table.ts';
import { inEnglish } from '../../core/worlds/questions/in-english.ts';
import { newestEvaluation } from '../evaluation/evaluation-folders.ts';
import { readInPlace } from '../foreign/known.ts';
import { queryPairs } from '../traces/index.ts';
import { listSources } from '../traces/sources.ts';
import { readOrigin } from '../traces/run-steps.ts';
import {
  AgentError,
  type Answer,
  commandFor,
  cutText,
  fitting,
  LISTED_TEXT,
  picked,
} from './agent-answer.ts';
import { cursorOf, keyIn, type Place } from '../operations/operation.ts';
import type { AgentContext } from './agent-context.ts';
import { nameBelow, placeOf } from './places.ts';
import type { InputOf } from './agent-tools.ts';

/** Counts that an answer lists. */
const COUNTED = 40;
/** Into how many equal steps numbers are counted. */
const STEPS = 10;

export async function findPairs(input: InputOf<'find_pairs'>, context: AgentContext): Promise<Answer> {
  const { where = '', sort, descending, count_by: by, limit, cursor } = input;
  const { place, source } = await pairSource(input, context);
  const index = context.kept.index(source);
  const { signal } = context;
  const onProgress = (share: number) => void (context.reading.share = share);
  const { table: fields } = await index.refresh({ signal, onProgress });
  for (const name of [sort, by]) {
    const fault = name === undefined ? null : fields.faultOf(name);
    if (fault !== null) throw new AgentError(fault);
  }
  const { snapshot, rows } = await queryPairs(
    index,
    { filter: where, text: '', sort: sort === undefined ? null : { field: sort, descending } },
    { signal },
  ).catch((error: unknown) => {
    throw error instanceof FilterError ? new AgentError(filterText(where, error, fields)) : error;
  });
  const { table, parts } = snapshot;
  const unreadable = parts.reduce((sum, { problems }) => sum + problems.length, 0);
  const head = {
    run: place.name,
    of: source.source ?? 'traces',
    searched: table.length,
    matched: rows.length,
    ...(unreadable > 0 && { unreadable }),
    ...(table.length === 0 && { notes: [await whyNone(place, source)] }),
  };
  if (by !== undefined)
    return { value: { ...head, counts: valueCounts(table.column(by), rows).slice(0, COUNTED) } };
  const from = cursor === undefined ? 0 : placeAfter(keyIn(cursor), table, rows, sort !== undefined);
  const wanted = Array.from(rows.subarray(from, from + limit), (row) => table.summary(row));
  const shown = fitting(head, wanted.map(listed));
  const last = wanted[shown.length - 1];
  const next = last && from + shown.length < rows.length ? cursorOf([last.step, last.pair]) : null;
  const see = seeTrace(context.roots, place, source, ...(where ? ['--where', where] : []));
  return { value: { ...head, pairs: shown, next, see } };
}

/** The pairs that a call is about: traces of a run, or an evaluation. @throws AgentError with what there is */
export async function pairSource(
  { run, evaluation }: { run: string; evaluation?: string | undefined },
  { roots }: AgentContext,
): Promise<{ place: Place; source: TraceSource }> {
  const place = await placeOf(roots, run, ['run', 'evaluation']);
  if (place.kind === 'evaluation') return { place, source: { run: place.path, source: '.' } };
  if (evaluation === undefined || (await readInPlace(place.path)))
    return { place, source: { run: place.path } };
  const id = evaluation === 'latest' ? (await newestEvaluation(place.path))?.id : evaluation;
  const sources = (await listSources(place.path)).flatMap(({ source }) => source ?? []);
  if (id === undefined || !sources.includes(id))
    throw new AgentError(
      `${place.name} has no evaluation "${evaluation}". Evaluations: ${sources.slice(-12).join(', ') || 'none'}.`,
    );
  return { place, source: { run: place.path, source: id } };
}

/** The command that shows a run's pairs, or those of an evaluation. */
export const seeTrace = (
  roots: readonly string[],
  { name, path }: Place,
  { source }: TraceSource,
  ...options: readonly string[]
): string | null => {
  const flags = source === undefined || source === '.' ? [] : ['--eval', source];
  return commandFor('trace', [source === '.' ? nameBelow(roots, path) : name], ...flags, ...options);
};

export const pairName = ({ step, pair }: { step: number; pair: number }): string => `${step}/${pair}`;

/** The fields that tell pairs apart in a list; what a pair does not have is left out. */
function listed(summary: TraceSummary): Record<string, unknown> {
  const all: Record<string, unknown> = {
    pair: pairName(summary),
    sample: cutText(summary.sample, LISTED_TEXT),
    ...(summary.kind === 'evaluated' && picked(summary, 'set', 'task', 'error')),
    verdict: summary.verdict,
    ...(summary.kind === 'trained' &&
      picked(summary, 'reward', 'reward_mirror', 'delta', 'kept', 'why', 'effect')),
    accuracy: summary.accuracy,
    ...(summary.accuracy !== summary.accuracy_most && { accuracy_most: summary.accuracy_most }),
    question: cutText(inEnglish(summary.question), LISTED_TEXT),
    answer: summary.answer === null ? null : cutText(summary.answer, LISTED_TEXT),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}

const filterText = (where: string, { message, from, to }: FilterError, { fields }: PairTable): string =>
  `where: ${message} At "${where.slice(from, to) || where.slice(-10)}", column ${from + 1}. Fields: ${[...TRACE_FIELDS, ...fields].map(({ name }) => name).join(', ')}.`;

/** Where to go on: after the pair of the cursor, or, in the order of steps, where it would stand. */
function placeAfter(
  [step, pair]: readonly (string | number)[],
  table: PairTable,
  rows: Uint32Array,
  isSorted: boolean,
): number {
  const [steps, pairs] = ['step', 'pair'].map(
    (name) => (table.column(name) as Column & { type: 'number' }).values,
  );
  const at = rows.findIndex((row) => steps![row] === step && pairs![row] === pair);
  if (at >= 0) return at + 1;
  if (isSorted)
    throw new AgentError('The pair of this cursor no longer exists. Call again without the cursor.');
  const next = rows.findIndex(
    (row) => steps![row]! > Number(step) || (steps![row] === step && pairs![row]! > Number(pair)),
  );
  return next < 0 ? rows.length : next;
}

/** How often each value stands in a column, the most frequent first; numbers in ten equal steps. */
function valueCounts(
  column: Column,
  rows: Uint32Array,
): [string | boolean | [number, number] | null, number][] {
  const counts = new Map<number, number>();
  const add = (key: number) => counts.set(key, (counts.get(key) ?? 0) + 1);
  if (column.type === 'text') {
    for (const row of rows) add(column.codes[row]!);
    return sorted(counts).map(([code, n]) => [
      column.words[code] === undefined ? null : cutText(column.words[code], LISTED_TEXT),
      n,
    ]);
  }
  const { values } = column;
  if (column.type === 'flag') {
    for (const row of rows) add(Number.isNaN(values[row]!) ? -1 : values[row]!);
    return sorted(counts).map(([flag, n]) => [flag < 0 ? null : flag === 1, n]);
  }
  let [low, high] = [Infinity, -Infinity];
  for (const row of rows) {
    const value = values[row]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const width = (high - low) / STEPS;
  for (const row of rows) {
    const value = values[row]!;
    add(Number.isNaN(value) ? -1 : width === 0 ? 0 : Math.min(STEPS - 1, Math.floor((value - low) / width)));
  }
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([i, n]) => [i < 0 ? null : [low + i * width, low + (i + 1) * width], n]);
}

const sorted = (counts: ReadonlyMap<number, number>) => [...counts].sort(([, a], [, b]) => b - a);

async function whyNone({ name, path }: Place, { source }: TraceSource): Promise<string> {
  if (source !== undefined) return `${name} has no rows.`;
  const missing = (await readOrigin(path).catch(() => null))?.origin.missing;
  const why = missing?.find(({ field }) => field === 'trace')?.why;
  const ids = (await listSources(path)).flatMap((info) => info.source ?? []);
  return `${basename(path)} has no traces. ${why ?? 'Only GRPO runs write traces.'}${ids.length > 0 ? ` Evaluations: ${ids.slice(-8).join(', ')}.` : ''}`;
}
