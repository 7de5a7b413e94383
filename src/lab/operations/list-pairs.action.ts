import { basename } from 'node:path';
import type { Column } from '../../core/query/compile.ts';
import { FilterError } from '../../core/query/filter-tokens.ts';
import { TRACE_FIELDS } from '../../core/run-data/trace-fields.ts';
import type { TraceSource } from '../../core/run-data/trace-summary.ts';
import type { PairTable } from '../../core/run-data/trace-table.ts';
import { newestEvaluation } from '../evaluation/evaluation-folders.ts';
import { readInPlace } from '../foreign/known.ts';
import { indexOf, queryPairs } from '../traces/index.ts';
import { readOrigin } from '../traces/run-steps.ts';
import { listSources } from '../traces/sources.ts';
import { cursorOf, keyIn, OperationError, type Key, type OperationContext, type Place } from './operation.ts';
import type { PairsInput, PairsOutput } from './pairs.ts';

/** Maximum number of counts in an answer, and number of equal bins into which numbers are divided. */
const [COUNTED, STEPS] = [40, 10];

export async function readPairs(input: PairsInput, context: OperationContext): Promise<PairsOutput> {
  const { where, text, step, sort, descending, count_by: by, limit, cursor } = input;
  const { place, source } = await pairSource(input, context);
  const index = indexOf(source);
  const { table: fields } = await index.refresh(context);
  for (const name of [sort, by]) {
    const fault = name === undefined ? null : fields.faultOf(name);
    if (fault !== null) throw new OperationError(fault);
  }
  const isWithin = step !== undefined && where.trim() !== '';
  const filter = step === undefined ? where : isWithin ? `(${where}) and step = ${step}` : `step = ${step}`;
  const query = { filter, text, sort: sort === undefined ? null : { field: sort, descending } };
  const { snapshot, rows } = await queryPairs(index, query, context).catch((error: unknown) => {
    throw error instanceof FilterError ? mistakeIn(where, error, Number(isWithin), fields) : error;
  });
  const { table, parts } = snapshot;
  const problems = parts.flatMap((part) => part.problems);
  const about = {
    searched: table.length,
    matched: rows.length,
    problems,
    ...(problems.length > 0 && { unreadable: problems.length }),
    ...(table.length === 0 && { notes: [await whyNone(place, source)] }),
  };
  if (by !== undefined)
    return { ...about, counts: valueCounts(table.column(by), rows).slice(0, COUNTED), next: null };
  const from = cursor === undefined ? 0 : placeAfter(keyIn(cursor), table, rows, sort !== undefined);
  const until = limit === 0 ? rows.length : from + limit;
  const pairs = Array.from(rows.subarray(from, until), (row) => table.row(row));
  const last = pairs.at(-1);
  return { ...about, pairs, next: last && until < rows.length ? cursorOf([last.step, last.pair]) : null };
}

/** Returns the pairs of a call: traces of a run, or an evaluation. @throws OperationError with the available names */
export async function pairSource(
  { run, evaluation }: Pick<PairsInput, 'run' | 'evaluation'>,
  { find }: Pick<OperationContext, 'find'>,
): Promise<{ place: Place; source: TraceSource }> {
  const place: Place = (await find?.(run, ['run', 'evaluation'])) ?? { kind: 'run', name: run, path: run };
  if (place.kind === 'evaluation') return { place, source: { run: place.path, source: '.' } };
  if (evaluation === undefined || (find && (await readInPlace(place.path))))
    return { place, source: { run: place.path } };
  const id = evaluation === 'latest' ? (await newestEvaluation(place.path))?.id : evaluation;
  const sources = (await listSources(place.path)).flatMap(({ source }) => source ?? []);
  if (id === undefined || !sources.includes(id))
    throw new OperationError(
      `Evaluation "${evaluation}" does not exist. Evaluations: ${sources.slice(-12).join(', ') || 'none'}.`,
    );
  return { place, source: { run: place.path, source: id } };
}

const mistakeIn = (where: string, error: FilterError, shift: number, { fields }: PairTable) =>
  new OperationError(error.message, {
    field: 'where',
    text: where,
    from: error.from - shift,
    to: error.to - shift,
    fix: `Fields: ${[...TRACE_FIELDS, ...fields].map(({ name }) => name).join(', ')}.`,
  });

/** Returns the index at which the list continues: after the cursor's pair or, in step order, after its former place. */
function placeAfter([step, pair]: Key, table: PairTable, rows: Uint32Array, isSorted: boolean): number {
  const [steps, pairs] = ['step', 'pair'].map(
    (name) => (table.column(name) as Column & { type: 'number' }).values,
  );
  const at = rows.findIndex((row) => steps![row] === step && pairs![row] === pair);
  if (at >= 0) return at + 1;
  if (isSorted)
    throw new OperationError('The pair of this cursor no longer exists. Call again without the cursor.');
  const next = rows.findIndex(
    (row) => steps![row]! > Number(step) || (steps![row] === step && pairs![row]! > Number(pair)),
  );
  return next < 0 ? rows.length : next;
}

/** Counts the values of a column, the most frequent value first. Numbers are counted in equal bins. */
function valueCounts(column: Column, rows: Uint32Array): NonNullable<PairsOutput['counts']> {
  const counts = new Map<number, number>();
  const add = (key: number) => counts.set(key, (counts.get(key) ?? 0) + 1);
  if (column.type === 'text') {
    for (const row of rows) add(column.codes[row]!);
    return sorted(counts).map(([code, n]) => [column.words[code] ?? null, n]);
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
