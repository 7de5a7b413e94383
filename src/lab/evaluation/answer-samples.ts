import type { Score } from '../../core/answers/score-schema.ts';
import type { ScoreInput } from '../../core/answers/score.ts';
import { choicesOf } from '../../rows/read/inline-options.ts';
import { dirname } from 'node:path';
import { shownGraph, shuffleNames } from '../../core/prompts/describe-graph.ts';
import {
  asShown,
  asksAsTrained,
  exemplarImages,
  imagesShown,
  missingFor,
  refKey,
  stagePrompt,
  type RowToAsk,
  type Stage,
  type Strategy,
} from '../../core/prompts/strategy.ts';
import type { AnswerSegment, EvaluationRow } from '../../core/evaluation/evaluation-row.ts';
import type { Prompt } from '../../core/prompts/message.ts';
import { Random } from '../../base/random.ts';
import { clipOf, isClip, isFrame, timesOf } from '../../rows/sample/clip.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import type { ViewId } from '../../rows/view-list.ts';
import { featuresOfPrompt, featuresOfSampling, unsupported, unknownWords } from '../../engines/features.ts';
import type { Feature, Sampler, SamplerInfo, TextCompletion } from '../../engines/sampler.ts';
import { DataError } from '../datasets/data-error.ts';
import { timesIn } from '../datasets/frame-cache.ts';
import { defaultDataRoot, ImageFiles } from '../datasets/image-files.ts';
import { inOrder } from '../files/in-order.ts';
import { newPixelsOf, ofDepthMap } from '../images/view-picture.ts';
import { putImage } from '../rollouts/draw-groups.ts';
import { scoreRow } from '../../core/answers/score-row.ts';
import { isRightAnswer } from '../../core/answers/verdict.ts';
import { attribute } from '../../core/metrics/attribution.ts';
import { isUnparsed } from '../../core/evaluation/scored-row.ts';
import type { EvaluationSample } from './evaluation-samples.ts';

/** Settings for sampling completions. A stage can have its own token limit. */
export interface Asking {
  /** Number of completions per row, ≥ 1. */
  n: number;
  /** Number of the first completion per row. Only for endpoints, where completions do not depend on the call. */
  first?: number;
  /** Sampling temperature. 0 means greedy decoding. */
  temperature: number;
  topP: number;
  maxTokens: number;
  /** Seed of the random stream. Unused at temperature 0. */
  seed: number;
  /** Whether greedy calls also pass the seed, so that these calls do not advance the engine's random stream. */
  apart?: boolean;
  /** Signal that aborts the calls, which then reject. */
  signal?: AbortSignal;
}

interface SampleToAsk {
  sample: Sample;
  view: ViewId;
  images: ImageFiles;
}

type OnSegment = (sample: number, completion: number, segment: AnswerSegment, prompt: Prompt) => void;

/**
 * Samples completions of rows with a prompting strategy, stage by stage. A completion ends at a stage whose call fails.
 * If earlier text leaves no room for a later stage, the completion ends with an empty, truncated segment (R48).
 * @param onSegment callback whose errors end the call.
 * @returns for each row its `n` completions, each as the segments of its stages. Completions do not depend on other
 * rows if the engine handles seeds correctly.
 * @throws if a row lacks input that the strategy shows, leaves no room for a completion, or has an unreadable image.
 */
export async function answerSamples(
  sampler: Sampler,
  samples: readonly SampleToAsk[],
  strategy: Strategy,
  asking: Asking,
  onSegment: OnSegment = () => undefined,
): Promise<AnswerSegment[][][]> {
  const rows = await putAll(sampler, samples, strategy);
  const { first = 0 } = asking;
  const drawn = rows.map((row, index) =>
    Array.from({ length: asking.n }, (_, i): Drawn => ({
      row,
      segments: [],
      written: {},
      hasEnded: false,
      report: (segment, prompt) => onSegment(index, i, segment, prompt),
    })),
  );
  for (const [s, stage] of strategy.stages.entries()) {
    const ask = async (groups: readonly (readonly Drawn[])[], n: number, seed: number) => {
      const prompts = groups.map(([first]) => stagePrompt(stage, first!.row, first!.written));
      const { temperature, topP, signal } = asking;
      const maxTokens = stage.max_tokens ?? asking.maxTokens;
      const sampling: Parameters<Sampler['complete']>[1] = { n, temperature, topP, maxTokens };
      if (temperature > 0 || asking.apart) sampling.seed = seed;
      if (s === 0 && first > 0) sampling.first = first;
      if (s > 0) sampling.overlong = 'cut';
      if (signal) sampling.signal = signal;
      signal?.throwIfAborted();
      const answers = await sampler.complete(prompts, sampling);
      groups.forEach((group, i) =>
        group.forEach((member, j) => take(member, stage, prompts[i]!, answers[i]![j]!)),
      );
      const tooLong = groups
        .filter((_, i) => answers[i]![0]!.noRoom)
        .map(([member]) => stagePrompt(stage, member!.row, unwritten(strategy)));
      if (tooLong.length > 0)
        await sampler.complete(tooLong, { n: 1, temperature: 0, topP: 1, maxTokens: 1, signal });
    };
    if (s === 0) await ask(drawn, asking.n, asking.seed);
    // Each completion continues its own text. Completions with own seeds can differ after equal texts.
    else
      for (let i = 0; i < asking.n; i++) {
        const alive = drawn.flatMap((group) => (group[i]!.hasEnded ? [] : [[group[i]!]]));
        const seed = Random.from(asking.seed)
          .fork(`${s}/${first + i}`)
          .below(2 ** 31);
        if (alive.length > 0) await ask(alive, 1, seed);
      }
  }
  return drawn.map((group) => group.map(({ segments }) => segments));
}

/** A completion with its segments up to the current stage. */
interface Drawn {
  row: RowToAsk;
  segments: AnswerSegment[];
  /** Texts that later stages show, by the name of the stage that wrote the text. */
  written: Record<string, string>;
  /** Whether the last stage failed, or left no room for a further stage. */
  hasEnded: boolean;
  report: (segment: AnswerSegment, prompt: Prompt) => void;
}

function take(drawn: Drawn, stage: Stage, prompt: Prompt, completion: TextCompletion): void {
  const { text, stopReason, error, noRoom = false } = completion;
  const graph = stage.graph && shownGraph(text, stage.graph.missing);
  drawn.segments.push({
    stage: stage.name,
    text,
    stop_reason: stopReason,
    ...(graph && { source: graph.source }),
    ...(error !== undefined && { error }),
  });
  drawn.hasEnded = noRoom || stopReason === 'failed';
  drawn.report(drawn.segments.at(-1)!, prompt);
  drawn.written[stage.name] = graph ? dealt(graph.shown, stage, drawn.row) : text.trim();
}

const unwritten = ({ stages }: Strategy) => Object.fromEntries(stages.map(({ name }) => [name, '']));

function dealt(shown: string, { graph }: Stage, { sample }: RowToAsk): string {
  if (!graph?.shuffled || !shown.startsWith('{')) return shown;
  return JSON.stringify(shuffleNames(JSON.parse(shown) as unknown, Random.from(`names of ${sample.id}`)));
}

/** Number of rows whose images are read concurrently. While the engine processes a row, further rows are read. */
const AT_ONCE = 8;

async function putAll(
  sampler: Sampler,
  samples: readonly SampleToAsk[],
  strategy: Strategy,
): Promise<RowToAsk[]> {
  const shared = new Map<string, string>();
  for (const { file, image } of exemplarImages(strategy)) {
    const files = new ImageFiles(dirname(file), defaultDataRoot(file));
    try {
      shared.set(refKey(image, file), await putImage(sampler, image, files));
    } finally {
      await files.close();
    }
  }
  const info = sampler.info();
  const putRow = async ({ sample: whole, view, images }: SampleToAsk): Promise<RowToAsk> => {
    const lack = missingFor(strategy, whole);
    if (lack !== null)
      throw new Error(`Cannot use row "${whole.id}" with the strategy ${strategy.name}: ${lack}.`);
    const sample = asShown(whole, strategy);
    const hashes = new Map(shared);
    const made = newPixelsOf(view, sample);
    const depthMap = sample.depth_map;
    for (const image of imagesShown(strategy, sample)) {
      const pixels = image === depthMap ? ofDepthMap(made) : made;
      const isBlank = strategy.frames === 'blank-frames' && image !== depthMap;
      hashes.set(refKey(image), await putImage(sampler, image, images, pixels, isBlank));
    }
    const times = asksAsTrained(strategy) ? null : await frameTimes(sample, images, info);
    const clip = times ? { times_s: times, isVideo: info.showsVideos ?? false } : undefined;
    return { sample, view, hashes, clip };
  };
  if (samples.length === 1) return [await putRow(samples[0]!)];
  const rows: RowToAsk[] = [];
  for await (const row of inOrder(samples, AT_ONCE, putRow)) rows.push(row);
  return rows;
}

/**
 * Returns the timestamps of a clip's frames, for models with an open vocabulary. Null for other rows. Models with a
 * closed vocabulary are trained and evaluated without timestamps.
 */
async function frameTimes(
  sample: Sample,
  files: ImageFiles,
  { vocabulary }: SamplerInfo,
): Promise<readonly number[] | null> {
  if (!isClip(sample) || sample.images.length < 2 || vocabulary) return null;
  const times = timesOf(sample);
  if (times || !sample.video || !sample.images.every(isFrame)) return times;
  const { path, start_s } = sample.video;
  const part = { frames: sample.images.length, ...(start_s !== undefined && { start_s }) };
  return timesIn(part, await files.videoLength(path), path);
}

/**
 * Returns a message with the features that a strategy requires but an engine lacks, or null. Texts that the model will
 * write for later stages are unknown, and not checked.
 */
export function refusalOf(
  info: SamplerInfo,
  strategy: Strategy,
  samples: Iterable<Pick<SampleToAsk, 'sample' | 'view'>>,
  { n, temperature, topP, maxTokens, seed }: Asking,
): string | null {
  const sampling = { n, temperature, topP, maxTokens, ...(temperature > 0 && { seed }) };
  const needed = new Set<Feature>(featuresOfSampling(sampling));
  const words = new Set<string>();
  let isOfStrategy = false;
  const written = unwritten(strategy);
  for (const { sample, view } of samples) {
    const prompts = strategy.stages.map((stage) =>
      stagePrompt(stage, { sample: asShown(sample, strategy), view, hashes: NONE }, written),
    );
    for (const feature of prompts.flatMap(featuresOfPrompt)) needed.add(feature);
    const question = [sample.question, ...(sample.choices ?? [])].join(' ');
    for (const word of unknownWords(info, prompts)) {
      words.add(word);
      isOfStrategy ||= !question.includes(word);
    }
  }
  const problems = unsupported(info, [...needed]).map(({ message }) => message);
  const isUnsuited = isOfStrategy || problems.length > 0;
  if (words.size > 0) {
    const listed = info.vocabulary!.filter((word) => /^[a-z-]+$/.test(word));
    const some = [...words].slice(0, 5).map((word) => {
      const lower = word.toLowerCase();
      return JSON.stringify(word) + (listed.includes(lower) ? ` (but "${lower}")` : '');
    });
    const list = some.join(', ') + (words.size > some.length ? ` and ${words.size - some.length} more` : '');
    problems.push(
      `The ${info.engine} model does not know ${list}. Use only the words ${listed.join(', ')}. To create rows in these words, run \`chirality worlds --style compact\`.`,
    );
  }
  if (isUnsuited) problems.unshift(`The strategy "${strategy.name}" does not work with ${info.model}.`);
  return problems.join(' ') || null;
}

/** @param what word for the evaluated data. @throws DataError if the strategy does not suit the rows or the model */
export function requireAskable(
  sampler: Sampler,
  what: string,
  samples: readonly Pick<SampleToAsk, 'sample' | 'view'>[],
  strategy: Strategy,
  asking: Asking,
): void {
  const lack = samples.map(({ sample }) => missingFor(strategy, sample)).find((lacks) => lacks !== null);
  if (lack)
    throw new DataError('ask-lack', `Cannot use the ${what} with the strategy ${strategy.name}: ${lack}.`);
  const refusal = refusalOf(sampler.info(), strategy, samples, asking);
  if (refusal !== null) throw new DataError('ask-refused', refusal);
}

const NONE: ReadonlyMap<string, string> = new Map();

/** Scores a completion. @param index number of the completion; undefined for a single completion */
export function rowOf(
  { set, view, id, sample: whole }: Omit<EvaluationSample, 'images'>,
  segments: AnswerSegment[],
  strategy: Strategy,
  index?: number,
): EvaluationRow {
  const sample = asShown(whole, strategy);
  const score = scoreRow({ ...sample, completion: answerIn(segments, strategy) });
  const row = answeredRow({ id, set, view }, sample, segments, score, index);
  const drawn = drawnIn(segments, strategy);
  const outcome = row.right ? 'right' : isUnparsed(row) ? 'unparsed' : 'wrong';
  const attribution = drawn === undefined || row.right === null ? null : attribute(sample, drawn, outcome);
  return attribution ? { ...row, attribution } : row;
}

/** Returns the row of a scored answer, without an attribution. Spreading the optional keys would take 60 times as long. */
export function answeredRow(
  name: Pick<EvaluationRow, 'id' | 'set' | 'view'>,
  sample: ScoreInput & Pick<Sample, 'question' | 'answer' | 'images' | 'source' | 'meta' | 'clip' | 'video'>,
  segments: AnswerSegment[],
  score: Score,
  index?: number,
): EvaluationRow {
  const { question, answer, images, source, answers, credit, found_task } = sample;
  return {
    id: name.id,
    set: name.set,
    view: name.view,
    completion_index: index,
    question,
    answer,
    answers,
    credit,
    choices: choicesOf(sample),
    found_task,
    images,
    clip: clipOf(sample).clip,
    source,
    meta: plainMeta(sample),
    segments,
    right: isRightAnswer(score, answer),
    score,
  };
}

/** Returns the text that contains the last graph. Undefined without a graph, or if names in the graph were shuffled. */
function drawnIn(segments: readonly AnswerSegment[], { stages }: Strategy): string | undefined {
  const drawing = stages.findLast(({ graph }) => graph !== undefined);
  return drawing?.graph?.shuffled ? undefined : segments.find(({ stage }) => stage === drawing?.name)?.text;
}

/** Returns the text to score, from the last stage. Empty if an earlier stage failed. */
export function answerIn(segments: readonly AnswerSegment[], { stages, extract }: Strategy): string {
  const text = segments.length === stages.length ? segments.at(-1)!.text : '';
  if (extract === 'whole' || /<\s*answer\s*>/i.test(text)) return text;
  return text.trim().split(/\n\s*/).at(-1)!;
}

/** Returns the values of a row's `meta` that an evaluation stores: all values except lists. */
const plainMeta = ({ meta }: Pick<Sample, 'meta'>): EvaluationRow['meta'] =>
  meta &&
  Object.fromEntries(
    Object.entries(meta).filter(
      (entry): entry is [string, string | number | boolean] =>
        entry[1] !== null && typeof entry[1] !== 'object',
    ),
  );
