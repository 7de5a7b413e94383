import uPlot from 'uplot';
import { compact, duration, ticks } from '../../src/base/format.ts';
import type { XAxis } from '../../src/panels/run/run.contract.ts';
import { gapsOf, stack, type Curve } from './curves.ts';
import { drawIntervals, drawLevels, drawMarks, drawSigns, type Level, type Mark } from './chart-marks.ts';
import { colourOf, DASHES, nth, thinned, type Theme } from '../ui/theme.ts';

export interface Drawing {
  curves: Curve[];
  /** Whether the chart shows several runs. If so, colours distinguish runs, and dashes distinguish lines. */
  compared: boolean;
  stacked: boolean;
  /** Whether the values are shares of 1. The chart shows them in percent. */
  shares: boolean;
  log: boolean;
  axis: XAxis;
  /** Visible range of the x-axis, in axis values. */
  range: [number, number];
  marks: Mark[];
  levels: Level[];
  /** Whether to draw dots, because the chart has only a few separate values. */
  dots: boolean;
  map?: { draw: (u: uPlot) => void; y: [number, number] };
}

/** Actions of the user in a plot, in values of the x-axis. */
interface PlotEvents {
  point(x: number | null): void;
  zoom(range: [number, number]): void;
  reset(): void;
  pick(x: number): void;
}

/** Maximum delay between the two clicks of a double click, in ms. */
const DOUBLE_CLICK_MS = 250;
const Y_AXIS = 52;
/** Minimum width of a gap, in pixels. With many rows, a chart contains only as many points as it has columns. */
const MIN_GAP = 4;

/** Chart on a canvas. If the lines change, rebuilds the chart; otherwise, replaces only the data. */
export class Plot {
  private readonly u: uPlot;
  private drawing: Drawing;
  private following = false;
  private picking: ReturnType<typeof setTimeout> | undefined;

  constructor(
    element: HTMLElement,
    size: { width: number; height: number },
    drawing: Drawing,
    theme: Theme,
    private readonly on: PlotEvents,
  ) {
    this.drawing = arranged(drawing);
    this.u = new uPlot(this.options(size, theme), this.data(), element);
    this.listen();
  }

  /** Returns a key of all properties whose change requires rebuilding the chart. */
  static shape({ curves, stacked, log, axis, compared, dots }: Drawing): string {
    const lines = curves.map(
      ({ id, smooth, band, reach }) => `${id} ${smooth !== null} ${band !== null} ${reach !== undefined}`,
    );
    return [stacked, log, axis, compared, dots, ...lines].join('|');
  }

  draw(drawing: Drawing): void {
    this.drawing = arranged(drawing);
    this.u.setData(this.data());
  }

  resize(size: { width: number; height: number }): void {
    if (size.width !== this.u.width || size.height !== this.u.height) this.u.setSize(size);
  }

  /** Moves the crosshair to the position that the crosshair has in another chart. */
  follow(x: number | null): void {
    this.following = true;
    this.u.setCursor({ left: x === null ? -10 : this.u.valToPos(x, 'x'), top: x === null ? -10 : 0 });
    this.following = false;
  }

  destroy(): void {
    clearTimeout(this.picking);
    this.u.destroy();
  }

  private listen(): void {
    const { over } = this.u;
    let pressed = 0;
    over.addEventListener('mousedown', (event) => (pressed = event.clientX));
    over.addEventListener('click', (event) => {
      if (Math.abs(event.clientX - pressed) > 3 || event.detail > 1) return;
      const x = this.u.posToVal(event.clientX - over.getBoundingClientRect().left, 'x');
      clearTimeout(this.picking);
      this.picking = setTimeout(() => this.on.pick(x), DOUBLE_CLICK_MS);
    });
    over.addEventListener('dblclick', () => {
      clearTimeout(this.picking);
      this.on.reset();
    });
  }

  private options(size: { width: number; height: number }, theme: Theme): uPlot.Options {
    const { axis, log, shares, stacked, map } = this.drawing;
    const plan = this.plan(theme);
    const common = {
      stroke: theme.quiet,
      font: theme.font,
      grid: { stroke: thinned(theme.grid, theme.contrast ? 35 / 100 : 0.6), width: 1 },
      ticks: { show: false },
    };
    const xLabels = (values: number[]) =>
      values.map((v) => (axis === 'time' ? duration(v) : v % 1 === 0 ? compact(v) : ''));
    return {
      ...size,
      legend: { show: false },
      pxAlign: 1,
      padding: [8, 10, 0, 0],
      series: [{}, ...plan.series],
      bands: plan.bands,
      scales: {
        x: { time: false, range: () => this.xRange() },
        y: {
          distr: log && !stacked ? 3 : 1,
          range: (_, low, high) => {
            if (map) return map.y;
            if (stacked) return [0, shares ? 1 : (high || 1) * 1.05];
            const heights = this.drawing.levels.map(({ y }) => y);
            return yRange(Math.min(low ?? 0, ...heights), Math.max(high ?? 1, ...heights), log);
          },
        },
      },
      axes: [
        { ...common, size: 24, gap: 4, space: 64, values: (_, values) => xLabels(values) },
        {
          ...common,
          size: Y_AXIS,
          gap: 6,
          space: 34,
          values: (_, values) =>
            shares
              ? ticks(values.map((value) => value && 100 * value)).map((text) => text && `${text}%`)
              : ticks(values),
        },
      ],
      cursor: {
        y: false,
        drag: { x: true, y: false, setScale: false, dist: 4 },
        points: { show: (_, i) => this.cursorPoint(i, plan, theme) },
        bind: { dblclick: () => null },
      },
      hooks: {
        setSelect: [
          ({ select }) => {
            if (select.width < 4) return;
            const [from, to] = [select.left, select.left + select.width];
            this.on.zoom([this.u.posToVal(from, 'x'), this.u.posToVal(to, 'x')]);
            this.u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
        setCursor: [
          (u) => {
            if (this.following) return;
            const { left = -10 } = u.cursor;
            this.on.point(left < 0 ? null : u.posToVal(left, 'x'));
          },
        ],
        drawAxes: [(u) => this.drawing.map?.draw(u)],
        draw: [
          (u) => {
            drawLevels(u, this.drawing.levels, theme);
            if (this.drawing.dots) drawIntervals(u, plan.mains);
            drawMarks(u, this.drawing.marks, theme);
            if (this.drawing.compared) drawSigns(u, plan.mains, theme, this.drawing.dots);
          },
        ],
      },
    };
  }

  /** Returns the uPlot series of the curves: edges of bounds and band, the unsmoothed line, and the line to show. */
  private plan(theme: Theme) {
    const { curves, compared, stacked, dots } = this.drawing;
    const series: uPlot.Series[] = [];
    const bands: uPlot.Band[] = [];
    const mains: { index: number; run: number; colour: string; hasReach: boolean }[] = [];
    curves.forEach((curve, i) => {
      // Evaluations of selected checkpoints have no regular interval, so their lines are drawn across gaps.
      const broken = { spanGaps: dots, gaps: (u: uPlot) => this.gaps(u, i) };
      const hidden = { stroke: 'transparent', width: 0, points: { show: false }, ...broken };
      const colour = colourOf(theme, curve, compared);
      const dash = nth(DASHES, curve.line);
      if (curve.reach) series.push(hidden, hidden);
      if (curve.band) {
        series.push(hidden, hidden);
        if (!dots) bands.push({ series: [series.length, series.length - 1], fill: thinned(colour, 0.16) });
      }
      if (curve.smooth) {
        series.push({
          stroke: thinned(colour, theme.contrast ? 0.5 : 0.32),
          width: 1,
          points: { show: false },
          ...broken,
        });
      }
      // Draw no line for a part whose values are all zero, because this line would hide the line below.
      const below = curves[i - 1]?.raw;
      const nothing = stacked && curve.raw.every((value, row) => value === (below?.[row] ?? 0));
      series.push({
        stroke: nothing ? 'transparent' : colour,
        width: theme.contrast ? 2 : 1.5,
        dash: stacked ? [] : dash,
        ...broken,
        // Charts with intervals draw points separately.
        points: dots
          ? { show: false }
          : { size: 5, fill: colour, filter: (u, _, show, gaps) => (show ? null : between(u, gaps)) },
        ...(stacked && i === 0 && { fill: thinned(colour, 0.45) }),
      });
      if (stacked && i > 0) {
        bands.push({ series: [series.length, mains[i - 1]!.index], fill: thinned(colour, 0.45) });
      }
      mains.push({ index: series.length, run: curve.run, colour, hasReach: curve.reach !== undefined });
    });
    return { series, bands, mains };
  }

  /** Returns the gaps in a curve, in pixels of the canvas. */
  private gaps(u: uPlot, i: number): uPlot.Series.Gaps {
    const { x, steps, raw } = this.drawing.curves[i]!;
    const gaps = gapsOf({ x, steps, raw: raw.map((value) => (this.isDrawn(value) ? value : NaN)) });
    return gaps
      .map((gap) => gap.map((at) => Math.round(u.valToPos(at, 'x', true))) as uPlot.Series.Gap)
      .filter(([from, to]) => to - from >= MIN_GAP * uPlot.pxRatio);
  }

  /** Returns whether a value can be drawn. A logarithmic axis has no position for values up to 0. */
  private isDrawn(value: number): boolean {
    const { log, stacked } = this.drawing;
    return !Number.isNaN(value) && (value > 0 || !log || stacked);
  }

  private data(): uPlot.AlignedData {
    const { curves } = this.drawing;
    const column = (values: ArrayLike<number>) =>
      Array.from(values, (value) => (this.isDrawn(value) ? value : null));
    const tables: uPlot.AlignedData[] = [];
    for (const [i, curve] of curves.entries()) {
      const columns = [
        ...(curve.reach ? [column(curve.reach.low), column(curve.reach.high)] : []),
        ...(curve.band ? [column(curve.band.low), column(curve.band.high)] : []),
        ...(curve.smooth ? [column(curve.raw)] : []),
        column(curve.smooth ?? curve.raw),
      ];
      // Curves of the same run share the rows.
      if (i > 0 && curves[i - 1]!.x === curve.x) tables.at(-1)!.push(...(columns as never[]));
      else tables.push([curve.x, ...columns] as uPlot.AlignedData);
    }
    if (tables.length === 0) return [this.xRange()];
    return tables.length === 1 ? tables[0]! : uPlot.join(tables);
  }

  private xRange(): [number, number] {
    const [from, to] = this.drawing.range;
    return from < to ? [from, to] : [from - 1, to + 1];
  }

  private cursorPoint(index: number, plan: ReturnType<Plot['plan']>, theme: Theme): HTMLElement {
    const point = document.createElement('div');
    point.className = 'u-cursor-pt';
    const main = plan.mains.find((m) => m.index === index);
    if (!main) point.classList.add('none');
    const size = 7;
    Object.assign(point.style, {
      width: `${size}px`,
      height: `${size}px`,
      marginLeft: `${-size / 2}px`,
      marginTop: `${-size / 2}px`,
      background: main?.colour ?? '',
      border: `1px solid ${theme.background}`,
    });
    return point;
  }
}

/**
 * Returns the range of the y-axis. Treats nearly equal values as equal, because uPlot finds no ticks between nearly
 * equal values, and fails.
 */
function yRange(low: number, high: number, log: boolean): uPlot.Range.MinMax {
  const same = high - low <= 1e-5 * Math.max(Math.abs(low), Math.abs(high));
  if (log) return uPlot.rangeLog(low, same ? low : high, 10, false);
  const margin = Math.abs(low) / 10 || 1;
  return same ? [low - margin, low + margin] : uPlot.rangeNum(low, high, 0.1, true);
}

const arranged = (drawing: Drawing): Drawing =>
  drawing.stacked ? { ...drawing, curves: stack(drawing.curves) } : drawing;

/** Returns the indices of single values between two gaps, because lines do not show single values. */
const between = (u: uPlot, gaps: number[][] | null | undefined): number[] =>
  (gaps ?? []).flatMap(([from = NaN], i, all) => (from === all[i - 1]?.[1] ? [u.posToIdx(from, true)] : []));
