import { join } from 'node:path';
import { exemplarImages, imagesShown, missingFor, type Strategy } from '../../core/prompts/strategy.ts';
import { isAnswered, type AnswerSegment, type EvaluationRow } from '../../core/evaluation/evaluation-row.ts';
import type { ViewId } from '../../rows/view-list.ts';
import { acceptsAll } from '../../engines/features.ts';
import type { Sampler, SamplerInfo } from '../../engines/sampler.ts';
import { DataError } from '../datasets/data-error.ts';
import type { ImageFiles } from '../datasets/image-files.ts';
import { BrokenRow } from '../datasets/row-file.ts';
import { inOrder } from '../files/in-order.ts';
import { PictureLooks } from '../datasets/usable-rows.ts';
import { LineWriter } from '../runs/line-writer.ts';
import type { FolderLock } from '../runs/folder-lock.ts';
import { answerSamples, refusalOf, rowOf } from './answer-samples.ts';
import { eachAtOnce } from './at-once.ts';
import { clipTokens, type ClipTokens } from './clip-tokens.ts';
import { judgeRows, type Judge } from './judge.ts';
import type { EvaluationOptions } from './evaluation-plan.ts';
import { type EvaluationSample, rowsAsRead, type SetFile, withSets } from './evaluation-samples.ts';
import { surveyOf } from './set-survey.ts';
import { ROWS, StoredRows } from './stored-rows.ts';

/** Callbacks that are called before the first question is sent. */
export interface Told {
  /** Receives, for a long evaluation, the duration of the first questions, and the total number of questions. */
  pace?: (pace: Pace & { questions: number }) => void;
  /** Receives the number of clip tokens if an endpoint answers, because tokens cost time and money. */
  clips?: (tokens: ClipTokens) => void;
}

/** Minimum number of full batches of a long evaluation. */
const LONG = 4;

/** Number of concurrent views, or endpoint calls, unless the engine sets another number or holds fewer images. */
const AT_ONCE = 64;

/** Maximum number of broken rows that are described. Further broken rows are only counted. */
const EXPLAINED = 20;

/** Number of rows whose images are checked concurrently. */
const LOOKS = 16;

/** Cache of image checks, because a run evaluates the same rows every few steps. */
const looked = new WeakMap<ImageFiles, PictureLooks>();

/** Rows and views that can be evaluated, and the number of other rows and views by reason. */
interface Plan {
  samples: EvaluationSample[];
  skipped: Record<string, number>;
  /** Number of rows and views so far that cannot be evaluated, except those of broken rows. */
  left: number;
}

/**
 * Yields the rows and views that can be evaluated, each as soon as it is read. Adds them to the plan, and at the end
 * the number of other rows and views.
 * @param isKept whether all answers to a row and view are stored, so that its images can be missing
 */
async function* plannedSamples(
  options: EvaluationOptions & { files: readonly SetFile[] },
  plan: Plan,
  isKept: (sample: EvaluationSample) => boolean = () => false,
): AsyncGenerator<EvaluationSample> {
  const broken: string[] = [];
  const lacking = new Map<ViewId, number>();
  const unseen = new Set<string>(); // Collects ids of rows, because one row can have several views.
  const { samples, skipped } = plan;
  const checked = inOrder(rowsAsRead(options), LOOKS, async (row) => {
    if (row instanceof BrokenRow || typeof row === 'string') return { row };
    const lack = missingFor(options.strategy, row.sample);
    return lack !== null || isKept(row) ? { row, lack } : { row, why: await pictureFault(row, options) };
  });
  for await (const { row, lack, why } of checked) {
    if (row instanceof BrokenRow) broken.push(row.message);
    else if (typeof row !== 'string' && lack == null && why === undefined) {
      samples.push(row);
      yield row;
    } else {
      plan.left += 1;
      if (typeof row === 'string') lacking.set(row, (lacking.get(row) ?? 0) + 1);
      else if (lack != null) skipped[lack] = (skipped[lack] ?? 0) + 1;
      else unseen.add(`${row.set}: row ${JSON.stringify(row.id)}: ${why}`);
    }
  }
  broken.push(...unseen);
  if (samples.length === 0 && broken.length > 0) throw new DataError('no-row', broken[0]!);
  for (const [view, n] of lacking) skipped[`no ${view}`] = n;
  for (const message of broken.slice(0, EXPLAINED)) skipped[message] = 1;
  if (broken.length > EXPLAINED) skipped['unreadable rows'] = broken.length - EXPLAINED;
}

/** Returns the reason why an image that the strategy shows is unreadable. Undefined if all are readable. */
async function pictureFault({ images, sample }: EvaluationSample, { strategy, sound }: EvaluationOptions) {
  const looks = looked.get(images) ?? new PictureLooks(images, true, sound);
  looked.set(images, looks);
  const [problem] = await looks.problemsOf({ images: imagesShown(strategy, sample) });
  return problem?.message;
}

/**
 * Tries the first questions of an evaluation, and its judge on the answers, and stores nothing.
 * @returns the number of questions, the duration of the tried questions, and the number of unsupported rows by reason;
 * also the number of judged answers, and the duration of judging
 */
export async function tryEvaluation(
  open: () => Promise<Sampler>,
  options: EvaluationOptions,
): Promise<
  Pace & { questions: number; skipped: Record<string, number>; clips?: ClipTokens; judging?: Pace }
> {
  const plan: Plan = { samples: [], skipped: {}, left: 0 };
  await withSets(options, async (files) => {
    for await (const sample of plannedSamples({ ...options, files }, plan)) void sample;
  });
  const { samples, skipped } = plan;
  const { strategy, sampling, judge } = options;
  if (samples.length === 0) return { questions: 0, tried: 0, seconds: 0, skipped };
  const sampler = await open();
  const refusal = refusalOf(sampler.info(), strategy, samples, sampling);
  if (refusal !== null) throw new Error(refusal);
  const clips = sampler.info().engine === 'openai' ? await clipTokens(sampler, samples, strategy) : null;
  const [batch] = batchesOf(samples, options, sampler.info());
  const { answers, ...pace } = await measurePace(sampler, batch!, strategy, sampling);
  const rows = answers.flatMap(([sample, completions]) =>
    completions.map((segments) => rowOf(sample, segments, strategy)),
  );
  // An endpoint is called once per completion.
  const each = sampler.info().engine === 'openai' ? sampling.n : 1;
  return {
    ...pace,
    questions: each * samples.length,
    skipped,
    ...(clips && { clips }),
    ...(judge && { judging: await judgingPace(rows, judge) }),
  };
}

async function judgingPace(rows: readonly EvaluationRow[], judge: Judge): Promise<Pace> {
  let tried = 0;
  const start = performance.now();
  await judgeRows(
    {
      async *[Symbol.asyncIterator]() {
        yield* rows;
      },
    },
    judge,
    () => Promise.resolve(),
    undefined,
    () => void tried++,
  );
  return { tried, seconds: (performance.now() - start) / 1000 };
}

/**
 * Evaluates all rows and views that the folder does not contain yet.
 * @param begin called before the first row is written.
 * @returns all supported rows and views
 */
export async function answerAll(
  open: () => Promise<Sampler>,
  begin: () => Promise<void>,
  lock: FolderLock,
  options: EvaluationOptions & { files: readonly SetFile[] },
  onProgress: (done: number, total: number) => void,
  told: Told = {},
): Promise<Plan> {
  const { strategy, signal } = options;
  const sampling = { ...options.sampling, ...(signal && { signal }) };
  const stored = await StoredRows.open(lock.dir, [], sampling.n);
  await stored.close();
  const completions = Array.from({ length: sampling.n }, (_, i) => i);
  const plan: Plan = { samples: [], skipped: {}, left: 0 };
  const { samples } = plan;
  let isPlanned = false;
  let done = 0;
  const questions = (async function* (): AsyncGenerator<Question> {
    const hasAll = (sample: EvaluationSample) => completions.every((i) => stored.has(sample, i));
    for await (const sample of plannedSamples(options, plan, hasAll))
      for (const i of completions)
        if (stored.has(sample, i)) done += 1;
        else yield { sample, i };
    isPlanned = true;
  })();
  let writer: LineWriter | undefined;
  try {
    const first = await questions.next();
    if (first.done) return plan;
    const missing = [first.value];
    const sampler = await open();
    const info = sampler.info();
    const stream = await streamOf(options.files, options.limit, info);
    if (!stream) for await (const question of questions) missing.push(question);
    const refusal = refusalOf(info, strategy, samples, sampling);
    if (refusal !== null) throw new Error(refusal);
    await begin();
    writer = await LineWriter.open(lock, join(lock.dir, ROWS), (row) =>
      isAnswered(row as unknown as EvaluationRow),
    );
    /** Number of completions, estimated while rows are read. */
    const total = () => {
      const planned = samples.length * sampling.n;
      if (isPlanned) return planned;
      return Math.round((planned * stream!.rows * options.views.length) / (samples.length + plan.left));
    };
    const keep = async (evaluationSample: EvaluationSample, i: number, segments: AnswerSegment[]) => {
      await evaluationSample.decide?.();
      await writer!.append(rowOf(evaluationSample, segments, strategy, sampling.n > 1 ? i : undefined));
      done += 1;
    };
    if (info.engine === 'openai') {
      const ask = async ({ sample, i }: Question, stop?: AbortSignal) => {
        const asking = { ...sampling, n: 1, first: i, ...(stop && { signal: stop }) };
        return (await answerSamples(sampler, [sample], strategy, asking))[0]![0]!;
      };
      const clips =
        told.clips &&
        (await clipTokens(
          sampler,
          missing.map(({ sample }) => sample),
          strategy,
        ));
      if (clips) told.clips!(clips);
      const take = async ({ sample, i }: Question, segments: AnswerSegment[]) => {
        await keep(sample, i, segments);
        onProgress(done, total());
      };
      if (options.alike && done === 0) {
        const question = missing.shift()!;
        const segments = await ask(question);
        requireAnswer(segments, info.model);
        await take(question, segments);
      }
      // An async generator that delegates would take as long as a prompt.
      const all: AsyncIterableIterator<Question> = {
        [Symbol.asyncIterator]: () => all,
        next: () => (missing[0] ? Promise.resolve({ value: missing.shift()! }) : questions.next()),
      };
      const most =
        stream?.images ??
        samples.reduce((n, { sample }) => Math.max(n, imagesShown(strategy, sample).length), 1);
      await eachAtOnce(stream ? all : missing, endpointCalls(most, strategy, info), ask, take, signal);
    } else {
      const lacks = new Set(missing.map(({ sample }) => sample));
      const batches = [...batchesOf(samples, options, info)];
      if (told.pace && lacks.size > LONG * AT_ONCE) {
        const pace = await measurePace(sampler, batches[0]!, strategy, sampling);
        told.pace({ ...pace, questions: lacks.size });
      }
      // Repeats an incomplete batch as a whole, because an engine's samples can depend on the position in the call.
      for (const batch of batches) {
        if (!batch.some((evaluationSample) => lacks.has(evaluationSample))) continue;
        signal?.throwIfAborted();
        const answers = await answerSamples(sampler, batch, strategy, sampling);
        for (const [f, sample] of batch.entries())
          for (const [i, segments] of answers[f]!.entries())
            if (!stored.has(sample, i)) await keep(sample, i, segments);
        onProgress(done, total());
      }
    }
  } finally {
    await questions.return(undefined);
    await writer?.close();
  }
  return plan;
}

/** Question about a row in a view, with the number of the completion. */
interface Question {
  sample: EvaluationSample;
  i: number;
}

/**
 * Returns the number of rows, and the maximum number of images of a row, if an endpoint can be asked while rows are
 * read. Null if all rows must be read first: the model might refuse some, or the tokens of clips are reported first.
 */
async function streamOf(
  files: readonly SetFile[],
  limit: number | undefined,
  info: SamplerInfo,
): Promise<{ rows: number; images: number } | null> {
  if (info.engine !== 'openai' || !acceptsAll(info)) return null;
  const surveys = await Promise.all(files.map(({ file }) => surveyOf(file, limit)));
  if (surveys.some(({ hasClips }) => hasClips)) return null;
  return surveys.reduce((all, { rows, images }) => ({
    ...all,
    rows: all.rows + rows,
    images: Math.max(all.images, images),
  }));
}

/** @throws DataError if the first question got no answer, so that no other question would get an answer */
function requireAnswer(segments: readonly AnswerSegment[], model: string): void {
  const error = segments.map((segment) => segment.error).find((message) => message !== undefined);
  if (error === undefined) return;
  throw new DataError('no-answer', `${model} returned no answer to the first question: ${error}`, {
    fix: 'The other questions were not evaluated. Correct the problem, and run the command again.',
  });
}

/**
 * Returns the number of concurrent calls to an endpoint, limited by the number of images that the engine can hold.
 * @param most maximum number of images of a row
 */
function endpointCalls(most: number, strategy: Strategy, { imagesKept }: SamplerInfo): number {
  const pictures = exemplarImages(strategy).length + most;
  return Math.max(1, Math.min(AT_ONCE, Math.floor((imagesKept ?? Infinity) / pictures)));
}

/** Splits rows into deterministic batches whose images the engine can hold. */
function* batchesOf(
  samples: readonly EvaluationSample[],
  { strategy, sampling }: EvaluationOptions,
  { imagesKept, completionsAtOnce }: SamplerInfo,
): Generator<EvaluationSample[]> {
  const most = Math.max(AT_ONCE, Math.floor((completionsAtOnce ?? 0) / sampling.n));
  const exemplars = exemplarImages(strategy).length;
  let batch: EvaluationSample[] = [];
  let images = 0;
  for (const sample of samples) {
    const shown = imagesShown(strategy, sample.sample).length;
    const full = exemplars + images + shown > (imagesKept ?? Infinity) || batch.length === most;
    if (full && batch.length > 0) {
      yield batch;
      batch = [];
      images = 0;
    }
    batch.push(sample);
    images += shown;
  }
  if (batch.length > 0) yield batch;
}

/** Duration of an evaluation's first questions, from which the total duration is estimated. */
export interface Pace {
  tried: number;
  seconds: number;
}

/** A question with its completions, each as the segments of its stages. */
type Answered = [EvaluationSample, AnswerSegment[][]];

/** Minimum duration of a valid measurement, in seconds. */
const TELLING = 2;
/** Number of questions to try first, and growth factor while the duration is too short to measure. */
const [FIRST, GROWTH] = [4, 4];
/** Number of questions to try on an endpoint, all concurrently. The answers are cached. */
const OF_ENDPOINT = 8;

/**
 * Evaluates the first questions of a batch, and more until the duration is long enough to measure, because large
 * batches are faster per question. Later samples of the model are not affected.
 */
async function measurePace(
  sampler: Sampler,
  batch: readonly EvaluationSample[],
  strategy: Strategy,
  sampling: EvaluationOptions['sampling'] & { signal?: AbortSignal },
): Promise<Pace & { answers: Answered[] }> {
  if (sampler.info().engine === 'openai') {
    const some = batch.slice(0, OF_ENDPOINT);
    const answers: Answered[] = [];
    const start = performance.now();
    await eachAtOnce(
      some,
      OF_ENDPOINT,
      async (evaluationSample, signal) =>
        answerSamples(sampler, [evaluationSample], strategy, { ...sampling, n: 1, first: 0, signal }),
      (evaluationSample, [completions]) => {
        answers.push([evaluationSample, completions!]);
        return Promise.resolve();
      },
      sampling.signal,
    );
    return { tried: some.length, seconds: (performance.now() - start) / 1000, answers };
  }
  // Evaluates the first question once, to warm up the engine.
  await answerSamples(sampler, batch.slice(0, 1), strategy, { ...sampling, apart: true });
  for (let count = FIRST; ; count *= GROWTH) {
    const some = batch.slice(0, count);
    const start = performance.now();
    const completions = await answerSamples(sampler, some, strategy, { ...sampling, apart: true });
    const seconds = (performance.now() - start) / 1000;
    if (seconds >= TELLING || some.length === batch.length)
      return {
        tried: some.length,
        seconds,
        answers: some.map((evaluationSample, i) => [evaluationSample, completions[i]!]),
      };
  }
}
