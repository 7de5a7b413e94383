import { join } from 'node:path';
import { duration, fixed, money, several, thousands } from '../../base/format.ts';
import { printable } from '../../base/printable.ts';
import type { Encoder } from '../../lab/encoders/encoder.ts';
import type { Judge } from '../../lab/evaluation/judge.ts';
import { type Pace, tryEvaluation } from '../../lab/evaluation/questions.ts';
import { contentHash, evaluate, type Evaluation } from '../../lab/recipes/evaluate.ts';
import type { OwnPrograms } from '../../lab/own/own-program.ts';
import { JobError } from '../errors.ts';
import { note, print, printJson, tell } from '../print.ts';
import { Progress } from '../progress.ts';
import type { ClipTokens } from '../../lab/evaluation/clip-tokens.ts';
import type { Price } from '../values.ts';
import type { Target } from './target.ts';

/** Asks all questions without an answer in the evaluation's folder, and shows the progress. @returns also the folder */
export async function runTargetEvaluation(
  target: Target,
  more: {
    judge?: (Judge & { signal: AbortSignal }) | undefined;
    encoder?: Encoder | undefined;
    metrics?: OwnPrograms | undefined;
    /** Whether to hide the progress because the caller shows it. */
    quiet?: boolean;
    /** Called at each answer. */
    onAnswer?: () => unknown;
  } = {},
): Promise<Evaluation & { out: string }> {
  const out = join(target.folder, await evaluationId(target));
  const { quiet = false, onAnswer, ...others } = more;
  const plan = { ...target, ...others, signal: more.judge?.signal };
  let progress: Progress | undefined;
  let label = '';
  try {
    const evaluation = await evaluate(
      target.open,
      out,
      plan,
      (done, total, what) => {
        onAnswer?.();
        if (quiet) return;
        if (label !== what) progress?.end();
        if (label !== what || !progress) progress = new Progress(`${(label = what)}:`, total, target.cost);
        progress.update(done, total);
      },
      { pace: (pace) => note(paceText(pace)), clips: (clips) => note(clipsText(clips, target.price)) },
    );
    return { ...evaluation, out };
  } finally {
    progress?.end();
  }
}

/** Prints the number of skipped rows or views for each reason. Some reasons are whole sentences. */
export function tellSkipped(skipped: Readonly<Record<string, number>>): void {
  for (const [reason, n] of Object.entries(skipped)) tell(`${n} skipped: ${reason.replace(/\.?$/, '.')}`);
}

/**
 * Returns the estimated time of an evaluation from the tried questions.
 * @param cost cost of the tried questions; undefined if prices are unknown
 */
function paceText({ questions, tried, seconds }: Pace & { questions: number }, cost?: number): string {
  const [share, basis] = [questions / tried, `the first ${tried} took ${fixed(seconds, 1)} s`];
  const price = cost === undefined ? '' : ` and a price of about ${money(cost * share)}`;
  return `Estimate: ${duration(Math.ceil(seconds * share))}${price} for ${questions} questions (${basis}${cost === undefined ? '' : ` and cost ${money(cost)}`}).`;
}

/** Returns a text with the number of tokens in an evaluation's clips, and their cost if the token price is known. */
function clipsText({ questions, frames, width, height, tokens, isVideo }: ClipTokens, price?: Price): string {
  const asPictures = 'images; as videos (--video), they take about half if the server supports videos';
  const asVideo = 'one video each, in which two frames share their tokens';
  const as = frames === 1 ? 'one image each' : isVideo ? asVideo : asPictures;
  const cost = price ? ` at a price of about ${money((tokens * price.input) / 1e6)}` : '';
  return `Clips take about ${thousands(Math.ceil(tokens / questions))} tokens each, ${thousands(tokens)} for ${several(questions, 'question')}${cost}. Each has up to ${several(frames, 'frame')} of ${width} × ${height} pixels, sent as ${as}.`;
}

/**
 * Prints the number of questions of an evaluation, its estimated time, and its cost if prices are known. Asks the first
 * few questions, and writes no files.
 */
export async function tryTarget(
  target: Target,
  json: boolean,
  judge?: Judge & { cost(): number | undefined },
): Promise<void> {
  const { questions, tried, seconds, skipped, clips, judging } = await tryEvaluation(target.open, {
    ...target,
    judge,
  });
  const cost = target.cost?.();
  const judged = judging && { ...judging, cost: judge!.cost() };
  tellSkipped(skipped);
  if (clips) note(clipsText(clips, target.price));
  const share = tried > 0 ? questions / tried : 0;
  const costOf = (spent: number | undefined) => spent !== undefined && { cost: spent * share };
  if (json)
    printJson({
      questions,
      tried,
      seconds: seconds * share,
      ...costOf(cost),
      ...(judged && {
        judge: {
          answers: Math.round(judged.tried * share),
          tried: judged.tried,
          seconds: judged.seconds * share,
          ...costOf(judged.cost),
        },
      }),
    });
  else {
    print(tried > 0 ? paceText({ questions, tried, seconds }, cost) : 'No questions to evaluate.');
    if (judged && tried > 0) print(judgingText({ ...judged, questions, asked: tried }));
  }
  const used = target.used?.();
  if (used !== undefined) tell(used);
  const lacking = [
    ...(target.cost && cost === undefined ? ['--price'] : []),
    ...(judged && judged.tried > 0 && judged.cost === undefined ? ['--judge-price'] : []),
  ];
  if (lacking.length > 0 && tried > 0)
    note(
      `Cannot estimate the cost${lacking[0] === '--price' ? '' : ' of the judge'}. Pass the prices per million prompt and completion tokens with ${lacking.join(' and ')} IN,OUT.`,
    );
  note('Nothing was written except cached answers of the endpoint.');
}

/** Returns the estimated cost of the judge, from the tried questions that the judge scored. */
function judgingText({
  questions,
  asked,
  tried,
  seconds,
  cost,
}: Pace & { questions: number; asked: number; cost: number | undefined }): string {
  if (tried === 0) return `The first ${asked} questions required no judge.`;
  const share = questions / asked;
  const price = cost === undefined ? '' : ` and a price of about ${money(cost * share)}`;
  return `Judge: about ${duration(Math.ceil(seconds * share))} more${price} for about ${Math.round(tried * share)} answers (the first ${tried} took ${fixed(seconds, 1)} s${cost === undefined ? '' : ` and cost ${money(cost)}`}).`;
}

/** @throws JobError if some questions have no answer or some answers are not scored */
export function reportMissing({ failed, unjudged, reason }: Evaluation): void {
  const missing = [
    ...(failed > 0 ? [`${several(failed, 'question')} without an answer, counted as wrong.`] : []),
    ...(unjudged > 0 ? [`${several(unjudged, 'answer')} without a score by the judge.`] : []),
  ];
  const why = reason === undefined ? [] : [printable(reason, 500)];
  if (missing.length > 0)
    throw new JobError([...missing, ...why].join(' '), {
      fix: 'Run the same command to request the missing answers again.',
    });
}

/** Returns the evaluation's name with a hash of all relevant settings, so that a repeated request finds it again. */
async function evaluationId({ name, asTrained, ...plan }: Target): Promise<string> {
  if (asTrained) return name;
  const hash = (await contentHash(plan)).slice(0, 8);
  return [name, plan.strategy.name, ...Object.keys(plan.sets), hash].join('-').replace(/[^\w.-]+/g, '_');
}
