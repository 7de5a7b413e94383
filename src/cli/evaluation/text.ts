import type { EvaluationResult } from '../../core/metrics/evaluation-row.ts';
import { groupBy } from '../../core/metrics/scored-row.ts';
import { figureLabel, taskLabel } from '../../core/labels.ts';
import { formatTable } from '../table.ts';
import { fixed } from '../../core/decimals.ts';

/** Shares in percent with their interval, as `chirality metrics` prints them; below, which answers were given. */
export function formatResults(results: readonly EvaluationResult[]): string {
  const isListed = ({ task, metric }: EvaluationResult) =>
    task === 'answers' && /\/(?:given|reference)\//.test(metric);
  const rows = results
    .filter((result) => !isListed(result))
    .map(({ set, view, task, metric, value, unit, n, unparsed, chance, interval }) => {
      const figure = (v: number | null | undefined) =>
        v == null ? '–' : fixed(unit === 'share' ? 100 * v : v, 1);
      return [
        set,
        view ?? 'both',
        taskLabel(task),
        figureLabel(task, metric),
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

/** "val, original, yes or no: no 75.0 (references 42.9), yes 25.0 (references 57.1)". */
function formatAnswers(listed: readonly EvaluationResult[]): string[] {
  const taskOf = ({ set, view, metric }: EvaluationResult) =>
    `${set}, ${view}, ${taskLabel(metric.split('/')[0]!)}`;
  return [...groupBy(listed, taskOf)].map(([title, of]) => {
    const shares = new Map(of.map(({ metric, value }) => [metric.split('/').slice(1).join('/'), value!]));
    const percent = (share: number | undefined) => (100 * (share ?? 0)).toFixed(1);
    const answers = [...shares.keys()].flatMap((key) => (key.startsWith('given/') ? key.slice(6) : []));
    const parts = answers.map(
      (answer) =>
        `${answer} ${percent(shares.get(`given/${answer}`))} (references ${percent(shares.get(`reference/${answer}`))})`,
    );
    return `${title}: ${parts.join(', ')}`;
  });
}
