import { existsSync } from 'node:fs';
import { rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  exemplarImages,
  hidesOptions,
  imagesShown,
  missingFor,
  type Strategy,
} from '../../core/prompts/strategy.ts';
import type { Sampler, SamplerInfo } from '../../engines/sampler.ts';
import { DataError } from '../datasets/data-error.ts';
import { inOrder as eachInOrder } from '../datasets/rows.ts';
import { makeFolder } from '../files/folders.ts';
import { LineWriter, readLines } from '../runs/append.ts';
import { lockFolder, type FolderLock } from '../runs/lock.ts';
import { programVersions } from '../runs/versions.ts';
import { answerSamples, refusalOf, type Asking } from '../evaluation/answer.ts';
import type { EvaluationOptions } from '../evaluation/plan.ts';
import { rowOf } from '../evaluation/evaluated.ts';
import type { AnswerSegment, EvaluationRow } from '../../core/metrics/evaluation-row.ts';
import { evaluationManifestSchema, type EvaluationResult } from '../../core/metrics/results.ts';
import { parseRecord } from '../../core/record.ts';
import { evaluationSamples, hashOf, setFiles, type EvaluationSample } from '../evaluation/samples.ts';
import type { BrokenRow } from '../datasets/row-file.ts';
import { summarise } from '../evaluation/summarise.ts';
import { judgeRows, withSimilarities } from '../evaluation/judge.ts';
import { readText } from '../files/regular.ts';
import type { ViewId } from '../../core/views/list.ts';
import { ifMissing } from '../files/disk-error.ts';

export interface Evaluation {
  results: EvaluationResult[];
  /** Number of views that rows do not have or that the strategy could not ask, by reason. */
  skipped: Record<string, number>;
  /**
   * Number of completions that an endpoint gave no answer (`failed`) or no verdict (`unjudged`); the next call asks
   * again.
   */
  failed: number;
  unjudged: number;
  /** Why the first question without an answer has none, in words for people. */
  reason: string | undefined;
}

/** How many views, or completions of an endpoint, to ask at once; fewer if an engine cannot keep their pictures. */
const AT_ONCE = 64;

/**
 * Asks a model every row of every set in the given views, and scores the answers. Rows are appended as they come. A
 * second call on the same folder continues where a killed one stopped; it is refused while the first one works, or if
 * the folder holds an evaluation of something else.
 * @param open called only if something is left to ask.
 */
export async function evaluate(
  open: () => Promise<Sampler>,
  dir: string,
  options: EvaluationOptions,
  onProgress: (done: number, total: number, what: 'answers' | 'verdicts') => void = () => undefined,
): Promise<Evaluation> {
  const parent = dirname(dir);
  const isFirst = !existsSync(parent);
  await makeFolder(dir);
  const lock = await lockFolder(dir);
  // If another process has taken the folder over, it asks the same questions, so stop paying for answers here.
  const signal = AbortSignal.any([lock.lost, ...(options.signal ? [options.signal] : [])]);
  const own = ['manifest.json', 'rows.jsonl'].map((name) => join(dir, name));
  const isNew = !existsSync(own[0]!);
  try {
    const manifest = await manifestOf(dir, options);
    const begin = () => lock.writeJson('manifest.json', manifest);
    const { rows: answered, skipped } = await answerAll(
      open,
      begin,
      lock,
      { ...options, signal },
      (done, total) => onProgress(done, total, 'answers'),
    );
    const { judge, encoder } = options;
    const measured = encoder ? await withSimilarities(answered, encoder) : answered;
    const { rows, failed: unjudged } = judge
      ? await judgeRows(measured, judge, signal, (done, total) => onProgress(done, total, 'verdicts'))
      : { rows: measured, failed: 0 };
    if (judge || encoder) await writeRows(lock, rows);
    const missing = rows.filter((row) => !isAnswered(row));
    const failed = missing.length;
    const reason = missing[0]?.segments.find(({ error }) => error !== undefined)?.error;
    const counts = { answered: rows.length - failed, failed, unjudged, skipped };
    await lock.writeJson('manifest.json', { ...manifest, judges: judgesOf(rows), rows: counts });
    const results = summarise(rows, hidesOptions(options.strategy));
    await lock.writeJson('results.json', results);
    return { results, skipped, failed, unjudged, reason };
  } catch (error) {
    const hasNoRows = await stat(own[1]!)
      .then(({ size }) => size === 0, ifMissing(true))
      .catch(() => false);
    // Without a single answer there is nothing to resume. If the disk does not say, both files stay.
    if (isNew && hasNoRows) for (const path of own) await lock.remove(path).catch(() => undefined);
    // An engine that is asked to stop throws an error of its own; report why it was asked.
    throw signal.aborted ? signal.reason : error;
  } finally {
    await lock.release();
    // Removes what was made and is empty, because the evaluation was refused or got no answer.
    await rmdir(dir).catch(() => undefined);
    if (isFirst) await rmdir(parent).catch(() => undefined);
  }
}

/** The models that judged, with the prompts they were given. */
function judgesOf(rows: readonly EvaluationRow[]): { model: string; prompt: string }[] {
  const all = rows.flatMap(({ judge }) => (judge ? [{ model: judge.model, prompt: judge.prompt }] : []));
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

/**
 * Hashes everything that determines an evaluation's answers: rows, way of asking, model. Where the files lie does not
 * count.
 */
export async function contentHash({
  sets,
  strategy,
  sampling,
  views,
  limit,
  about,
}: Omit<EvaluationOptions, 'root' | 'judge' | 'encoder' | 'signal'>): Promise<string> {
  const rows = (await setFiles(sets)).map(({ set, sha256: hash }) => [set, hash]);
  return hashOf([rows, strategy, sampling, views, limit ?? null, about]);
}

/** @throws if the folder holds an evaluation of something else. */
async function manifestOf(
  dir: string,
  { sets, root, views, strategy, sampling, limit, about }: EvaluationOptions,
): Promise<object> {
  const plan = { sets, root, views, strategy, sampling, limit };
  const data = await setFiles(sets);
  const content = await contentHash({ ...plan, about });
  const path = join(dir, 'manifest.json');
  const text = await readText(path).catch(ifMissing(null));
  const before = text === null ? null : parseRecord(evaluationManifestSchema, text, { file: path });
  if (before?.content !== undefined && before.content !== content) {
    throw new DataError(
      'other-evaluation',
      `${dir} holds an evaluation of other rows, or asked in another way.`,
      {
        fix: 'Move it away, or remove it.',
      },
    );
  }
  const { n, temperature, topP: top_p, maxTokens: max_tokens, seed } = sampling;
  const drawn = { n, temperature, top_p, max_tokens, ...(temperature > 0 && { seed }) };
  const manifest = { ...plan, sampling: drawn, data, ...about, versions: programVersions(), content };
  return manifest;
}

/** How many broken rows to explain; the others are only counted. */
const EXPLAINED = 20;

const rowsOf = (dir: string): string => join(dir, 'rows.jsonl');

const isAnswered = (row: EvaluationRow): boolean =>
  row.segments.every(({ stop_reason: reason }) => reason !== 'failed');

/**
 * Asks everything that the folder does not contain yet. @param begin called before the first row is written. @returns
 * all rows.
 */
async function answerAll(
  open: () => Promise<Sampler>,
  begin: () => Promise<void>,
  lock: FolderLock,
  options: EvaluationOptions,
  onProgress: (done: number, total: number) => void,
): Promise<{ rows: EvaluationRow[]; skipped: Record<string, number> }> {
  const { strategy, signal } = options;
  const sampling = { ...options.sampling, ...(signal && { signal }) };
  const path = rowsOf(lock.dir);
  const rows: EvaluationRow[] = [];
  for await (const { row } of readLines(path)) {
    const known = row as unknown as EvaluationRow;
    if (isAnswered(known)) rows.push(known);
  }
  const key = (one: Pick<EvaluationRow, 'set' | 'view' | 'id'>, i = 0) =>
    JSON.stringify([one.set, one.view, one.id, i]);
  const done = new Set(rows.map((row) => key(row, row.completion_index)));
  const isDone = (one: EvaluationSample) =>
    Array.from({ length: sampling.n }, (_, i) => i).every((i) => done.has(key(one, i)));

  const broken: BrokenRow[] = [];
  const lacking = new Map<ViewId, number>();
  const all = await evaluationSamples(
    options,
    (why) => broken.push(why),
    (view) => lacking.set(view, (lacking.get(view) ?? 0) + 1),
  );
  const { samples, skipped } = askable(strategy, all);
  if (samples.length === 0 && broken.length > 0) throw new DataError('no-row', broken[0]!.message);
  for (const [view, n] of lacking) skipped[`there is no ${view} of them`] = n;
  for (const { message } of broken.slice(0, EXPLAINED)) skipped[message] = 1;
  if (broken.length > EXPLAINED) skipped['they cannot be read, either'] = broken.length - EXPLAINED;
  const total = samples.length * sampling.n;
  if (samples.every(isDone)) return { rows, skipped };
  const sampler = await open();
  const refusal = refusalOf(sampler.info(), strategy, samples, sampling);
  if (refusal !== null) throw new Error(refusal);
  await begin();
  const writer = await LineWriter.open(lock, path, (row) => isAnswered(row as unknown as EvaluationRow));
  const keep = async (one: EvaluationSample, i: number, segments: AnswerSegment[]) => {
    const row = rowOf(one, segments, strategy, sampling.n > 1 ? i : undefined);
    await writer.append(row);
    rows.push(row);
  };
  try {
    if (sampler.info().engine === 'openai') {
      const missing = samples.flatMap((one) =>
        Array.from({ length: sampling.n }, (_, i) => ({ one, i })).filter(
          (at) => !done.has(key(at.one, at.i)),
        ),
      );
      await askSingly(sampler, missing, strategy, sampling, async ({ one, i }, segments) => {
        await keep(one, i, segments);
        onProgress(rows.length, total);
      });
    } else {
      // A batch with anything left is asked as a whole, because what an engine draws may depend on the place in the
      // call.
      for (const batch of batchesOf(samples, strategy, sampler.info())) {
        if (batch.every(isDone)) continue;
        signal?.throwIfAborted();
        const answers = await answerSamples(sampler, batch, strategy, sampling);
        for (const [f, one] of batch.entries())
          for (const [i, segments] of answers[f]!.entries())
            if (!done.has(key(one, i))) await keep(one, i, segments);
        onProgress(rows.length, total);
      }
    }
  } finally {
    await writer.close();
  }
  return { rows: await inOrder(lock, rows, samples, key), skipped };
}

/** Completion `i` of a view. */
interface Missing {
  one: EvaluationSample;
  i: number;
}

/**
 * Asks completions one by one, many at a time, and keeps each as soon as it arrives: an endpoint is paid for every one,
 * and none depends on the others.
 */
async function askSingly(
  sampler: Sampler,
  missing: readonly Missing[],
  strategy: Strategy,
  sampling: Asking,
  keep: (at: Missing, segments: AnswerSegment[]) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, ...(sampling.signal ? [sampling.signal] : [])]);
  let written = Promise.resolve();
  const asks: Promise<void>[] = [];
  const ask = async (at: Missing) => {
    const asking = { ...sampling, n: 1, first: at.i, signal };
    const [answers] = await answerSamples(sampler, [at.one], strategy, asking);
    await (written = written.then(() => keep(at, answers![0]!)));
  };
  const shown = missing.map(({ one }) => imagesShown(strategy, one.sample).length);
  const pictures = exemplarImages(strategy).length + shown.reduce((a, b) => Math.max(a, b), 1);
  const atOnce = Math.min(AT_ONCE, Math.floor((sampler.info().imagesKept ?? Infinity) / pictures));
  try {
    const started = (at: Missing) => {
      const one = ask(at);
      one.catch((error: unknown) => stop.abort(error));
      asks.push(one);
      return one;
    };
    const arriving = eachInOrder(missing, Math.max(1, atOnce), started);
    while (!(await arriving.next()).done);
  } finally {
    await Promise.allSettled(asks);
  }
}

/**
 * Sorts the rows so that completions answered later stand beside the others of their row, because readers take them
 * together.
 */
async function inOrder(
  lock: FolderLock,
  rows: readonly EvaluationRow[],
  samples: readonly EvaluationSample[],
  key: (one: Pick<EvaluationRow, 'set' | 'view' | 'id'>, i?: number) => string,
): Promise<EvaluationRow[]> {
  const place = new Map(samples.map((one, i) => [key(one), i]));
  const rank = (row: EvaluationRow): [number, number] => [
    place.get(key(row)) ?? 0,
    row.completion_index ?? 0,
  ];
  const sorted = [...rows].sort((a, b) => rank(a)[0] - rank(b)[0] || rank(a)[1] - rank(b)[1]);
  if (sorted.some((row, i) => row !== rows[i])) await writeRows(lock, sorted);
  return sorted;
}

/** Writes row by row: together they may be longer than a string can be. */
const writeRows = ({ dir, write }: FolderLock, rows: readonly EvaluationRow[]): Promise<void> =>
  write(rowsOf(dir), async (file) => {
    for (const row of rows) await file.appendFile(`${JSON.stringify(row)}\n`);
  });

/** The samples that a strategy can ask, and how many it cannot, by reason. */
function askable(strategy: Strategy, all: readonly EvaluationSample[]) {
  const skipped: Record<string, number> = {};
  const samples = all.filter(({ sample }) => {
    const lack = missingFor(strategy, sample);
    if (lack !== null) skipped[lack] = (skipped[lack] ?? 0) + 1;
    return lack === null;
  });
  return { samples, skipped };
}

/** Splits rows into batches whose pictures an engine can hold together; always into the same ones. */
function* batchesOf(
  samples: readonly EvaluationSample[],
  strategy: Strategy,
  { imagesKept }: SamplerInfo,
): Generator<EvaluationSample[]> {
  const exemplars = exemplarImages(strategy).length;
  let batch: EvaluationSample[] = [];
  let images = 0;
  for (const one of samples) {
    const own = imagesShown(strategy, one.sample).length;
    const full = exemplars + images + own > (imagesKept ?? Infinity) || batch.length === AT_ONCE;
    if (full && batch.length > 0) {
      yield batch;
      batch = [];
      images = 0;
    }
    batch.push(one);
    images += own;
  }
  if (batch.length > 0) yield batch;
}
