import { fixed } from '../../src/base/format.ts';
import type { Chart } from '../../src/core/reports/document.ts';
import { MIRROR, ORIGINAL, viewOf } from '../../src/rows/view-list.ts';
import { DASHES, nth, useTheme, type Theme } from '../ui/theme.ts';

interface LayerChartProps {
  chart: Chart;
  /** Number of consecutive lines with the same colour, distinguished by dashes; by default 1. */
  looks?: number;
  nameOf?: (layer: number) => string;
}

/** Chart of lines over layers, distinguished by dashes and colour. The caller shows a table with the same values. */
export function LayerChart({ chart: { caption, series }, looks = 1, nameOf = String }: LayerChartProps) {
  const theme = useTheme();
  const points = series.flatMap((line) => line.points);
  if (points.length === 0) return null;
  const layers = [...new Set(points.map((point) => point.x))].sort((a, b) => a - b);
  const bands = series.flatMap(({ curve = [] }) => curve.flatMap(({ interval }) => interval ?? []));
  const values = [...points.map((point) => point.y), ...bands];
  const [low, high] = roundRange(Math.min(...values), Math.max(...values));
  const digits = Math.max(0, 1 - Math.floor(Math.log10(high - low)));
  const x = (index: number): number => (100 * (index + 0.5)) / layers.length;
  const y = (value: number): number => 100 - (100 * (value - low)) / (high - low);
  const inkOf = (i: number) => ({
    stroke: inkFor(series[i]!.name, theme) ?? nth(theme.palette, Math.floor(i / looks)),
    'stroke-dasharray': nth(DASHES, looks > 1 ? i % looks : i).join(' '),
    'stroke-width': 2,
  });
  return (
    <figure class="layer-chart">
      <div class="plot" role="img" aria-label={`${caption} (values in the table below)`}>
        <div class="y" aria-hidden="true">
          {[high, (low + high) / 2, low].map((value) => (
            <span key={value}>{fixed(value, digits)}</span>
          ))}
        </div>
        <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
          {[0, 50, 100].map((percent) => (
            <path key={percent} class="guide" d={`M0 ${percent}H100`} />
          ))}
          {series.map((line, i) =>
            line.curve ? (
              <path key={line.name} class="band" d={bandOf(line.curve, layers, x, y)} />
            ) : (
              <path key={line.name} d={pathOf(line, layers, x, y)} fill="none" {...inkOf(i)} />
            ),
          )}
        </svg>
        <div class="x" aria-hidden="true">
          {layers.map((layer, index) => (
            <span key={layer}>{index % Math.ceil(layers.length / 12) === 0 ? nameOf(layer) : ''}</span>
          ))}
        </div>
      </div>
      <ul class="legend">
        {series.map(({ name, curve }, i) => (
          <li key={name}>
            <svg viewBox="0 0 22 10" aria-hidden="true">
              {curve ? <path class="band" d="M0 0h22v10h-22z" /> : <path d="M0 5h22" {...inkOf(i)} />}
            </svg>
            {name}
          </li>
        ))}
      </ul>
    </figure>
  );
}

/** Returns the fixed colour for lines of originals and mirrors; undefined for other lines. */
const inkFor = (name: string, { meanings }: Theme): string | undefined =>
  name.endsWith(viewOf(ORIGINAL).label)
    ? meanings.original
    : name.endsWith(viewOf(MIRROR).label)
      ? meanings.mirror
      : undefined;

type Line = Chart['series'][number];

/** Returns the SVG path around a band. If there is only one layer, the band spans the whole width. */
function bandOf(
  curve: NonNullable<Line['curve']>,
  layers: readonly number[],
  x: (index: number) => number,
  y: (value: number) => number,
): string {
  const ends = curve.flatMap(({ x: layer, interval }) =>
    interval ? [{ at: x(layers.indexOf(layer)), low: y(interval[0]), high: y(interval[1]) }] : [],
  );
  const wide =
    ends.length === 1
      ? [
          { ...ends[0]!, at: 0 },
          { ...ends[0]!, at: 100 },
        ]
      : ends;
  const upper = wide.map(({ at, high }) => `${at} ${high}`);
  const lower = wide.map(({ at, low }) => `${at} ${low}`).reverse();
  return `M${[...upper, ...lower].join('L')}Z`;
}

/** Returns the SVG path of a line, with gaps at layers without a value. A single value between gaps becomes a dash. */
function pathOf(
  { points }: Line,
  layers: readonly number[],
  x: (index: number) => number,
  y: (value: number) => number,
) {
  const values = layers.map((layer) => points.find((point) => point.x === layer)?.y ?? null);
  return values
    .map((value, index) => {
      if (value === null) return '';
      const isAlone = (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null;
      if (isAlone) return `M${x(index) - 1.5} ${y(value)}h3`;
      return `${index > 0 && values[index - 1] !== null ? 'L' : 'M'}${x(index)} ${y(value)}`;
    })
    .join('');
}

/** Returns the smallest range from one round number to another that contains both values. */
function roundRange(least: number, most: number): [number, number] {
  const unit = 10 ** Math.floor(Math.log10(most - least || 1));
  const [low, high] = [Math.floor(least / unit) * unit, Math.ceil(most / unit) * unit];
  return low === high ? [low, low + unit] : [low, high];
}
