import type { EvaluatedView, EvaluationRow } from './evaluate.ts';

/** One figure of one set: `results.json` is a list of these. Shares are 0–1. */
export interface EvaluationResult {
  set: string;
  /** Null for figures over both views of a row. */
  view: EvaluatedView | null;
  metric: string;
  value: number | null;
  n: number;
}

/** Accuracy and format per set and view, and for rows evaluated in both views how often both are right. */
export function summarise(rows: readonly EvaluationRow[]): EvaluationResult[] {
  return unique(rows.map(({ set }) => set)).flatMap((set) => {
    const ofSet = rows.filter((row) => row.set === set);
    const figure = (
      view: EvaluatedView | null,
      metric: string,
      values: readonly boolean[],
    ): EvaluationResult => ({
      set,
      view,
      metric,
      value: values.length === 0 ? null : values.filter(Boolean).length / values.length,
      n: values.length,
    });
    const perView = unique(ofSet.map(({ view }) => view)).flatMap((view) => {
      const ofView = ofSet.filter((row) => row.view === view);
      return [
        figure(
          view,
          'accuracy',
          ofView.map(({ right }) => right),
        ),
        figure(
          view,
          'format',
          ofView.map(({ score }) => score.format_ok),
        ),
      ];
    });
    const mirrored = new Map(ofSet.filter(({ view }) => view === 'mirror').map((row) => [row.id, row.right]));
    const pairs = ofSet.filter(({ view, id }) => view === 'original' && mirrored.has(id));
    const both = pairs.map(({ id, right }) => right && mirrored.get(id)!);
    return both.length === 0 ? perView : [...perView, figure(null, 'both_right', both)];
  });
}

/** Results as a small table. */
export function formatResults(results: readonly EvaluationResult[]): string {
  return results
    .map(({ set, view, metric, value, n }) => {
      const share = value === null ? '–' : `${(100 * value).toFixed(1)} %`;
      return `${set.padEnd(12)}${(view ?? 'both').padEnd(10)}${metric.padEnd(12)}${share.padStart(8)}  of ${n}`;
    })
    .join('\n');
}

const unique = <T>(list: readonly T[]): T[] => [...new Set(list)];
