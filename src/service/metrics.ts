import type { Call } from '../core/protocol/channel.ts';
import type {
  RunService,
  SeriesAnswer,
  SeriesQuery,
  SpreadAnswer,
  SpreadQuery,
} from '../core/protocol/run-panel.ts';
import { summarise, type SeriesSummary } from '../core/run-data/series/summary.ts';
import { rowsWithin, visibleRows } from '../core/run-data/series/visible-rows.ts';
import { RunReader } from './metrics-run.ts';
import type { MetricsTable } from './metrics-table.ts';

/** The runs whose curves are at hand. Each one who opened a run has it alone, and hears all of its news. */
export class RunCurves implements RunService {
  private readonly runs = new Map<number, RunReader>();
  private next = 0;

  async runOpen({ dir }: { dir: string }, call: Call<number>) {
    const reader = new RunReader(dir);
    const facts = await reader.facts();
    const news = await reader.read(call.onProgress);
    const run = this.next++;
    this.runs.set(run, reader);
    return { run, facts, news: news! };
  }

  runNews({ run }: { run: number }) {
    return this.opened(run).read();
  }

  runSeries({ run, query }: { run: number; query: SeriesQuery }): SeriesAnswer {
    return series(this.opened(run).table, query);
  }

  runSpread({ run, query }: { run: number; query: SpreadQuery }): Promise<SpreadAnswer | null> {
    const { spreads, traced, table } = this.opened(run);
    return spreads.read(traced, query.of, query.x, (step) => table.place(step));
  }

  runClose({ run }: { run: number }): void {
    this.runs.delete(run);
  }

  private opened(run: number): RunReader {
    const reader = this.runs.get(run);
    if (!reader) throw new Error('This run is not open.');
    return reader;
  }
}

/** What one chart shows of a table. Figures that the run does not have are gaps throughout. */
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
  const pick = (at: (row: number) => number) => Float64Array.from(rows, at);
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
      const found = figure && summarise(figure.column, figure.extremes, first, end);
      return found
        ? {
            ...found,
            lastRow: stepOf(found.lastRow),
            lowestRow: stepOf(found.lowestRow),
            highestRow: stepOf(found.highestRow),
          }
        : null;
    }),
    rows: end - first,
  };
}
