import { useEffect, useState } from 'preact/hooks';
import { nearest } from './curves.ts';
import type { Choices, OpenRun } from './run-panel-state.ts';

type Listener = (x: number | null, source: object | null) => void;

const listeners = new Set<Listener>();
/** Position of the pointer. The next variable is the position of the scrubber, which applies if there is no pointer. */
let pointed: number | null = null;
let chosen: number | null = null;
let current: number | null = null;

function move(source: object | null): void {
  const x = pointed ?? chosen;
  if (x === current) return;
  current = x;
  for (const listener of listeners) listener(x, source);
}

/** Position that all charts and lists of the page share, as a value of the x-axis; null for the newest position. */
export const crosshair = {
  /** Moves the crosshair while the pointer is on a chart; null restores the scrubber's position. */
  set(x: number | null, source: object | null = null): void {
    pointed = x;
    // Notify all charts, because the chart that the pointer left must also remove its crosshair.
    move(x === null ? null : source);
  },
  /** Sets the position of the scrubber. */
  choose(x: number | null): void {
    chosen = x;
    pointed = null;
    move(null);
  },
  listen(listener: Listener): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

export function useCrosshair(): number | null {
  const [x, setX] = useState(current);
  useEffect(() => crosshair.listen(setX), []);
  return x;
}

/**
 * Returns the index in a list nearest to the page's position; null for the newest. Redraws only when the index changes.
 * @param xs ascending values of the x-axis
 */
export function usePlaceInTime(xs: readonly number[]): number | null {
  const placeOf = (x: number | null) => (x === null || xs.length === 0 ? null : nearest(xs, x));
  const [place, setPlace] = useState(() => placeOf(current));
  const key = xs.join();
  useEffect(() => {
    setPlace(placeOf(current));
    return crosshair.listen((x) => setPlace(placeOf(x)));
  }, [key]);
  return place;
}

/** Maximum distance between the pointer and a traced step, as a share of the visible range. */
const REACH = 0.015;

/** Returns the range that all charts show without zoom: all steps of all runs. */
export function spanOf(runs: readonly OpenRun[], { x }: Pick<Choices, 'x'>): [number, number] {
  const recorded = runs.filter(({ news }) => news.rows > 0);
  const starts = recorded.map(({ news }) => news.start[x]);
  const ends = runs.flatMap(({ news }) => [news.end[x], ...news.evaluations.map(({ place }) => place[x])]);
  return [Math.min(...starts, ...ends), Math.max(...ends)];
}

/** Returns the run's traced step nearest to a position on the x-axis; null if no traced step is close enough. */
export function tracedStep(
  run: OpenRun,
  runs: readonly OpenRun[],
  choices: Choices,
  x: number,
): number | null {
  const { traced, start, end } = run.news;
  if (traced.length === 0) return null;
  // Traces are listed by step. All other axes grow roughly in proportion to steps.
  const course = end[choices.x] - start[choices.x] || 1;
  const scale = (end.step - start.step || 1) / course;
  const wanted = start.step + (x - start[choices.x]) * scale;
  const step = traced[nearest(traced, wanted)]!;
  const [from, to] = choices.range ?? spanOf(runs, choices);
  return Math.abs(step - wanted) <= Math.max(REACH * (to - from) * scale, 0.5) ? step : null;
}

/** Minimum number of visible rows for smoothing. With fewer rows, each point is distinguishable. */
const SMOOTHED_FROM = 20;
/** Number of visible rows above which one step of the moving average must cover several rows. */
const ROWS = 256;

/** Returns the approximate number of visible rows of the longest run, if rows are evenly spaced. */
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
 * Returns the weight of the past in smoothed curves, such that the chosen smoothing looks the same in 300 rows and in a
 * million. The weight is `chosen` for up to 256 visible rows (0 for fewer than 20), and its n-th root for n times as
 * many. It changes only when the number of rows doubles, so that a growing run is not smoothed again at every step.
 */
export function smoothingInSight(chosen: number, rows: number): number {
  if (rows < SMOOTHED_FROM) return 0;
  const doublings = Math.max(0, Math.floor(Math.log2(rows / ROWS)));
  return chosen ** (1 / 2 ** doublings);
}
