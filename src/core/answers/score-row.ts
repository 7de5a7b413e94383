import { percentText } from '../../base/format.ts';
import type { Problem } from '../../base/problem.ts';
import { BOX_FORMATS, isBoxFormat } from '../../rows/sample/boxes.ts';
import { answersOf } from '../../rows/sample/accepted.ts';
import { parseSample } from '../../rows/sample/parse-sample.ts';
import { isRecord } from '../../base/json.ts';
import { OPEN_TASKS, type Extraction, type ScoreInput, type ScoreRow, type Task } from './score.ts';
import type { AnswerScore, OpenScore, Score } from './score-schema.ts';
import { bleuCounts, sentenceBleu } from './bleu.ts';
import { readCompletion } from './extract.ts';
import { lastSegment } from './prediction.ts';
import { choicesOf } from '../../rows/read/inline-options.ts';
import { inEnglish } from '../../rows/read/languages.ts';
import { parseBoxText } from './read-box.ts';
import { isSameText } from './plain-text.ts';
import { isNotJudged, isRight, isUnread, rightField } from './verdict.ts';
import { SEEN_FORMAT } from '../seen/families.ts';
import { isTask, isTyped, scorers } from './score-tasks.ts';
import { ownTask, typeQuestion } from './task.ts';
import { asWritten, toldAnswer, withPainting } from './told-answer.ts';

type ParsedRow = { row: ScoreRow & { id: string }; problems: Problem[] } | { row: null; problems: Problem[] };

/**
 * Checks the shape of a decoded row with a completion (docs/reference.md, Score). Shared fields are checked as in a
 * sample, but question and reference answer can be missing. A row of an evaluation has `segments` instead of
 * `completion`; the last segment is the answer.
 */
export function parseScoreRow(value: unknown): ParsedRow {
  if (!isRecord(value)) return { row: null, problems: parseSample(value).problems };
  const several = answersOf({ ...value, answer: value.answer ?? value.ground_truth ?? value.reference });
  const { question } = value;
  const answer = several ? several.answer : value.answer;
  const { sample, problems } = parseSample({
    ...value,
    question: question ?? '-',
    answer: several?.answer ?? '-',
    ...(several && { answers: several.answers ?? null }),
  });
  const completion = value.completion ?? lastSegment(value)?.text;
  const error = (code: string, path: string, message: string, fix: string): ParsedRow => ({
    row: null,
    problems: [...problems, { severity: 'error', code, path, message, fix }],
  });
  if (typeof completion !== 'string') {
    const message = '"completion" must be the text of a completion.';
    return error('completion', 'completion', message, 'Add the text of a model under "completion".');
  }
  const format = value.completion_box_format;
  if (format != null && format !== SEEN_FORMAT && !isBoxFormat(format)) {
    const message = `Unknown completion_box_format ${JSON.stringify(format)}.`;
    return error(
      'box-format',
      'completion_box_format',
      message,
      `Use one of ${[...BOX_FORMATS, SEEN_FORMAT].join(', ')}.`,
    );
  }
  if (!sample) return { row: null, problems };
  const row: ScoreRow & { id: string } = { ...sample, completion, answer };
  if (question == null) delete row.question;
  return { row, problems };
}

/** Reference answer in answer tags, which are removed. */
const TAGGED = /^\s*(?:<think>[^]*<\/think>\s*)?<answer>\s*([^<]*?)\s*<\/answer>\s*$/i;

/** Returns the reference answer as text; "" if the row has none. */
export function referenceOf(row: ScoreInput): string {
  const reference = row.answer ?? row.ground_truth ?? row.reference ?? '';
  if (typeof reference === 'object') return JSON.stringify(reference);
  const text = String(reference as string | number | boolean);
  return text.includes('<') ? (TAGGED.exec(text)?.[1] ?? text) : text;
}

/**
 * Returns the row's own task if it is one of `TASKS`, then `mcq` if the row or its question has choices. For paper B's
 * datasets, returns the task by its keyword lists; otherwise question and reference answer decide (`ownTask`).
 */
export function taskOf(row: ScoreInput): Task {
  if (isTask(row.task)) return row.task;
  if (row.choices?.length) return 'mcq';
  if (row.found_task) return row.found_task;
  const [question, reference] = [row.question ?? '', referenceOf(row)];
  if (choicesOf({ question, answer: reference })) return 'mcq';
  if (row.box_format !== undefined && !/\p{L}/u.test(reference) && parseBoxText(reference)) return 'bbox';
  const type = isTyped(row) ? typeQuestion(question, reference) : 'untyped';
  return type === 'untyped' ? ownTask(question, inEnglish(reference, reference)) : type;
}

/** Returns the task derived for a row that declares no task; null for all other rows. */
export const foundTask = (row: ScoreInput): Task | null =>
  isTyped(row) || row.choices?.length ? null : taskOf(row);

/**
 * Scores one completion against the reference answer, or against the accepted answer with the best score. Never throws.
 * A missing strict extraction is scored as the text "".
 */
export function scoreRow(row: ScoreRow, extraction: Extraction = 'lenient'): Score {
  const task = taskOf(row);
  const isUnjudged = referenceOf(row).trim() === '' && !WITHOUT_REFERENCE.has(task) && !hasPlaces(row);
  const { format_ok, strict, lenient } = readCompletion(row.completion);
  const scored = extraction === 'strict' ? (strict ?? '') : lenient.text;
  const found = {
    task,
    format_ok,
    answer_text: lenient.text,
    answer_text_strict: strict,
    path: lenient.path,
    extraction: extraction === 'strict' ? extraction : undefined,
  };
  const problem = isUnjudged ? { problem: 'The row has no reference.' } : undefined;
  const score = Object.assign(found, scoreBest(scored, row, task), problem) as Score;
  if (score.problem !== undefined) Reflect.deleteProperty(score, rightField(task));
  return score;
}

/** Returns every accepted answer of a row, beginning with `answer`. */
export const acceptedAnswers = ({ answer, answers }: { answer: string; answers?: string[] }): string[] => [
  ...new Set([answer, ...(answers ?? [])]),
];

type Scored = AnswerScore & Partial<OpenScore> & Pick<Score, 'matched' | 'problem'>;

/** Returns the best score of a text over all accepted answers: right, then not scored, then wrong. */
function scoreBest(said: string, given: ScoreInput, task: Task): Scored {
  const question = given.question ?? '';
  const paint = (part: string) => withPainting(part, question);
  const text = paint(toldAnswer(said, question, task));
  const row: ScoreInput =
    paint(question) === question
      ? given
      : { ...given, question: paint(question), ...(given.choices && { choices: given.choices.map(paint) }) };
  const main = paint(referenceOf(row));
  const scoreBy = (reference: string): Scored => {
    const score = Object.assign({ task }, asWritten(scorers[task](text, reference, row), question)) as Scored;
    if (OPEN_TASKS.some((open) => open === task)) Object.assign(score, openScore(text, reference));
    return reference === main ? score : { ...score, matched: reference };
  };
  const credit = row.credit && { credit: creditOf(text, row, task) };
  if (!row.answers || row.answers.length === 0)
    return credit ? { ...scoreBy(main), ...credit } : scoreBy(main);
  const rankOf = (score: Scored): number => {
    if (score.problem !== undefined) return -1;
    const right = isNotJudged(score) ? null : (isRight(score) ?? isSameText(text, score.matched ?? main));
    const rank = right === null ? 2 : right ? 4 : isUnread(score) ? 0 : 1;
    return rank + ('iou' in score ? score.iou : (score.bleu1 ?? 0));
  };
  const scores = acceptedAnswers({ answer: main, answers: row.answers }).map(scoreBy);
  const ranks = scores.map(rankOf);
  return { ...scores[ranks.indexOf(Math.max(...ranks))]!, ...credit };
}

/** Returns the partial credit of a text by the row's credit rule, 0–1. */
function creditOf(text: string, { credit, answers, ...row }: ScoreInput, task: Task): number {
  const isRightBy = (answer: string) => {
    const score = scoreBest(text, { ...row, answer }, task);
    return isRight(score) ?? (!isNotJudged(score) && isSameText(text, answer));
  };
  const given = answers ?? [referenceOf(row)];
  if (credit === 'vqa' && given.length > 1) return Math.min(1, given.filter(isRightBy).length / 3);
  if (task !== 'mcq') return Number(given.some(isRightBy));
  const { parsed, gt_parsed } = scorers.mcq(text, referenceOf(row), row);
  const [said = [], right = []] = [parsed, gt_parsed].map((options) => options?.split(', ') ?? []);
  return said.every((option) => right.includes(option)) ? said.length / Math.max(1, right.length) : 0;
}

/** Tasks whose answers are parsed without a reference answer. */
const WITHOUT_REFERENCE: ReadonlySet<Task> = new Set(['format', 'judge', 'open', 'scenegraph', 'flipjson']);
const hasPlaces = ({ boxes, points, masks }: ScoreInput): boolean =>
  [boxes, points, masks].some((places) => places && places.length > 0);

function openScore(text: string, reference: string): OpenScore {
  const counts = bleuCounts(text, reference);
  return { bleu1: sentenceBleu(counts, 1), bleu2: sentenceBleu(counts, 2) };
}

/** Describes which answers to a measured length, area or quantity count as correct; null for exact answers. */
export function acceptedText(row: ScoreInput): string | null {
  const score = scoreAnswer(referenceOf(row), row);
  const isMeasured = score.task === 'distance' || score.task === 'area' || 'within_10' in score;
  if (!isMeasured || isRight(score) !== true) return null;
  return row.tolerance === undefined
    ? 'more than half and less than twice the reference answer'
    : `within ${percentText(row.tolerance)} of the reference answer`;
}

/** Scores an answer that is already extracted, without BLEU for open answers. */
export const scoreAnswer = (answer: string, row: ScoreInput, task = taskOf(row)): AnswerScore =>
  scoreBest(answer, row, task);
