import type { EvaluationRow } from './evaluation-row.ts';
import type { Metric } from './metric.ts';
import { imageKey, type ScoredRow } from './scored-row.ts';
import { shareWithInterval } from './share.ts';
import { meanWithInterval } from './statistics.ts';

/** The task of figures by programs of one's own. */
export const OWN = 'own';

type Row = ScoredRow & Pick<EvaluationRow, 'metrics'>;

/** The means of what programs of one's own said, by their names. @param shares names of those that are within 0–1 */
export function ownMetrics(rows: readonly Row[], shares: ReadonlySet<string>): Record<string, Metric> {
  const names = new Set(rows.flatMap(({ metrics = {} }) => Object.keys(metrics)));
  const valuesOf = (name: string) =>
    rows.flatMap((row) => {
      const value = row.metrics?.[name]?.value;
      return value === undefined ? [] : [{ cluster: imageKey(row), value }];
    });
  return Object.fromEntries(
    [...names].map((name) => [
      name,
      shares.has(name) ? shareWithInterval(valuesOf(name)) : meanWithInterval(valuesOf(name), 'count'),
    ]),
  );
}

/** The names of the programs all of whose values are within 0–1. */
export function ownShares(rows: readonly Row[]): Set<string> {
  const all = rows.flatMap(({ metrics = {} }) => Object.entries(metrics));
  const outside = new Set(all.flatMap(([name, { value }]) => (value < 0 || value > 1 ? [name] : [])));
  return new Set(all.map(([name]) => name).filter((name) => !outside.has(name)));
}
