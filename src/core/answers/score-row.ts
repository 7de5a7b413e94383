import { extractLenient, extractStrict, isFormatOk } from './extract.ts';
import { typeQuestion } from './question-type.ts';
import { TASKS, type Score, type ScoreInput, type ScoreRow, type Task } from './score.ts';
import { scorers } from './score-tasks.ts';

/** The reference as text; "" when the row has none. */
export function referenceOf(row: ScoreInput): string {
  const reference = row.answer ?? row.ground_truth ?? '';
  return typeof reference === 'object'
    ? JSON.stringify(reference)
    : String(reference as string | number | boolean);
}

/** The row's own task where it is one of `TASKS`; else `mcq` for rows with choices, else by the paper's keyword lists. */
export function taskOf(row: ScoreInput): Task {
  if ((TASKS as readonly unknown[]).includes(row.task)) return row.task as Task;
  if (row.choices?.length) return 'mcq';
  return typeQuestion(row.question ?? '', referenceOf(row));
}

/** Scores one completion against its reference. Never throws on any text. */
export function scoreRow(row: ScoreRow): Score {
  const task = taskOf(row);
  const { text, path } = extractLenient(row.completion);
  return {
    task,
    format_ok: isFormatOk(row.completion),
    answer_text: text,
    answer_text_strict: extractStrict(row.completion),
    path,
    ...scorers[task](text, referenceOf(row), row),
  } as Score;
}

/** Whether the answer is right, by the measure of its task; null where the task has none (open text, judges). */
export function isRight(score: Score): boolean | null {
  switch (score.task) {
    case 'distance':
      return score.success;
    case 'yesno':
    case 'mcq':
    case 'count':
      return score.correct;
    case 'bbox':
      return score.acc75;
    case 'point':
      return score.inside ?? null;
    default:
      return null;
  }
}

/** The accuracy of a completion for a sample of a known task, as rewards use it; null where the task has none. */
export function isCorrect(task: Task, completion: string, sample: ScoreInput): boolean | null {
  return isRight(scoreRow({ ...sample, task, completion }));
}
