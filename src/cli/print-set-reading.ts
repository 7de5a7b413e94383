import { setImmediate as nextTurn } from 'node:timers/promises';
import { several } from '../base/format.ts';
import { sum } from '../base/numbers.ts';
import { SetReading } from '../core/answers/set-reading.ts';
import { otherReferences } from '../lab/datasets/mappings/guess-columns.ts';
import { showsPictures } from '../core/prompts/strategy.ts';
import { taskLabel } from '../base/labels.ts';
import { withSets } from '../lab/evaluation/evaluation-samples.ts';
import type { EvaluationOptions } from '../lab/evaluation/evaluation-plan.ts';
import { UsageError } from './errors.ts';
import { noRows } from './input.ts';
import { note, tell } from './print.ts';
import { whyUnusable } from './print-usable.ts';
import type { ReadCompletion } from './completions.ts';

/** Maximum number of rows of completions to read before scoring the first row. */
const AHEAD = 50_000;
/** Number of rows to examine to determine the contents of their fields. */
export const LOOKED_AT = 50;

/**
 * Yields results for rows, scored by the task of their evaluation set. For a set that does not fit in memory, the first
 * rows decide the task.
 * @param reading information about the set, updated with each row
 * @param waits whether a program can wait for each row's result before it sends the next row; if so, the task comes
 * from the rows so far
 * @param isJoined whether the reference answers come from a dataset, whatever other columns exist
 * @throws UsageError if two columns could contain the reference answer
 */
export async function* asOneSet<Made>(
  rows: AsyncIterable<ReadCompletion<Made>>,
  reading: SetReading<unknown>,
  { waits = false, isJoined = false, first = [] as Record<string, unknown>[] } = {},
): AsyncGenerator<Made> {
  const held: ReadCompletion<Made>['usable'][] = [];
  const madeOf = (row: ReadCompletion<Made>['usable']): Made => {
    const task = reading.taskFor(row!.reading.forms);
    return row!.made.find(([of]) => of === task)![1];
  };
  let isRead = waits;
  for await (const { usable, value } of rows) {
    reading.take(usable!.reading, usable!.id);
    if (value && first.length < LOOKED_AT) first.push(value);
    if (isRead) yield madeOf(usable);
    else if (held.push(usable) >= AHEAD) {
      if (!isJoined) requireOneReference(first);
      for (const each of held) yield madeOf(each);
      isRead = true;
    }
  }
  if (isRead) return;
  if (!isJoined) requireOneReference(first);
  for (const each of held) yield madeOf(each);
}

/** @throws UsageError if rows have an answer and a different reference answer, so that one of them is a model's */
function requireOneReference(first: readonly Record<string, unknown>[]): void {
  const columns = [...new Set(first.flatMap((value) => Object.keys(value)))];
  const others = columns.includes('answer') ? otherReferences('answer', columns, first) : [];
  if (others.length > 0)
    throw new UsageError(
      `The reference answer is ambiguous, because the fields answer and ${others.join(' and ')} differ.`,
      {
        fix: 'Remove the fields with model output, or pass a dataset with the reference answers with --set FILE.',
      },
    );
}

/** Returns tasks by frequency, such as "412 choice questions, 98 count questions". */
const tasksText = ({ tasks }: SetReading<unknown>['summary']): string =>
  Object.entries(tasks)
    .sort(([, a], [, b]) => b - a)
    .map(([task, n]) => several(n, `${taskLabel(task)} question`))
    .join(', ');

/** Prints the number of misfits, if any. @param lacks whether rows without a reference answer count */
export function tellMisfits(
  { misfits }: SetReading<unknown>['summary'],
  file: string | null,
  lacks = true,
): void {
  const { 'no-reference': none = 0, ...others } = misfits;
  const n = sum(Object.values(others));
  const list = `List them with \`chirality data check${file === null ? '' : ` ${file}`}\`.`;
  if (lacks && none > 0) tell(`${several(none, 'row')} without a reference answer. ${list}`);
  if (n > 0)
    tell(`The reference answers of ${several(n, 'row')} do not fit the question or options. ${list}`);
}

/** Number of rows between two turns of the event loop. */
const BATCH = 64;

/** Maximum number of rows that are checked before the first question, which takes a second at most. */
const CHECKED_FIRST = 1000;

/** Throws for sets without rows. @returns whether sets are so large that questions begin before all rows are checked */
export function areLarge({ files, limit = Infinity }: Pick<EvaluationOptions, 'files' | 'limit'>): boolean {
  for (const { file } of files!) if (file.count === 0) throw noRows(file.path);
  return sum(files!.map(({ file }) => Math.min(file.count, limit))) > CHECKED_FIRST;
}

/**
 * Prints the task of each evaluation set, and the rows to exclude.
 * @param sound receives the readable image files
 * @param signal ends the check of large sets, while questions are asked. Absent before the first question
 */
export async function tellSets(
  plan: Pick<EvaluationOptions, 'sets' | 'files' | 'limit' | 'root' | 'strategy'>,
  sound: Set<string>,
  signal?: AbortSignal,
): Promise<void> {
  const mend = plan.strategy.stages.some(showsPictures)
    ? 'They are excluded.'
    : 'They are excluded, except rows that lack only an image, because the strategy shows no image.';
  const { root, limit } = plan;
  await withSets(plan, async (files) => {
    for (const { set, file } of files) {
      if (file.count === 0) throw noRows(file.path);
      const why = await whyUnusable(file, root, { limit, mend, sound, during: signal });
      if (why !== null) tell(why);
      const reading = new SetReading();
      for (let i = 0; i < Math.min(file.count, limit ?? Infinity); i++) {
        if (i % BATCH === 0) await nextTurn();
        signal?.throwIfAborted();
        const { sample } = await file.parse(i);
        if (sample) reading.take(SetReading.look(sample), file.line(i));
      }
      const { summary } = reading;
      if (summary.rows === 0) continue; // Unreadable rows are reported where they are excluded.
      note(`${set}: ${tasksText(summary)}.`);
      tellMisfits(summary, file.path);
    }
  });
}
