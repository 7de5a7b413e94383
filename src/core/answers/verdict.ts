import { isSameText } from './plain-text.ts';
import type { Task } from './score.ts';
import type { AnswerScore, Score, TaskScores } from './score-schema.ts';

/** Whether an answer is right in evaluations; open answers must equal the reference answer. Null if not scored. */
export const isRightAnswer = (score: Score, reference: string): boolean | null =>
  isNotJudged(score) ? null : (isRight(score) ?? isSameText(scoredText(score), score.matched ?? reference));

export function scoredText({ extraction, answer_text, answer_text_strict }: Score): string {
  return extraction === 'strict' ? (answer_text_strict ?? '') : answer_text;
}

/** Whether the answer is free text that no rule can score. */
export const isNotJudged = (score: AnswerScore): boolean => 'correct' in score && score.correct === null;

export type AnswerVerdict = 'right' | 'wrong' | 'unparsed' | 'not_judged';

/**
 * Outcome of an answer. `unparsed`: the text has no possible answer of its task, and counts as wrong. `not_judged`:
 * free text that no rule can score, so that metrics have bounds.
 */
export function answerVerdict(score: Score, reference: string): AnswerVerdict {
  const right = isRightAnswer(score, reference);
  if (right === null) return 'not_judged';
  return right ? 'right' : isUnread(score) ? 'unparsed' : 'wrong';
}

/** Whether a text has no possible answer of its task; false for tasks whose answers are not parsed. */
export function isUnread(score: AnswerScore): boolean {
  if ('completed' in score) return !score.completed;
  return 'parsed' in score && score.parsed === null && !isNotJudged(score);
}

/** For each task without a field `correct`, the field of its score that is true for a right answer. */
const RIGHT: { [T in Task]?: keyof TaskScores[T] } = {
  distance: 'success',
  area: 'success',
  bbox: 'acc75',
  point: 'inside',
};

/** Returns the name of the field that is true for a right answer of a task. */
export const rightField = (task: Task): string => RIGHT[task] ?? 'correct';

/** Whether the answer is right by its task's metric; null if the task has no such metric, or if no rule decides. */
export const isRight = (score: AnswerScore): boolean | null =>
  (score as Partial<Record<string, boolean | null>>)[rightField(score.task)] ?? null;
