import { SetReading, withFoundTask, type SetSummary } from '../core/answers/set-reading.ts';
import { taskLabel } from '../core/labels.ts';
import { counted } from '../core/reports/cells.ts';
import { readingsOf } from '../lab/evaluation/samples.ts';
import { note, tell } from './print.ts';
import type { CompletionRow } from './tables.ts';

/** How many rows of completions are read before the first is scored. */
const AHEAD = 50_000;

/**
 * Rows with the task that their set gives them. A set of more rows than can be held is read by its first ones.
 * @param reading grows with the rows
 * @param waits whether a program may wait for the answer to each row before it sends the next: then a row is read by
 * those before it
 */
export async function* asOneSet(
  rows: AsyncIterable<CompletionRow>,
  reading: SetReading<unknown>,
  waits = false,
): AsyncGenerator<CompletionRow> {
  const held: CompletionRow[] = [];
  let isRead = waits;
  for await (const one of rows) {
    reading.add(one.row, one.row.id);
    if (isRead) yield found(one, reading);
    else if (held.push(one) >= AHEAD) {
      for (const each of held) yield found(each, reading);
      isRead = true;
    }
  }
  if (!isRead) for (const each of held) yield found(each, reading);
}

const found = ({ value, row }: CompletionRow, reading: SetReading<unknown>): CompletionRow => ({
  value,
  row: withFoundTask(row, reading),
});

/** "412 rows: multiple choice; 98 rows: count", the most frequent first. */
export const tasksText = ({ tasks }: SetSummary): string =>
  Object.entries(tasks)
    .sort(([, a], [, b]) => b - a)
    .map(([task, n]) => `${counted(n, 'row')}: ${taskLabel(task)}`)
    .join('; ');

/** Says how many rows do not fit, and where to see them; nothing if all do. */
export function tellMisfits({ misfits }: SetSummary, file: string | null): void {
  const n = Object.values(misfits).reduce((sum, of) => sum + of, 0);
  if (n > 0)
    tell(
      `The references of ${counted(n, 'row')} do not fit ${n === 1 ? 'its question' : 'their questions'} or options: \`chirality data check${file === null ? '' : ` ${file}`}\` lists ${n === 1 ? 'it' : 'them'}.`,
    );
}

/** Says what each set's rows will be scored as, before they are asked. */
export async function tellSets(plan: Parameters<typeof readingsOf>[0]): Promise<void> {
  for (const { set, path, reading } of await readingsOf(plan)) {
    const { summary } = reading;
    note(`${set}: ${tasksText(summary)}.`);
    tellMisfits(summary, path);
  }
}
