import { readGiven, type Compared } from '../answers/given.ts';
import { isMajorityRight } from '../answers/pair-verdict.ts';
import { isRight } from '../answers/score-row.ts';
import { groupBy, type ScoredRow } from './scored-row.ts';

/**
 * The answer to one question in one view, over all its completions. `given` is the most frequent of the answers that
 * can be read; the first of them, if several are equally frequent.
 */
export interface ViewAnswer extends Compared {
  row: ScoredRow;
  /** Whether most of them are right. */
  right: boolean;
  completions: number;
}

/**
 * The answer to one question in a view; null if it cannot be right or wrong, or if answers to its task cannot be
 * compared.
 */
export function viewAnswer(completions: readonly ScoredRow[]): ViewAnswer | null {
  const row = completions[0]!;
  const right = completions.map(({ score }) => (score.problem === undefined ? isRight(score) : null));
  const reference = readGiven(row.score, row, 'reference');
  if (right.includes(null) || !reference) return null;
  const answers = completions.flatMap((one) => readGiven(one.score, one, 'given') ?? []);
  const alike = [...groupBy(answers, (one) => JSON.stringify(one)).values()];
  const most = Math.max(0, ...alike.map((group) => group.length));
  const given = alike.find((group) => group.length === most)?.[0] ?? null;
  return { row, right: isMajorityRight(right as boolean[]), given, reference, completions: right.length };
}
