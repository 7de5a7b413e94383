import type { Problem } from '../problem.ts';
import { parseSample } from '../sample/parse-sample.ts';
import { isRecord } from '../json.ts';
import { OPEN_TASKS, type Extraction, type ScoreInput, type ScoreRow, type Task } from './score.ts';
import type { AnswerScore, OpenScore, Score } from './score-schema.ts';
import { bleuCounts, sentenceBleu } from './bleu.ts';
import { readCompletion } from './extract.ts';
import { isSameText } from './plain-text.ts';
import { lastSegment } from './prediction.ts';
import { choicesOf } from '../read/options.ts';
import { isTask, isTyped, scorers } from './score-tasks.ts';
import { ownTask, typeQuestion } from './task.ts';

type ParsedRow = { row: ScoreRow & { id: string }; problems: Problem[] } | { row: null; problems: Problem[] };

/**
 * Checks the shape of a decoded row with a completion (docs/records.md, Score). Fields shared with samples are checked
 * as in a sample, but question and reference may be missing. A row of an evaluation has `segments` instead of
 * `completion`; the last segment is the answer.
 */
export function parseScoreRow(value: unknown): ParsedRow {
  if (!isRecord(value)) return { row: null, problems: parseSample(value).problems };
  const { question, answer } = value;
  const { sample, problems } = parseSample({ ...value, question: question ?? '-', answer: '-' });
  const completion = value.completion ?? lastSegment(value)?.text;
  if (typeof completion !== 'string') {
    const missing: Problem = {
      severity: 'error',
      code: 'completion',
      path: 'completion',
      message: '"completion" must be the text of a completion.',
      fix: 'Add the text of a model under "completion".',
    };
    return { row: null, problems: [...problems, missing] };
  }
  if (!sample) return { row: null, problems };
  const row: ScoreRow & { id: string } = { ...sample, completion, answer };
  if (question == null) delete row.question;
  return { row, problems };
}

/** Returns the reference as text; "" if the row has none. */
export function referenceOf(row: ScoreInput): string {
  const reference = row.answer ?? row.ground_truth ?? '';
  return typeof reference === 'object'
    ? JSON.stringify(reference)
    : String(reference as string | number | boolean);
}

/**
 * Returns the row's own task if it is one of `TASKS`; else `mcq` if the row has choices, of its own or inside its question;
 * else, for the data sets of paper B, the type by its keyword lists; else what question and reference show (`ownTask`).
 */
export function taskOf(row: ScoreInput): Task {
  if (isTask(row.task)) return row.task;
  if (row.choices?.length) return 'mcq';
  if (row.found_task) return row.found_task;
  if (choicesOf({ ...row, answer: referenceOf(row) })) return 'mcq';
  const [question, reference] = [row.question ?? '', referenceOf(row)];
  return isTyped(row) ? typeQuestion(question, reference) : ownTask(question, reference);
}

/** The task that was found for a row which declares none; null for other rows. */
export const foundTask = (row: ScoreInput): Task | null =>
  isTyped(row) || row.choices?.length ? null : taskOf(row);

/**
 * Scores one completion against its reference. Never throws, whatever the text. A missing strict extraction scores as
 * "".
 */
export function scoreRow(row: ScoreRow, extraction: Extraction = 'lenient'): Score {
  const task = taskOf(row);
  const { format_ok, strict, lenient } = readCompletion(row.completion);
  const scored = extraction === 'strict' ? (strict ?? '') : lenient.text;
  return {
    task,
    format_ok,
    answer_text: lenient.text,
    answer_text_strict: strict,
    path: lenient.path,
    ...(extraction === 'strict' && { extraction }),
    ...scorers[task](scored, referenceOf(row), row),
    ...(OPEN_TASKS.some((open) => open === task) && openScore(scored, referenceOf(row))),
  } as Score;
}

function openScore(text: string, reference: string): OpenScore {
  const counts = bleuCounts(text, reference);
  return { bleu1: sentenceBleu(counts, 1), bleu2: sentenceBleu(counts, 2) };
}

/** Like `scoreRow`, for an answer that is already extracted, and without BLEU for open answers. */
export function scoreAnswer(answer: string, row: ScoreInput, task = taskOf(row)): AnswerScore {
  return { task, ...scorers[task](answer, referenceOf(row), row) } as AnswerScore;
}

/** Whether an answer is right, as evaluations count it: open answers by their text; null if no rule could judge it. */
export const isRightAnswer = (score: Score, reference: string): boolean | null =>
  isNotJudged(score) ? null : (isRight(score) ?? isSameText(scoredText(score), reference));

/** Returns the text that was scored. */
export function scoredText({ extraction, answer_text, answer_text_strict }: Score): string {
  return extraction === 'strict' ? (answer_text_strict ?? '') : answer_text;
}

/** Whether no rule decides on an answer of free text. */
export const isNotJudged = (score: AnswerScore): boolean => 'correct' in score && score.correct === null;

/**
 * What came of an answer: right or wrong; `unparsed`, if it gives none of the answers that its task can have, which counts
 * as wrong; `not_judged`, if it is free text on which no rule decides, which leaves the figure open.
 */
export function answerVerdict(
  score: Score,
  reference: string,
): 'right' | 'wrong' | 'unparsed' | 'not_judged' {
  const right = isRightAnswer(score, reference);
  if (right === null) return 'not_judged';
  return right ? 'right' : isUnread(score) ? 'unparsed' : 'wrong';
}

/** Whether an answer gives none of the answers that its task can have; false where there is no task to read. */
export function isUnread(score: AnswerScore): boolean {
  switch (score.task) {
    case 'distance':
    case 'area':
    case 'bbox':
    case 'point':
      return !score.completed;
    case 'yesno':
    case 'mcq':
    case 'count':
    case 'number':
    case 'side':
    case 'choice':
    case 'name':
      return score.parsed === null && score.correct !== null;
    case 'judge':
      return score.parsed === null;
    default:
      return false;
  }
}

/**
 * Whether the answer is right by the measure of its task; null if the task has none (open text, judges), or if the rules
 * could not judge it.
 */
export function isRight(score: AnswerScore): boolean | null {
  switch (score.task) {
    case 'distance':
      return isNotJudged(score) ? null : score.success;
    case 'area':
      return score.success;
    case 'yesno':
    case 'mcq':
    case 'count':
    case 'number':
    case 'side':
    case 'choice':
    case 'name':
      return score.correct;
    case 'untyped':
      return score.correct ?? null;
    case 'bbox':
      return score.acc75;
    case 'point':
      return score.inside ?? null;
    default:
      return null;
  }
}
