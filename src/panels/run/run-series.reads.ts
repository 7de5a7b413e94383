import { firstIn } from '../../base/numbers.ts';
import type { MetricsRow } from '../../core/rewards/metrics-row.ts';
import type { AxisPoint, RunUpdate, XAxis } from './run.contract.ts';
import { Column, Extremes, Smoothing, summarise } from './series.reads.ts';

/** Metric, with data for fast drawing. */
export interface Figure {
  column: Column;
  extremes: Extremes;
  smoothing: Smoothing | null;
}

/**
 * Metrics of a run by row, with one row per optimiser step, filled from metrics and timings in any order. The table
 * never removes rows.
 */
export class MetricsTable {
  readonly figures = new Map<string, Figure>();
  /** Ascending values of each axis by row. A row without a value on an axis repeats the value of the previous row. */
  readonly axes: Record<XAxis, Column> = { step: new Column(), time: new Column(), tokens: new Column() };

  get rows(): number {
    return this.axes.step.length;
  }

  get start(): AxisPoint {
    return this.placeOf((axis) => axis.at(0));
  }

  get end(): AxisPoint {
    return this.placeOf((axis) => axis.at(axis.length - 1));
  }

  /**
   * Adds the values of a line to the row of the line's step. Ignores a line if its step is earlier and has no row.
   * @param seconds time that the line covers, if the line covers more than its own step
   */
  add(line: MetricsRow, seconds = line.step_time ?? NaN): void {
    const row = this.rowOf(line.step);
    if (row === null) return;
    for (const [name, value] of Object.entries(line)) {
      // A null value is a gap. A metric exists only after its first value.
      if (name !== 'step' && value !== null) this.figure(name).column.put(row, value);
    }
    if (typeof line.num_tokens === 'number') this.advance('tokens', row, line.num_tokens);
    if (typeof line.step_time === 'number') {
      const before = this.axes.time.length === 0 ? 0 : this.axes.time.at(this.axes.time.length - 1);
      this.advance('time', row, before + seconds);
    }
    this.throughput(row, seconds);
  }

  summary(): Pick<RunUpdate, 'metrics' | 'recent' | 'zero'> {
    const recent: Record<string, number> = {};
    const zero: string[] = [];
    for (const [name, { column, extremes }] of this.figures) {
      const summary = summarise(column, extremes, 0, column.length);
      if (!summary) continue;
      recent[name] = summary.recent;
      if (summary.lowest === 0 && summary.highest === 0) zero.push(name);
    }
    return { metrics: [...this.figures.keys()], recent, zero };
  }

  /** Returns a metric smoothed with a weight. Caches the result for the last weight. */
  smoothed(figure: Figure, weight: number): Smoothing {
    if (figure.smoothing?.weight !== weight) figure.smoothing = new Smoothing(figure.column, weight);
    return figure.smoothing;
  }

  /** Returns the position of a step on every axis. A step between two rows gets the position of the previous row. */
  place(step: number): AxisPoint {
    const row = this.lastRowUpTo(step);
    return { ...this.placeOf((axis) => axis.at(Math.min(row, axis.length - 1))), step };
  }

  /** Returns a point on every axis; its coordinate is 0 on axes without values. */
  private placeOf(valueOf: (axis: Column) => number): AxisPoint {
    const { step, time, tokens } = this.axes;
    return { step: valueOf(step) || 0, time: valueOf(time) || 0, tokens: valueOf(tokens) || 0 };
  }

  private figure(name: string): Figure {
    let figure = this.figures.get(name);
    if (!figure) {
      const column = new Column();
      figure = { column, extremes: new Extremes(column), smoothing: null };
      this.figures.set(name, figure);
    }
    return figure;
  }

  private rowOf(step: number): number | null {
    const { step: steps } = this.axes;
    if (steps.length === 0 || step > steps.at(steps.length - 1)) {
      steps.put(steps.length, step);
      return steps.length - 1;
    }
    const row = this.lastRowUpTo(step);
    return row >= 0 && steps.at(row) === step ? row : null;
  }

  private lastRowUpTo(step: number): number {
    const { step: steps } = this.axes;
    return firstIn(0, steps.length, (row) => steps.at(row) > step) - 1;
  }

  private advance(axis: 'time' | 'tokens', row: number, value: number): void {
    const column = this.axes[axis];
    const last = column.length === 0 ? 0 : column.at(column.length - 1);
    column.put(row, Math.max(value, last), last);
  }

  /** Computes trained tokens per second once both files (metrics and timings) contain a line for the step. */
  private throughput(row: number, told: number): void {
    const tokens = this.figures.get('num_tokens')?.column;
    const seconds = told > 0 ? told : (this.figures.get('step_time')?.column.at(row) ?? NaN);
    if (!tokens || Number.isNaN(tokens.at(row)) || !(seconds > 0)) return;
    const before = row === 0 ? 0 : tokens.at(row - 1);
    if (!Number.isNaN(before)) {
      this.figure('perf/tokens_per_second').column.put(row, (tokens.at(row) - before) / seconds);
    }
  }
}
