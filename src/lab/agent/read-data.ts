import { dirname } from 'node:path';
import { bareItem, reviewItem } from '../../core/annotation/review.ts';
import { ReviewTable } from '../../core/annotation/review-table.ts';
import { FilterError } from '../../core/query/filter-tokens.ts';
import { readLabel } from '../../rows/sample/label-review.ts';
import { parseSample } from '../../rows/sample/parse-sample.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { rewriteFor } from '../../rows/views/view.ts';
import { DatasetCheck } from '../datasets/check-dataset.ts';
import { ImageFiles } from '../datasets/image-files.ts';
import { openDataset } from '../datasets/open-dataset.ts';
import type { DataRow } from '../datasets/rows.ts';
import { DatasetStats } from '../datasets/stats.ts';
import { isInside } from '../files/inside.ts';
import {
  AgentError,
  type Answer,
  commandFor,
  cutText,
  indexIn,
  listed,
  picked,
  type Picture,
} from './agent-answer.ts';
import type { AgentContext } from './agent-context.ts';
import { placeOf } from './places.ts';
import type { InputOf } from './agent-tools.ts';

type Input = InputOf<'read_data'>;

/** Maximum length of an image's longest side in pixels, and maximum number of rows with images. */
const [LONGEST, SHOWN] = [512, 2];
/** Number of rows between two checks whether the call was aborted. */
const STRETCH = 256;

export async function readData(input: Input, context: AgentContext): Promise<Answer> {
  if ((input.file === undefined) === (input.rows === undefined))
    throw new AgentError('Pass either a file or rows.');
  if (input.rows) return draftsOf(input.rows, input);
  const { path, name } = await placeOf(context.roots, input.file!, ['data']);
  if (input.part === 'summary') return { value: { file: name, ...(await summaryOf(path, context.signal)) } };
  return input.part === 'problems'
    ? problemsOf(path, name, input, context)
    : rowsOf(path, name, input, context);
}

async function* rowsIn(path: string, signal: AbortSignal): AsyncGenerator<DataRow> {
  const { rows } = await openDataset(path);
  let n = 0;
  for await (const row of rows) {
    if (n++ % STRETCH === 0) signal.throwIfAborted();
    yield row;
  }
}

async function summaryOf(path: string, signal: AbortSignal): Promise<Record<string, unknown>> {
  const stats = new DatasetStats();
  const file = stats.startFile('', 'rows');
  for await (const row of rowsIn(path, signal)) stats.take(DatasetStats.look(row));
  stats.endFile();
  const isEmpty = (value: unknown) =>
    value === 0 || value === null || (typeof value === 'object' && Object.keys(value!).length === 0);
  return Object.fromEntries(
    Object.entries(file)
      .filter(([key, value]) => key !== 'file' && key !== 'format' && !isEmpty(value))
      .map(([key, value]) => [
        key,
        typeof value === 'object' ? mostFrequent(value as Record<string, number>) : value,
      ]),
  );
}

/** Returns the 12 highest counts, and the sum of the others as `…`, because every row can have a different source. */
const mostFrequent = (counts: Record<string, number>): Record<string, number> => {
  const sorted = Object.entries(counts).sort(([, a], [, b]) => b - a);
  const rest = sorted.slice(12).reduce((sum, [, n]) => sum + n, 0);
  return Object.fromEntries([
    ...sorted.slice(0, 12).map(([key, n]) => [cutText(key, 40), n] as const),
    ...(rest > 0 ? [['…', rest] as const] : []),
  ]);
};

async function problemsOf(
  path: string,
  name: string,
  { limit, cursor }: Input,
  { signal }: AgentContext,
): Promise<Answer> {
  const from = indexIn(cursor);
  const check = new DatasetCheck();
  check.startFile(name);
  const problems: object[] = [];
  const counts: Record<string, number> = {};
  let total = 0;
  for await (const row of rowsIn(path, signal))
    for (const problem of await check.row(row)) {
      counts[problem.code] = (counts[problem.code] ?? 0) + 1;
      if (total++ >= from && problems.length < limit) problems.push({ line: lineOf(row), ...problem });
    }
  const head = { file: name, counts, see: commandFor('data check', [name]) };
  return listed(head, 'problems', problems, { from, total, longest: 300 });
}

const lineOf = ({ line, row }: DataRow): number => line ?? row!;

async function rowsOf(path: string, name: string, input: Input, context: AgentContext): Promise<Answer> {
  const { form, where = '', ids, limit, cursor } = input;
  const filter = filterOf(where);
  const from = indexIn(cursor);
  const rows: { line: number; sample: Sample }[] = [];
  let total = 0;
  for await (const row of rowsIn(path, context.signal)) {
    const { sample } = row;
    if (!sample || (ids && !ids.includes(sample.id)) || !filter(sample, form)) continue;
    if (total++ >= from && rows.length < limit) rows.push({ line: lineOf(row), sample });
  }
  const pictures = input.images ? await picturesOf(path, rows.slice(0, SHOWN), context) : [];
  const head = {
    file: name,
    matched: total,
    ...(input.images && { pictures_of: pictures.length }),
    see: commandFor('review', [name]),
  };
  const items = rows.map(({ line, sample }) => ({ line, ...rowRecord(sample, form) }));
  return { ...listed(head, 'rows', items, { from, total }), pictures };
}

/** Returns a function that matches rows with a filter of the review queue. @throws AgentError with the properties */
function filterOf(where: string): (sample: Sample, form: Input['form']) => boolean {
  if (where.trim() === '') return () => true;
  const matches = (sample: Sample, form: Input['form']) => {
    const table = new ReviewTable(where);
    table.add(0, reviewItem(sample, form) ?? bareItem(sample, form), sample, {
      label: readLabel(sample).state,
    });
    return table.select().length > 0;
  };
  try {
    new ReviewTable(where);
  } catch (error) {
    if (error instanceof FilterError) throw new AgentError(`where: ${error.message}`);
    throw error;
  }
  return matches;
}

/** Returns a row with its stored rewrite, or with the rules' rewrite if none is stored. */
function rowRecord(sample: Sample, form: Input['form']): Record<string, unknown> {
  const stored = sample.variants?.[form];
  const variant = stored ?? rewriteFor(sample, form);
  const { state = 'none', people = [] } = reviewItem(sample, form) ?? {};
  return {
    ...picked(sample, 'id', 'task', 'question', 'answer', 'choices', 'reasoning'),
    images: sample.images.length,
    [form]: {
      ...(!stored && { stored: false }),
      state,
      ...picked(variant, 'status', 'question', 'answer', 'reason', 'rules'),
      failed: Object.entries(variant.checks).flatMap(([check, result]) => (result === 'pass' ? [] : check)),
      people,
    },
  };
}

/** Returns the rules' rewrites of rows that the agent passes without a file. */
function draftsOf(rows: NonNullable<Input['rows']>, { form }: Input): Answer {
  const items = rows.map((row, i) => {
    const { sample, problems } = parseSample({ id: `draft-${i}`, images: [], ...row });
    const wrong = problems.filter(({ severity }) => severity === 'error').map(({ message }) => message);
    return { ...(sample && rowRecord(sample, form)), problems: wrong };
  });
  return listed({}, 'rows', items);
}

async function picturesOf(
  path: string,
  rows: readonly { sample: Sample }[],
  { roots, shrink }: AgentContext,
): Promise<Picture[]> {
  if (!shrink) return [];
  const files = new ImageFiles(
    dirname(path),
    roots.find((root) => isInside(root, path))!,
  );
  const pictures: Picture[] = [];
  try {
    for (const { sample } of rows) {
      const [ref] = sample.images;
      if (ref === undefined) continue;
      const bytes = await files.bytes(ref).catch((error: Error) => {
        throw new AgentError(`Cannot read the image of ${sample.id}: ${error.message}`);
      });
      pictures.push(await shrink(bytes, { longest: LONGEST, mirror: false }));
    }
  } finally {
    await files.close();
  }
  return pictures;
}
