import type { MetricsRow } from '../core/grpo/metrics.ts';
import type { AxisPoint, XAxis } from '../core/protocol/run-panel.ts';
import { Column, Extremes, Smoothing } from '../core/run-data/series/column.ts';

/** A figure with what is needed to draw it fast. */
export interface Figure {
  column: Column;
  extremes: Extremes;
  smoothing: Smoothing | null;
}

/**
 * The figures of a run by row: one row for each optimiser step, from metrics and timings alike, whichever comes first.
 * Rows are added and never change.
 */
export class MetricsTable {
  readonly figures = new Map<string, Figure>();
  /** Ascending; where a row does not say, it is where the row before it was. */
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

  /** Adds what a line says of its step; lines of steps before the first say nothing. */
  add(line: MetricsRow): void {
    const row = this.rowOf(line.step);
    if (row === null) return;
    for (const [name, value] of Object.entries(line)) {
      // A null is a gap, and a figure that has never had a value is none.
      if (name !== 'step' && value !== null) this.figure(name).column.put(row, value);
    }
    if (typeof line.num_tokens === 'number') this.advance('tokens', row, line.num_tokens);
    if (typeof line.step_time === 'number') {
      const before = this.axes.time.length === 0 ? 0 : this.axes.time.at(this.axes.time.length - 1);
      this.advance('time', row, before + line.step_time);
    }
    this.throughput(row);
  }

  /** A figure smoothed with a weight; the last weight is kept at hand. */
  smoothed(figure: Figure, weight: number): Smoothing {
    if (figure.smoothing?.weight !== weight) figure.smoothing = new Smoothing(figure.column, weight);
    return figure.smoothing;
  }

  /** Where a step lies on every axis; between rows, at the one before. */
  place(step: number): AxisPoint {
    const row = this.lastRowUpTo(step);
    return { ...this.placeOf((axis) => axis.at(Math.min(row, axis.length - 1))), step };
  }

  /** What an axis does not have is at its zero. */
  private placeOf(at: (axis: Column) => number): AxisPoint {
    const { step, time, tokens } = this.axes;
    return { step: at(step) || 0, time: at(time) || 0, tokens: at(tokens) || 0 };
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
    let [from, to] = [0, steps.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (steps.at(middle) <= step) from = middle + 1;
      else to = middle;
    }
    return from - 1;
  }

  private advance(axis: 'time' | 'tokens', row: number, value: number): void {
    const column = this.axes[axis];
    const last = column.length === 0 ? 0 : column.at(column.length - 1);
    column.put(row, Math.max(value, last), last);
  }

  /** Trained tokens per second, once both files have told of a step. */
  private throughput(row: number): void {
    const tokens = this.figures.get('num_tokens')?.column;
    const seconds = this.figures.get('step_time')?.column.at(row) ?? NaN;
    if (!tokens || Number.isNaN(tokens.at(row)) || !(seconds > 0)) return;
    const before = row === 0 ? 0 : tokens.at(row - 1);
    if (!Number.isNaN(before)) {
      this.figure('perf/tokens_per_second').column.put(row, (tokens.at(row) - before) / seconds);
    }
  }
}
