import { spanOf } from './x-axis.ts';
import type { Choices, OpenRun } from './panel-state.ts';

/** With more rows in sight, one step of the moving average stands for several rows. */
const ROWS = 256;

/** Rows of the longest run that the charts show, about: rows are taken to be even along the axis. */
export function rowsInSight(runs: readonly OpenRun[], choices: Pick<Choices, 'x' | 'range'>): number {
  const [from, to] = choices.range ?? spanOf(runs, choices);
  return Math.max(
    0,
    ...runs.map(({ news: { rows, start, end } }) => {
      const [first, last] = [start[choices.x], end[choices.x]];
      const shared = Math.min(to, last) - Math.max(from, first);
      return last > first ? rows * Math.min(1, Math.max(0, shared / (last - first))) : rows;
    }),
  );
}

/**
 * The weight of the past in smoothed curves, so that the chosen smoothing looks the same in 300 rows and in a million:
 * `chosen` where up to 256 rows are in sight, its n-th root where n times as many are. It changes only when their number
 * doubles, so that a growing run is not smoothed anew at every step.
 */
export function smoothingInSight(chosen: number, rows: number): number {
  const doublings = Math.max(0, Math.floor(Math.log2(rows / ROWS)));
  return chosen ** (1 / 2 ** doublings);
}
