import { referenceOf, scoreAnswer, taskOf } from '../answers/score-row.ts';
import type { ScoreInput, Task } from '../answers/score.ts';
import { isNotJudged, isRight } from '../answers/verdict.ts';
import { imageKey } from '../evaluation/scored-row.ts';
import { compare } from './statistics.ts';
import type { JudgedRates } from './uneven.ts';
import { mean } from '../../base/numbers.ts';
import type { ViewId } from '../../rows/view-list.ts';

/** Maximum number of rows that are tested per set, from the start of the set. */
const TRIED_ROWS = 400;
/** Minimum difference between both rates that causes a warning. */
const UNEVEN = 0.1;

type TriedRow = ScoreInput & { id: string };

/** Tests the scoring rules on the first rows of each set, in the first view of the set. Later rows are not stored. */
export class RuleTrials {
  private readonly sets = new Map<string, { view: ViewId; rows: TriedRow[] }>();

  /** Whether the test needs more rows of a set. */
  wants(set: string): boolean {
    return (this.sets.get(set)?.rows.length ?? 0) < TRIED_ROWS;
  }

  add(set: string, view: ViewId, row: TriedRow): void {
    const tried = this.sets.get(set) ?? { view, rows: [] };
    this.sets.set(set, tried);
    if (tried.view === view && tried.rows.length < TRIED_ROWS) tried.rows.push(row);
  }

  /** Returns the sets in which the rules can score right and wrong answers at different rates. */
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
 * Tests the scoring rules on a set. Each row's own reference answer is a right answer; the next different reference
 * answer of the same task is a wrong answer of the same form. Null unless the scored shares differ by more than ten
 * points and significantly (paired, by image, p < 0.05). If they differ, the accuracy of scored answers is biased.
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

/** Whether the rules can score an answer; null if answers of the task are neither right nor wrong. */
function isJudged(answer: string, row: ScoreInput, task: Task): boolean | null {
  const score = scoreAnswer(answer, row, task);
  if (isNotJudged(score)) return false;
  return isRight(score) === null ? null : true;
}
