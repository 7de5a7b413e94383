import type { Metric } from '../metrics/metric.ts';
import { meanWithInterval, type Value } from '../metrics/statistics.ts';
import type { Random } from '../random.ts';
import type { ViewId } from '../spatial/views/list.ts';
import { isLikeliest } from './set-figures.ts';
import type { SetRow } from './set-row.ts';

/** The rows of a set as looked at with one strategy. */
export interface StrategyRows {
  strategy: string;
  rows: readonly SetRow[];
}

/** What the answers of a strategy in one view depend on: how often they are right with something hidden. */
export interface Reliance {
  strategy: string;
  view: ViewId;
  /** Null if nothing is hidden. */
  hidden: string | null;
  /** Share of rows whose right answer is likelier than every other word that could answer. */
  likeliest: Metric;
  /** How much this share decreases when something is hidden, row by row; null if nothing is. */
  loss: Metric | null;
  /**
   * This share minus that of the first strategy, row by row; null for the first strategy and if something is hidden.
   */
  gain: Metric | null;
}

/**
 * Compares strategies on the rows that were asked with all of them. @param random from which the resamples are drawn
 */
export function compareStrategies(strategies: readonly StrategyRows[], random: Random): Reliance[] {
  const keyOf = ({ id, view }: SetRow) => JSON.stringify([view, id]);
  const sets = strategies.map(({ rows }) => new Map(rows.map((row) => [keyOf(row), row])));
  const common = [...sets[0]!.keys()].filter((key) => sets.every((set) => set.has(key)));
  const views = [...new Set(common.map((key) => sets[0]!.get(key)!.view))];
  return strategies.flatMap(({ strategy }, s) =>
    views.flatMap((view) => {
      const rows = common.map((key) => sets[s]!.get(key)!).filter((row) => row.view === view);
      const others = common.map((key) => sets[0]!.get(key)!).filter((row) => row.view === view);
      const hidden = [...new Set(rows.flatMap(({ blocked }) => blocked.map(({ keys }) => keys)))];
      return [null, ...hidden].map((what): Reliance => {
        const seen = rows.map((row) => isLikeliest(row, what ?? -1));
        const whole = rows.map((row) => isLikeliest(row, -1));
        const first = others.map((row) => isLikeliest(row, -1));
        const mean = (a: readonly (number | null)[], less?: readonly (number | null)[]): Metric =>
          meanWithInterval(valuesOf(rows, a, less), random);
        return {
          strategy,
          view,
          hidden: what,
          likeliest: mean(seen),
          loss: what === null ? null : mean(whole, seen),
          gain: what === null && s > 0 ? mean(whole, first) : null,
        };
      });
    }),
  );
}

/** The values of rows, minus their values in `less` if given; rows that lack one are left out. */
const valuesOf = (
  rows: readonly SetRow[],
  values: readonly (number | null)[],
  less?: readonly (number | null)[],
): Value[] =>
  rows.flatMap(({ image }, i) => {
    const [value, from] = [values[i] ?? null, less ? (less[i] ?? null) : 0];
    return value === null || from === null ? [] : [{ cluster: image, value: value - from }];
  });
