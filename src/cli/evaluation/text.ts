import type { EvaluationResult } from '../../core/metrics/results.ts';
import { isSpread } from '../../core/metrics/answer-spread.ts';
import { groupBy } from '../../core/metrics/scored-row.ts';
import { figureLabel, taskLabel } from '../../core/labels.ts';
import { formatTable } from '../table.ts';
import { fixed } from '../../core/decimals.ts';

/** Shares in percent with their interval, as `chirality metrics` prints them; below, which answers were given. */
export function formatResults(results: readonly EvaluationResult[]): string {
  const isListed = ({ answer }: EvaluationResult) => answer !== undefined;
  const rows = results
    .filter((result) => !isListed(result))
    .map((result) => {
      const { set, view, value, unit, n, unparsed, chance, interval } = result;
      const figure = (v: number | null | undefined) =>
        v == null ? '–' : fixed(unit === 'share' ? 100 * v : v, 1);
      return [
        set,
        view ?? 'both',
        ...namesOf(result),
        figure(value),
        interval ? `${figure(interval[0])} – ${figure(interval[1])}` : '',
        String(n),
        unparsed === undefined ? '' : String(unparsed),
        figure(chance),
      ];
    });
  const head = ['set', 'view', 'task', 'metric', 'value', '95 %', 'n', 'unparsed', 'chance'];
  return [formatTable(head, rows), ...formatAnswers(results.filter(isListed))].join('\n');
}

/** What a figure is of, and what it is. */
function namesOf(result: EvaluationResult): [string, string] {
  const { slice, task, metric } = result;
  const label = figureLabel(result);
  if (slice) return [taskLabel(slice.field), label];
  return isSpread(metric) ? [taskLabel('answers'), `${taskLabel(task)}: ${label}`] : [taskLabel(task), label];
}

/** "val, original, yes or no: no 75.0 (references 42.9), yes 25.0 (references 57.1)". */
function formatAnswers(listed: readonly EvaluationResult[]): string[] {
  const titleOf = ({ set, view, task }: EvaluationResult) => `${set}, ${view}, ${taskLabel(task)}`;
  return [...groupBy(listed, titleOf)].map(([title, of]) => {
    const percent = (answer: string, metric: string) => {
      const share = of.find((figure) => figure.answer === answer && figure.metric === metric)?.value;
      return (100 * (share ?? 0)).toFixed(1);
    };
    const answers = of.flatMap(({ metric, answer }) => (metric === 'given' ? answer! : []));
    const parts = answers.map(
      (answer) => `${answer} ${percent(answer, 'given')} (references ${percent(answer, 'reference')})`,
    );
    return `${title}: ${parts.join(', ')}`;
  });
}
