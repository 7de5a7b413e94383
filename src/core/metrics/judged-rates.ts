import { referenceOf, scoreAnswer, taskOf } from '../answers/score-row.ts';
import type { ScoreInput, Task } from '../answers/score.ts';
import { isNotJudged, isRight } from '../answers/verdict.ts';
import { imageKey } from '../evaluation/scored-row.ts';
import { compare } from './statistics.ts';
import type { JudgedRates } from './uneven.ts';
import { mean } from '../../base/numbers.ts';
import type { ViewId } from '../../rows/view-list.ts';

/** How many rows of a set are tried, from its start. */
const TRIED_ROWS = 400;
/** The least difference of the rates that is worth a word. */
const UNEVEN = 0.1;

type TriedRow = ScoreInput & { id: string };

/** Tries the rules on the first rows of sets, each in the view that comes first; nothing is kept of the others. */
export class RuleTrials {
  private readonly sets = new Map<string, { view: ViewId; rows: TriedRow[] }>();

  /** Whether further rows of a set are tried. */
  wants(set: string): boolean {
    return (this.sets.get(set)?.rows.length ?? 0) < TRIED_ROWS;
  }

  add(set: string, view: ViewId, row: TriedRow): void {
    const tried = this.sets.get(set) ?? { view, rows: [] };
    this.sets.set(set, tried);
    if (tried.view === view && tried.rows.length < TRIED_ROWS) tried.rows.push(row);
  }

  /** The sets on which right and wrong answers are judged at different rates. */
  uneven(): Map<string, JudgedRates> {
    return new Map(
      [...this.sets].flatMap(([set, { rows }]) => {
        const rates = unevenRates(rows);
        return rates ? [[set, rates] as const] : [];
      }),
    );
  }
}

/**
 * Tries the rules on a set: each row's own reference as an answer, which is a right one, and the next other reference to
 * a row of the same task, which is a wrong one in the same form. Null unless they are judged at clearly different rates:
 * by more than ten points, and by more than chance explains (paired, by image, p < 0.05). Then what is left out is not
 * like what is judged, and so is a share of the judged ones.
 */
function unevenRates(rows: readonly TriedRow[]): JudgedRates | null {
  const tried = rows.map((row) => ({ row, task: taskOf(row), answer: referenceOf(row) }));
  const pairs = tried.flatMap(({ row, task, answer }, i) => {
    const isOther = (other: (typeof tried)[number]) =>
      other.task === task && plain(other.answer) !== plain(answer);
    const other = tried.slice(i + 1).find(isOther) ?? tried.find(isOther);
    if (!other) return [];
    const [right, wrong] = [answer, other.answer].map((text) => isJudged(text, row, task));
    return right == null || wrong == null
      ? []
      : [{ cluster: imageKey(row), first: Number(wrong), second: Number(right) }];
  });
  const { difference, p } = compare(pairs);
  if (difference === null || Math.abs(difference) <= UNEVEN || p === null || p >= 0.05) return null;
  const shareOf = (side: 'first' | 'second') => mean(pairs.map((pair) => pair[side]))!;
  return { right: shareOf('second'), wrong: shareOf('first'), n: pairs.length };
}

const plain = (text: string): string => text.trim().toLowerCase();

/** Whether the rules have a verdict; null if the task has none. */
function isJudged(answer: string, row: ScoreInput, task: Task): boolean | null {
  const score = scoreAnswer(answer, row, task);
  if (isNotJudged(score)) return false;
  return isRight(score) === null ? null : true;
}
