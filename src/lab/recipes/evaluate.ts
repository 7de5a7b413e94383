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
import { makeFolder } from '../files/folders.ts';
import { LineWriter } from '../runs/append.ts';
import { lockFolder, type FolderLock } from '../runs/lock.ts';
import { programVersions } from '../runs/versions.ts';
import { answerSamples, refusalOf } from '../evaluation/answer.ts';
import { eachAtOnce } from '../evaluation/at-once.ts';
import type { EvaluationOptions } from '../evaluation/plan.ts';
import { measurePace, type Pace } from '../evaluation/pace.ts';
import { rowOf } from '../evaluation/evaluated.ts';
import {
  isAnswered,
  type AnswerSegment,
  type EvaluationRow,
  type MeasuredRow,
} from '../../core/metrics/evaluation-row.ts';
import { evaluationManifestSchema, type EvaluationResult } from '../../core/metrics/results.ts';
import { parseRecord } from '../../core/record.ts';
import { evaluationSamples, hashOf, setFiles, type EvaluationSample } from '../evaluation/samples.ts';
import type { BrokenRow } from '../datasets/row-file.ts';
import { summarise } from '../evaluation/summarise.ts';
import { judgeRows, withSimilarities, type Judge } from '../evaluation/judge.ts';
import { withOwnMetrics } from '../evaluation/own-metrics.ts';
import { settle } from '../evaluation/settle.ts';
import { JUDGED, ROWS, StoredRows } from '../evaluation/stored-rows.ts';
import { readText } from '../files/regular.ts';
import type { ViewId } from '../../core/view-list.ts';
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

/** Told before the first batch of a long evaluation: how long the questions tried took, and how many there are. */
type OnPace = (pace: Pace & { questions: number }) => void;

/** How many full batches make an evaluation long. */
const LONG = 4;

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
  onPace?: OnPace,
): Promise<Evaluation> {
  const parent = dirname(dir);
  const isFirst = !existsSync(parent);
  await makeFolder(dir);
  const lock = await lockFolder(dir);
  // If another process has taken the folder over, it asks the same questions, so stop paying for answers here.
  const signal = AbortSignal.any([lock.lost, ...(options.signal ? [options.signal] : [])]);
  const own = ['manifest.json', ROWS].map((name) => join(dir, name));
  const isNew = !existsSync(own[0]!);
  try {
    const manifest = await manifestOf(dir, options);
    const begin = () => lock.writeJson('manifest.json', manifest);
    const { samples, skipped } = await answerAll(
      open,
      begin,
      lock,
      { ...options, signal },
      (done, total) => onProgress(done, total, 'answers'),
      onPace,
    );
    const stored = () => StoredRows.open(dir, samples, options.sampling.n);
    const { judge, encoder, metrics, root } = options;
    const unjudged = judge
      ? await judgeAll(lock, stored, judge, signal, (done, total) => onProgress(done, total, 'verdicts'))
      : 0;
    const { rows, failed, reason } = await settle(lock, await stored(), [
      ...(encoder ? [(rows: EvaluationRow[]) => withSimilarities(rows, encoder)] : []),
      ...(metrics ? [(rows: EvaluationRow[]) => withOwnMetrics(rows, metrics, root)] : []),
    ]);
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
function judgesOf(rows: readonly MeasuredRow[]): NonNullable<MeasuredRow['judge']>[] {
  const all = rows.flatMap(({ judge }) => judge ?? []);
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
  growing,
  about,
}: Omit<EvaluationOptions, 'root' | 'judge' | 'encoder' | 'metrics' | 'signal'>): Promise<string> {
  const rows = growing ?? (await setFiles(sets)).map(({ set, sha256: hash }) => [set, hash]);
  return hashOf([rows, strategy, sampling, views, limit ?? null, about]);
}

/** @throws if the folder holds an evaluation of something else. */
async function manifestOf(
  dir: string,
  { sets, root, views, strategy, sampling, limit, growing, about }: EvaluationOptions,
): Promise<object> {
  const plan = { sets, root, views, strategy, sampling, limit };
  const data = await setFiles(sets);
  const content = await contentHash({ ...plan, growing, about });
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

/** All samples that can be asked, and how many cannot, by reason. */
async function plannedSamples(
  options: EvaluationOptions,
): Promise<{ samples: EvaluationSample[]; skipped: Record<string, number> }> {
  const broken: BrokenRow[] = [];
  const lacking = new Map<ViewId, number>();
  const all = await evaluationSamples(
    options,
    (why) => broken.push(why),
    (view) => lacking.set(view, (lacking.get(view) ?? 0) + 1),
  );
  const { samples, skipped } = askable(options.strategy, all);
  if (samples.length === 0 && broken.length > 0) throw new DataError('no-row', broken[0]!.message);
  for (const [view, n] of lacking) skipped[`there is no ${view} of them`] = n;
  for (const { message } of broken.slice(0, EXPLAINED)) skipped[message] = 1;
  if (broken.length > EXPLAINED) skipped['they cannot be read, either'] = broken.length - EXPLAINED;
  return { samples, skipped };
}

/**
 * Asks the first questions of an evaluation, and keeps nothing.
 * @returns how many questions there are, how long those tried took, and how many cannot be asked, by reason
 */
export async function tryEvaluation(
  open: () => Promise<Sampler>,
  options: EvaluationOptions,
): Promise<Pace & { questions: number; skipped: Record<string, number> }> {
  const { samples, skipped } = await plannedSamples(options);
  const { strategy, sampling } = options;
  if (samples.length === 0) return { questions: 0, tried: 0, seconds: 0, skipped };
  const sampler = await open();
  const refusal = refusalOf(sampler.info(), strategy, samples, sampling);
  if (refusal !== null) throw new Error(refusal);
  const [batch] = batchesOf(samples, strategy, sampler.info());
  const pace = await measurePace(sampler, batch!, strategy, sampling);
  // An endpoint is asked for each completion by itself.
  const each = sampler.info().engine === 'openai' ? sampling.n : 1;
  return { ...pace, questions: each * samples.length, skipped };
}

/**
 * Asks everything that the folder does not contain yet.
 * @param begin called before the first row is written.
 * @returns all samples that can be asked.
 */
async function answerAll(
  open: () => Promise<Sampler>,
  begin: () => Promise<void>,
  lock: FolderLock,
  options: EvaluationOptions,
  onProgress: (done: number, total: number) => void,
  onPace?: OnPace,
): Promise<{ samples: EvaluationSample[]; skipped: Record<string, number> }> {
  const { strategy, signal } = options;
  const sampling = { ...options.sampling, ...(signal && { signal }) };
  const { samples, skipped } = await plannedSamples(options);
  const stored = await StoredRows.open(lock.dir, samples, sampling.n);
  await stored.close();
  const missing = samples.flatMap((one) =>
    Array.from({ length: sampling.n }, (_, i) => ({ one, i })).filter(({ i }) => !stored.has(one, i)),
  );
  if (missing.length === 0) return { samples, skipped };
  const sampler = await open();
  const refusal = refusalOf(sampler.info(), strategy, samples, sampling);
  if (refusal !== null) throw new Error(refusal);
  await begin();
  const writer = await LineWriter.open(lock, join(lock.dir, ROWS), (row) =>
    isAnswered(row as unknown as EvaluationRow),
  );
  const total = samples.length * sampling.n;
  let done = total - missing.length;
  const keep = async (one: EvaluationSample, i: number, segments: AnswerSegment[]) => {
    await writer.append(rowOf(one, segments, strategy, sampling.n > 1 ? i : undefined));
    done += 1;
  };
  try {
    if (sampler.info().engine === 'openai') {
      await eachAtOnce(
        missing,
        endpointCalls(samples, strategy, sampler.info()),
        async ({ one, i }, stop) => {
          const asking = { ...sampling, n: 1, first: i, signal: stop };
          return (await answerSamples(sampler, [one], strategy, asking))[0]![0]!;
        },
        async ({ one, i }, segments) => {
          await keep(one, i, segments);
          onProgress(done, total);
        },
        signal,
      );
    } else {
      const lacks = new Set(missing.map(({ one }) => one));
      const batches = [...batchesOf(samples, strategy, sampler.info())];
      if (onPace && lacks.size > LONG * AT_ONCE) {
        const pace = await measurePace(sampler, batches[0]!, strategy, sampling);
        onPace({ ...pace, questions: lacks.size });
      }
      // A batch with anything left is asked as a whole, because what an engine draws may depend on the place in the
      // call.
      for (const batch of batches) {
        if (!batch.some((one) => lacks.has(one))) continue;
        signal?.throwIfAborted();
        const answers = await answerSamples(sampler, batch, strategy, sampling);
        for (const [f, one] of batch.entries())
          for (const [i, segments] of answers[f]!.entries())
            if (!stored.has(one, i)) await keep(one, i, segments);
        onProgress(done, total);
      }
    }
  } finally {
    await writer.close();
  }
  return { samples, skipped };
}

/** How many completions of an endpoint to ask at once: as many as it can keep the pictures of. */
function endpointCalls(
  samples: readonly EvaluationSample[],
  strategy: Strategy,
  { imagesKept }: SamplerInfo,
): number {
  const most = samples.reduce((n, { sample }) => Math.max(n, imagesShown(strategy, sample).length), 1);
  const pictures = exemplarImages(strategy).length + most;
  return Math.max(1, Math.min(AT_ONCE, Math.floor((imagesKept ?? Infinity) / pictures)));
}

/** Has rows judged; each verdict is kept as it arrives. @returns how many got none */
async function judgeAll(
  lock: FolderLock,
  stored: () => Promise<StoredRows>,
  judge: Judge,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<number> {
  const rows = await stored();
  const writer = await LineWriter.open(lock, join(lock.dir, JUDGED));
  try {
    return await judgeRows(rows, judge, (row) => writer.append(row), signal, onProgress);
  } finally {
    await writer.close();
    await rows.close();
  }
}

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
