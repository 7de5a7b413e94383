import type { Axis, CellMap, Chart, Point, ReportDocument, Series } from './document.ts';
import {
  colourOf,
  cut,
  drawLegend,
  type Drawing,
  inLines,
  label,
  LEFT,
  LETTER,
  type Mark,
  round,
  shape,
  tooltipOf,
} from './drawing-parts.ts';

/** Width of a chart in an exported file, in pixels. */
export const CHART_WIDTH = 640;
const PLOT = { left: LEFT, height: 260 };
/** Distance between the lines of an axis label, in pixels. */
const LINE = 14;
/** Minimum letters of a cut name below a bar that still identifies it, and maximum letters of an upright name. */
const NAMES = { level: 8, upright: 24 };
/** Space at the right edge for half of the last axis label, in pixels. */
const MARGIN = 16;

/**
 * Draws a chart in the available width, at least 240 and at most `CHART_WIDTH` pixels. In narrow charts, the axes are
 * shorter and the font size is unchanged.
 */
export function drawChart(chart: Chart, room = CHART_WIDTH): Drawing & { width: number } {
  const width = Math.max(240, Math.min(room, CHART_WIDTH));
  return { width, ...drawnIn(chart, width) };
}

function drawnIn(chart: Chart, width: number): Drawing {
  const { kind, x, y, series } = chart;
  if (chart.map) return drawMap(chart.map, width);
  if (kind === 'dumbbell') return drawDumbbells(chart, width);
  const right = width - MARGIN;
  const legend = drawLegend(series, right);
  const top = legend.height + 10;
  const bottom = top + PLOT.height;
  const points = series.flatMap((line): Point[] => [...line.points, ...(line.curve ?? [])]);
  const bars = kind === 'bars';
  const yTicks = axisTicks(y, heights(kind, points));
  const xTicks = bars
    ? []
    : axisTicks(
        x,
        points.map((point) => point.x),
      );
  const categories = bars ? Math.max(0, ...points.map((point) => point.x + 1)) : 0;
  const scale = (value: number, [from, to]: [number, number], [low, high]: [number, number]) =>
    round(low + ((value - from) / (to - from || 1)) * (high - low));
  const ends = (all: readonly number[]): [number, number] => [all[0]!, all.at(-1)!];
  const toY = (value: number) => scale(value, ends(yTicks), [bottom, top]);
  const toX = (value: number) =>
    scale(value, bars ? [-0.5, categories - 0.5] : ends(xTicks), [PLOT.left, right]);

  const grid = yTicks.flatMap((tick): Mark[] => [
    // Bars in both directions need a line at 0.
    {
      tag: 'line',
      at: {
        class: bars && tick === 0 && yTicks[0]! < 0 ? 'base' : 'grid',
        x1: PLOT.left,
        x2: right,
        y1: toY(tick),
        y2: toY(tick),
      },
    },
    label(String(tick).replace('-', '−'), PLOT.left - 8, toY(tick) + 4, 'end'),
  ]);
  const below = bars
    ? [...new Map(points.map((point) => [point.x, point.label ?? ''])).entries()]
    : xTicks.map((tick): [number, string] => [tick, String(tick).replace('-', '−')]);
  const pitch = (right - PLOT.left) / Math.max(below.length, 1);
  // One letter less than fits, so that neighbours stay apart.
  const room = (pitch / LETTER - 1) | 0;
  const levels = below.map(([at, text]) => ({ at, text, lines: inLines(text, Math.max(room, 3)) }));
  // Names that would be too short in two lines are upright. If even these are too close, tooltips show some names.
  const isUpright = room < NAMES.level && levels.some(({ text, lines }) => lines.join(' ') !== text);
  const xNames = isUpright
    ? levels
        .filter((_, i) => i % Math.ceil(LINE / pitch) === 0)
        .map(({ at, text }) => ({ at, text, lines: [cut(text, NAMES.upright)] }))
    : levels;
  const xLabels = xNames.flatMap(({ at, text, lines }) =>
    lines.map((line, i) =>
      isUpright
        ? turned(label(line, toX(at) + 4, bottom + 10, 'end', text))
        : label(line, toX(at), bottom + 18 + i * LINE, 'middle', text),
    ),
  );
  const longest = Math.max(1, ...xNames.map(({ lines }) => (isUpright ? lines[0]!.length : lines.length)));
  const foot = bottom + (isUpright ? longest * LETTER - 12 : (longest - 1) * LINE);
  const axes = [
    label(x.label, (PLOT.left + right) / 2, foot + 38, 'middle'),
    turned(label(y.label, 14, (top + bottom) / 2, 'middle')),
  ];
  const drawn = series.flatMap((line, s) => drawSeries(line, s, series.length, kind, toX, toY));
  const names =
    kind === 'scatter'
      ? placeLabels(
          series
            .flatMap((line) => line.points)
            .map((point) => ({ x: toX(point.x), y: toY(point.y), text: point.label ?? '' })),
          { left: PLOT.left, right, top, bottom },
        )
      : [];
  return {
    height: foot + 48,
    marks: [
      ...legend.marks,
      ...grid,
      ...xLabels,
      ...axes,
      ...drawn,
      ...names.map((n) => label(n.text, n.x, n.y, n.anchor)),
    ],
  };
}

/** Returns all values on the vertical axis of a chart: points, interval ends, and the base of bars. */
const heights = (kind: Chart['kind'], points: readonly Point[]): number[] => [
  ...(kind === 'bars' ? [0] : []),
  ...points.flatMap((point) => [point.y, ...(point.bounds ?? []), ...(point.interval ?? [])]),
];

/** Sets the same axis ranges for all comparable charts in a section, which have the same kind and axis labels. */
export function withSharedAxes(report: ReportDocument): ReportDocument {
  const shared = (axis: Axis, values: readonly number[]): Axis => {
    const all = axisTicks(axis, values);
    return { ...axis, range: [all[0]!, all.at(-1)!] };
  };
  const sections = report.sections.map((section) => ({
    ...section,
    charts: section.charts.map((chart) => {
      const alike = section.charts.filter(
        ({ kind, x, y }) => kind === chart.kind && x.label === chart.x.label && y.label === chart.y.label,
      );
      const points = alike.flatMap(({ series }) => series.flatMap((line) => line.points));
      if (alike.length < 2 || points.length === 0) return chart;
      const y = shared(chart.y, heights(chart.kind, points));
      return {
        ...chart,
        y,
        ...(chart.kind !== 'bars' &&
          chart.kind !== 'dumbbell' && {
            x: shared(
              chart.x,
              points.map((point) => point.x),
            ),
          }),
      };
    }),
  }));
  return { ...report, sections };
}

/** Returns the ticks of an axis. Without a given range, the axis starts and ends with a tick. */
function axisTicks({ range }: Axis, values: readonly number[]): number[] {
  if (range) {
    const inner = ticks(...range).filter((tick) => tick > range[0] && tick < range[1]);
    return [range[0], ...inner, range[1]];
  }
  return values.length === 0 ? [0, 1] : ticks(Math.min(...values), Math.max(...values));
}

function drawSeries(
  { name, origin, colour, points, curve }: Series,
  s: number,
  count: number,
  kind: Chart['kind'],
  toX: (x: number) => number,
  toY: (y: number) => number,
): Mark[] {
  const look = `${colourOf(colour ?? s)}${origin === 'published' ? ' published' : ''}`;
  const tooltip = (point: Point) => tooltipOf(name, point);
  const spreads = (placeOf: (point: Point) => number) =>
    points.flatMap((point): Mark[] =>
      point.interval
        ? [
            {
              tag: 'line',
              at: {
                // In the colour of the bar, half of the interval's whisker would be invisible.
                class: kind === 'bars' ? 'spread whisker' : `spread ${look}`,
                x1: placeOf(point),
                x2: placeOf(point),
                y1: toY(point.interval[0]),
                y2: toY(point.interval[1]),
              },
            },
          ]
        : [],
    );
  if (kind === 'bars') {
    const width = ((toX(1) - toX(0)) * 0.7) / count;
    const left = (point: Point) => round(toX(point.x) + (s - count / 2) * width);
    return [
      ...points.flatMap((point): Mark[] => {
        const bar = (from: number, to: number, what: string): Mark => ({
          tag: 'rect',
          at: {
            class: `${what} ${look}`,
            x: left(point),
            width: round(width * 0.9),
            y: Math.min(toY(from), toY(to)),
            height: round(Math.abs(toY(from) - toY(to))),
          },
          title: tooltip(point),
        });
        const { bounds, y } = point;
        if (!bounds) return [bar(0, y, 'bar')];
        // Draws the certain part of a value as a bar, and the possible part as an outline.
        return [...(bounds[0] > 0 ? [bar(0, bounds[0], 'bar')] : []), bar(...bounds, 'range')];
      }),
      ...spreads((point) => round(left(point) + width * 0.45)),
    ];
  }
  const through = curve ?? (kind === 'line' ? points : []);
  const outline = (part: readonly (readonly [x: number, y: number])[]) =>
    part.map(([x, y], i) => `${i ? 'L' : 'M'}${toX(x)} ${toY(y)}`).join('');
  const ends = (end: 0 | 1) =>
    (curve ?? []).flatMap(({ x, interval }) => (interval ? [[x, interval[end]] as const] : []));
  const band = outline([...ends(0), ...ends(1).reverse()]);
  const line: Mark[] = [
    ...(band ? [{ tag: 'path' as const, at: { class: `band ${look}`, d: `${band}z` } }] : []),
    ...(through.length > 1
      ? [
          {
            tag: 'path' as const,
            at: { class: `curve ${look}`, d: outline(through.map(({ x, y }) => [x, y])) },
          },
        ]
      : []),
  ];
  return [
    ...line,
    ...spreads((point) => toX(point.x)),
    ...points.map((point): Mark => {
      const { bounds, x, y, opens } = point;
      const about = { title: tooltip(point), ...(opens && { opens }) };
      return bounds
        ? {
            tag: 'line',
            at: { class: `reach ${look}`, x1: toX(x), x2: toX(x), y1: toY(bounds[0]), y2: toY(bounds[1]) },
            ...about,
          }
        : { tag: 'path', at: { class: `dot ${look}`, d: shape(s, toX(x), toY(y)) }, ...about };
    }),
  ];
}

const MAP = { width: 480, height: 480 };

/** Colours of map cells in all themes, from all answers wrong, through half right, to all answers right. */
const CELL_COLOURS = ['#ef8a62', '#f7b799', '#f7f7f7', '#a7cfe6', '#67a9cf'] as const;

function drawMap(
  { picture, aspect, columns, rows, top, bottom, cells, key }: CellMap,
  frame: number,
): Drawing {
  const width = Math.min(frame, MAP.width, MAP.height * aspect);
  const height = width / aspect;
  const [w, h] = [width / columns, (height * (bottom - top)) / rows];
  const small = Math.min(11, w / 2.2, h);
  return {
    height: Math.ceil(height),
    marks: [
      ...(picture === null
        ? []
        : [
            {
              tag: 'image' as const,
              at: { href: picture, x: 0, y: 0, width: round(width), height: round(height) },
            },
          ]),
      ...cells
        .filter(({ n }) => n > 0)
        .flatMap(({ column, row, right, n }): Mark[] => {
          const [x, y, share] = [column * w, top * height + row * h, right / n];
          const title = `column ${column + 1}, row ${row + 1}: ${right} of ${n} correct`;
          return [
            {
              tag: 'rect',
              at: {
                x: round(x),
                y: round(y),
                width: round(w),
                height: round(h),
                fill: CELL_COLOURS[Math.round(share * (CELL_COLOURS.length - 1))]!,
                'fill-opacity': 0.8,
              },
              title,
              ...(key !== undefined && { opens: { key, cell: [column, row] as const } }),
            },
            {
              tag: 'text',
              at: {
                x: round(x + w / 2),
                y: round(y + h / 2 + small / 3),
                'text-anchor': 'middle',
                'font-size': round(small),
                fill: '#111111',
                'pointer-events': 'none',
              },
              text: String(Math.round(100 * share)),
            },
          ];
        }),
    ],
  };
}

const DUMBBELL = 20;

function drawDumbbells({ y, series }: Chart, width: number): Drawing {
  const all = series.flatMap(({ points }) => points);
  const count = Math.max(0, ...all.map((point) => point.x + 1));
  const names = Array.from({ length: count }, (_, i) => all.find((point) => point.x === i)?.label ?? '');
  // Category names use as much width as they need, up to two fifths of the chart.
  const longest = Math.max(0, ...names.map(({ length }) => length));
  const left = Math.min(longest * LETTER + 12, Math.round(width * 0.4));
  const right = width - MARGIN;
  const legend = drawLegend(series, right);
  const top = legend.height + 6;
  const bottom = top + count * DUMBBELL;
  const marks = axisTicks(
    y,
    all.flatMap((point) => point.bounds ?? [point.y]),
  );
  const toX = (value: number) =>
    round(left + ((value - marks[0]!) / (marks.at(-1)! - marks[0]! || 1)) * (right - left));
  const toY = (i: number) => top + (i + 0.5) * DUMBBELL;
  return {
    height: bottom + 40,
    marks: [
      ...legend.marks,
      ...marks.flatMap((tick): Mark[] => [
        { tag: 'line', at: { class: 'grid', x1: toX(tick), x2: toX(tick), y1: top, y2: bottom } },
        label(String(tick).replace('-', '−'), toX(tick), bottom + 16, 'middle'),
      ]),
      label(y.label, (left + right) / 2, bottom + 34, 'middle'),
      ...names.flatMap((name, i): Mark[] => {
        const values = all
          .filter((point) => point.x === i)
          .flatMap((point) => (point.bounds ?? [point.y]).map(toX));
        return [
          label(cut(name, ((left - 12) / LETTER) | 0), left - 10, toY(i) + 4, 'end', name),
          {
            tag: 'line',
            at: { class: 'base', x1: Math.min(...values), x2: Math.max(...values), y1: toY(i), y2: toY(i) },
          },
        ];
      }),
      ...series.flatMap(({ name, points }, s) =>
        points.map((point): Mark => {
          const title = tooltipOf(name, point);
          if (!point.bounds)
            return {
              tag: 'path',
              at: { class: `dot ${colourOf(s)}`, d: shape(s, toX(point.y), toY(point.x)) },
              title,
            };
          // Ranges of both views are drawn next to each other, because overlapping ranges would hide one another.
          const at = toY(point.x) + (s - (series.length - 1) / 2) * 6;
          const [x1, x2] = point.bounds.map(toX) as [number, number];
          return { tag: 'line', at: { class: `reach ${colourOf(s)}`, x1, x2, y1: at, y2: at }, title };
        }),
      ),
    ],
  };
}

const turned = (mark: Mark): Mark => ({
  ...mark,
  at: { ...mark.at, transform: `rotate(-90 ${mark.at.x} ${mark.at.y})` },
});

type Label = { x: number; y: number; text: string };
type Box = Record<'left' | 'right' | 'top' | 'bottom', number>;

const meets = (a: Box, b: Box) =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/**
 * Places names next to points: to the right, left, above or below, without overlap with points and earlier names. A
 * name without space only appears as a tooltip.
 */
function placeLabels(
  points: readonly Label[],
  frame: Box,
): (Label & { anchor: 'start' | 'middle' | 'end' })[] {
  const taken = points.map(({ x, y }): Box => ({ left: x - 6, right: x + 6, top: y - 6, bottom: y + 6 }));
  return points.flatMap(({ x, y, text }) => {
    const width = text.length * LETTER;
    const places = [
      { x: x + 9, y: y + 4, anchor: 'start' as const, left: x + 8 },
      { x: x - 9, y: y + 4, anchor: 'end' as const, left: x - 8 - width },
      { x, y: y - 10, anchor: 'middle' as const, left: x - width / 2 },
      { x, y: y + 18, anchor: 'middle' as const, left: x - width / 2 },
    ];
    for (const { left, ...place } of text === '' ? [] : places) {
      const box = { left, right: left + width, top: place.y - 10, bottom: place.y + 3 };
      const inside =
        box.left >= frame.left &&
        box.right <= frame.right &&
        box.top >= frame.top &&
        box.bottom <= frame.bottom;
      if (!inside || taken.some((other) => meets(other, box))) continue;
      taken.push(box);
      return [{ ...place, text }];
    }
    return [];
  });
}

const TICKS = 5;

/** Returns evenly spaced round numbers (steps of 1, 2 or 5 times a power of ten) that cover `low` to `high`. */
export function ticks(low: number, high: number): number[] {
  const span = high - low || Math.abs(high) || 1;
  const power = 10 ** Math.floor(Math.log10(span / TICKS));
  const step = power * ([1, 2, 5].find((factor) => factor * power * TICKS >= span * 0.999) ?? 10);
  // Computes ticks by whole steps, so that rounding errors do not accumulate.
  const [first, last] = [Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9)];
  return Array.from({ length: Math.max(last - first, 1) + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
}
