import type { Call } from '../../base/call.ts';
import type { SeriesAnswer, SeriesQuery, SpreadAnswer, SpreadQuery, SeriesSummary } from './run.contract.ts';
import { rowsWithin, summarise, visibleRows } from './series.reads.ts';
import { mayBeForeign } from '../../lab/foreign/known.ts';
import { ForeignCurves, type CurveReader } from './run-foreign.reads.ts';
import { RunReader } from './run-own.reads.ts';
import type { MetricsTable } from './run-series.reads.ts';

/** Runs whose curves are shown. Each caller gets a separate reader, so that every caller receives all changes. */
export class RunCurves {
  private readonly runs = new Map<number, Promise<CurveReader>>();
  private next = 0;

  /**
   * Reads the run in a folder, and keeps the run in memory under a number. Reports progress from 0 to 1.
   * @param args.run number that the run had in a worker thread that stopped
   * @throws if the folder contains no run
   */
  async runOpen({ dir, run }: { dir: string; run?: number }, call: Call<number>) {
    const reader: CurveReader = mayBeForeign(dir) ? new ForeignCurves(dir) : new RunReader(dir);
    const read = async () => {
      const facts = await reader.facts();
      return { facts, news: (await reader.read(call.onProgress))! };
    };
    const opening = read();
    // A caller with an existing number already requests updates, so the next update must contain all values.
    if (run !== undefined)
      this.keep(
        run,
        opening.then(() => (reader.tellAll(), reader)),
      );
    const opened = await opening;
    if (run === undefined) this.keep((run = this.next), Promise.resolve(reader));
    return { run, ...opened };
  }

  /** Reads new lines of a run; null if the run's files have not changed. */
  runUpdate({ run }: { run: number }) {
    return this.opened(run).then((reader) => reader.read());
  }

  runSeries({ run, query }: { run: number; query: SeriesQuery }): Promise<SeriesAnswer> {
    return this.opened(run).then(({ table }) => series(table, query));
  }

  /** Returns the distribution of single values over the training; null if no step has traces. */
  runSpread({ run, query }: { run: number; query: SpreadQuery }): Promise<SpreadAnswer | null> {
    return this.opened(run).then((reader) => reader.spread(query));
  }

  runClose({ run }: { run: number }): void {
    const reader = this.runs.get(run);
    void reader?.then(
      (opened) => opened.close(),
      () => undefined, // the run was never opened
    );
    this.runs.delete(run);
  }

  private keep(run: number, reader: Promise<CurveReader>): void {
    reader.catch(() => undefined); // Calls that wait for the reader report the error.
    this.runs.set(run, reader);
    this.next = Math.max(this.next, run + 1);
  }

  private opened(run: number): Promise<CurveReader> {
    const reader = this.runs.get(run);
    if (!reader) throw new Error('This run is no longer open. Open the run again.');
    return reader;
  }
}

/** Returns the part of a table that one chart shows. Metrics that the run lacks get gaps only. */
function series(table: MetricsTable, query: SeriesQuery): SeriesAnswer {
  const axis = table.axes[query.x].view;
  const range = query.range ?? ([-Infinity, Infinity] as const);
  const figures = query.metrics.map((name) => table.figures.get(name));
  const rows = visibleRows(
    axis,
    range,
    query.columns,
    figures.flatMap((figure) => figure?.extremes ?? []),
  );
  const [first, end] = rowsWithin(axis, range);
  const stepOf = (row: number) => table.axes.step.at(row);
  const pick = (valueOf: (row: number) => number) => Float64Array.from(rows, valueOf);
  return {
    x: pick((row) => axis[row]!),
    steps: pick(stepOf),
    values: figures.map((figure) => pick((row) => figure?.column.at(row) ?? NaN)),
    smooth:
      query.smoothing === 0
        ? []
        : figures.map((figure) => {
            const smooth = figure && table.smoothed(figure, query.smoothing);
            return pick((row) => smooth?.at(row) ?? NaN);
          }),
    summaries: figures.map((figure): SeriesSummary | null => {
      const summary = figure && summarise(figure.column, figure.extremes, first, end);
      return summary
        ? {
            ...summary,
            lastRow: stepOf(summary.lastRow),
            lowestRow: stepOf(summary.lowestRow),
            highestRow: stepOf(summary.highestRow),
          }
        : null;
    }),
    rows: end - first,
  };
}
