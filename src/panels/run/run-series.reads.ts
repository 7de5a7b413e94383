import type { MetricsRow } from '../../core/rewards/metrics-row.ts';
import type { AxisPoint, RunUpdate, XAxis } from './run.contract.ts';
import { Column, Extremes, Smoothing, summarise } from './series.reads.ts';

/** A figure with the data to draw it fast. */
export interface Figure {
  column: Column;
  extremes: Extremes;
  smoothing: Smoothing | null;
}

/**
 * The figures of a run in rows: one row for each optimiser step, filled from metrics and timings in any order. Rows are
 * added and never removed.
 */
export class MetricsTable {
  readonly figures = new Map<string, Figure>();
  /** Ascending. A row without a value on an axis has that of the row before. */
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
   * Adds the values of a line to the row of its step; a line of an earlier step without a row is ignored.
   * @param seconds the time that the line stands for, if that is not only its own step's.
   */
  add(line: MetricsRow, seconds = line.step_time ?? NaN): void {
    const row = this.rowOf(line.step);
    if (row === null) return;
    for (const [name, value] of Object.entries(line)) {
      // A null is a gap. A figure exists only once it has had a value.
      if (name !== 'step' && value !== null) this.figure(name).column.put(row, value);
    }
    if (typeof line.num_tokens === 'number') this.advance('tokens', row, line.num_tokens);
    if (typeof line.step_time === 'number') {
      const before = this.axes.time.length === 0 ? 0 : this.axes.time.at(this.axes.time.length - 1);
      this.advance('time', row, before + seconds);
    }
    this.throughput(row, seconds);
  }

  /** What a run's figures say on the whole. */
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

  /** A figure smoothed with a weight; the result for the last weight is cached. */
  smoothed(figure: Figure, weight: number): Smoothing {
    if (figure.smoothing?.weight !== weight) figure.smoothing = new Smoothing(figure.column, weight);
    return figure.smoothing;
  }

  /** Where a step lies on every axis; between rows, the position of the row before. */
  place(step: number): AxisPoint {
    const row = this.lastRowUpTo(step);
    return { ...this.placeOf((axis) => axis.at(Math.min(row, axis.length - 1))), step };
  }

  /** Axes without values are at 0. */
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

  /** Computes trained tokens per second, once both files have a line for a step. */
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
