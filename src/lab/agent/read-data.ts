import { dirname } from 'node:path';
import { bareItem, reviewItem } from '../../core/annotation/review.ts';
import { ReviewTable } from '../../core/annotation/review-table.ts';
import { FilterError } from '../../core/query/filter-tokens.ts';
import { labelState } from '../../rows/sample/label-review.ts';
import { parseSample } from '../../rows/sample/parse-sample.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { variantFor } from '../../rows/views/view.ts';
import { DatasetCheck } from '../datasets/check-dataset.ts';
import { ImageFiles } from '../datasets/image-files.ts';
import { openDataset } from '../datasets/open-dataset.ts';
import type { DataRow } from '../datasets/rows.ts';
import { DatasetStats } from '../datasets/stats.ts';
import { isInside } from '../files/inside.ts';
import { AgentError, type Answer, commandFor, cutText, fitting, type Picture, TEXT } from './agent-answer.ts';
import { cursorOf, keyIn } from '../operations/operation.ts';
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
  if (input.rows) return { value: draftsOf(input.rows, input) };
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
  const from = cursor === undefined ? [0, 0] : keyIn(cursor).map(Number);
  const check = new DatasetCheck();
  check.startFile(name);
  const problems: Record<string, unknown>[] = [];
  const keys: [number, number][] = [];
  const counts: Record<string, number> = {};
  for await (const row of rowsIn(path, signal)) {
    const line = row.line ?? row.row!;
    for (const [i, problem] of (await check.row(row)).entries()) {
      counts[problem.code] = (counts[problem.code] ?? 0) + 1;
      if (line < from[0]! || (line === from[0]! && i <= from[1]!)) continue;
      if (problems.length > limit) continue;
      const { severity, code, message, path: field, fix } = problem;
      problems.push({
        line,
        severity,
        code,
        message: cutText(message, 300),
        ...(field && { field }),
        ...(fix && { fix: cutText(fix, 200) }),
      });
      keys.push([line, i]);
    }
  }
  const head = { file: name, counts };
  const shown = fitting(head, problems, limit);
  const next = shown.length < problems.length ? cursorOf(keys[shown.length - 1]!) : null;
  return { value: { ...head, problems: shown, next, see: commandFor('data check', [name]) } };
}

async function rowsOf(path: string, name: string, input: Input, context: AgentContext): Promise<Answer> {
  const { form, where = '', ids, limit, cursor } = input;
  const filter = filterOf(where);
  const from = cursor === undefined ? 0 : Number(keyIn(cursor)[0]);
  let matched = 0;
  const rows: { line: number; sample: Sample }[] = [];
  for await (const row of rowsIn(path, context.signal)) {
    const { sample } = row;
    if (!sample || (ids && !ids.includes(sample.id)) || !filter(sample, form)) continue;
    matched += 1;
    const line = row.line ?? row.row!;
    if (line > from && rows.length <= limit) rows.push({ line, sample });
  }
  const head = { file: name, matched };
  const items = rows.slice(0, limit).map(({ line, sample }) => ({ line, ...rowRecord(sample, form) }));
  const shown = fitting(head, items);
  const next = shown.length < rows.length ? cursorOf([shown.at(-1)!.line]) : null;
  const pictures = input.images
    ? await picturesOf(path, rows.slice(0, Math.min(SHOWN, shown.length)), context)
    : [];
  return {
    value: {
      ...head,
      rows: shown,
      next,
      ...(input.images && { pictures_of: pictures.length }),
      see: commandFor('review', [name]),
    },
    pictures,
  };
}

/** Returns a function that matches rows with a filter of the review queue. @throws AgentError with the properties */
function filterOf(where: string): (sample: Sample, form: Input['form']) => boolean {
  if (where.trim() === '') return () => true;
  const matches = (sample: Sample, form: Input['form']) => {
    const table = new ReviewTable(where);
    table.add(0, reviewItem(sample, form) ?? bareItem(sample, form), sample, { label: labelState(sample) });
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
  const variant = stored ?? variantFor(sample, form);
  const item = reviewItem(sample, form);
  const failed = Object.entries(variant.checks).flatMap(([check, result]) =>
    result === 'pass' ? [] : [check],
  );
  const text = (value: string) => cutText(value, TEXT);
  return {
    id: cutText(sample.id, 200),
    ...(sample.task !== undefined && { task: cutText(sample.task, 40) }),
    question: text(sample.question),
    answer: text(sample.answer),
    ...(sample.choices && { choices: sample.choices.slice(0, 12).map((choice) => cutText(choice, 100)) }),
    ...(sample.reasoning !== undefined && { reasoning: text(sample.reasoning) }),
    images: sample.images.length,
    [form]: {
      ...(!stored && { stored: false }),
      status: variant.status,
      state: item?.state ?? 'none',
      question: variant.question ? text(variant.question) : null,
      answer: variant.answer ? text(variant.answer) : null,
      ...(variant.reason !== undefined && { reason: cutText(variant.reason, 300) }),
      ...(failed.length > 0 && { failed }),
      ...(variant.rules.length > 0 && {
        rules: variant.rules.slice(0, 12).map((rule) => cutText(String(rule), 60)),
      }),
      ...(item && item.people.length > 0 && { people: item.people.slice(0, 4) }),
    },
  };
}

/** Returns the rules' rewrites of rows that the agent passes without a file. */
function draftsOf(rows: NonNullable<Input['rows']>, { form }: Input): Record<string, unknown> {
  const items = rows.map((row, i) => {
    const { sample, problems } = parseSample({ id: `draft-${i}`, images: [], ...row });
    const wrong = problems
      .filter(({ severity }) => severity === 'error')
      .map(({ message }) => cutText(message, 200));
    return { ...(sample && rowRecord(sample, form)), ...(wrong.length > 0 && { problems: wrong }) };
  });
  const shown = fitting({}, items);
  return {
    rows: shown,
    ...(shown.length < items.length && {
      notes: ['The other rows were excluded. Pass fewer rows at a time.'],
    }),
  };
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
