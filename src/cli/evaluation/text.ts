import type { EvaluationResult } from '../../lab/recipes/evaluation-row.ts';
import { formatTable } from '../table.ts';

/** Shares in percent with their interval, as `chirality metrics` prints them. */
export function formatResults(results: readonly EvaluationResult[]): string {
  const rows = results.map(({ set, view, task, metric, value, unit, n, unparsed, chance, interval }) => {
    const figure = (v: number | null | undefined) =>
      v == null ? '–' : (unit === 'share' ? 100 * v : v).toFixed(1);
    return [
      set,
      view ?? 'both',
      task,
      metric,
      figure(value),
      interval ? `${figure(interval[0])} – ${figure(interval[1])}` : '',
      String(n),
      unparsed === undefined ? '' : String(unparsed),
      figure(chance),
    ];
  });
  return formatTable(['set', 'view', 'task', 'metric', 'value', '95 %', 'n', 'unparsed', 'chance'], rows);
}
