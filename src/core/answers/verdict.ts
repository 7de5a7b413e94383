import { isSameText } from './plain-text.ts';
import type { Task } from './score.ts';
import type { AnswerScore, Score, TaskScores } from './score-schema.ts';

/** Whether an answer is right, as evaluations count it: open answers by their text; null if not scored. */
export const isRightAnswer = (score: Score, reference: string): boolean | null =>
  isNotJudged(score) ? null : (isRight(score) ?? isSameText(scoredText(score), score.matched ?? reference));

export function scoredText({ extraction, answer_text, answer_text_strict }: Score): string {
  return extraction === 'strict' ? (answer_text_strict ?? '') : answer_text;
}

/** Whether no rule can score an answer of free text. */
export const isNotJudged = (score: AnswerScore): boolean => 'correct' in score && score.correct === null;

export type AnswerVerdict = 'right' | 'wrong' | 'unparsed' | 'not_judged';

/**
 * Outcome of an answer: `unparsed` has no possible answer of its task and counts as wrong; `not_judged` is free text
 * that no rule can score, so metrics have bounds.
 */
export function answerVerdict(score: Score, reference: string): AnswerVerdict {
  const right = isRightAnswer(score, reference);
  if (right === null) return 'not_judged';
  return right ? 'right' : isUnread(score) ? 'unparsed' : 'wrong';
}

/** Whether an answer has no possible answer of its task; false for tasks that are not read. */
export function isUnread(score: AnswerScore): boolean {
  if ('completed' in score) return !score.completed;
  return 'parsed' in score && score.parsed === null && !isNotJudged(score);
}

/** Field of a task's score that contains whether the answer is right, if not `correct`. */
const RIGHT: { [T in Task]?: keyof TaskScores[T] } = {
  distance: 'success',
  area: 'success',
  bbox: 'acc75',
  point: 'inside',
};

/** Whether the answer is right by its task's metric; null if the task has none, or if no rule decides. */
export const isRight = (score: AnswerScore): boolean | null =>
  (score as Partial<Record<string, boolean | null>>)[RIGHT[score.task] ?? 'correct'] ?? null;
