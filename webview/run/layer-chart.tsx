import { DASHES, nth, useTheme } from './theme.ts';

/** A line of the chart: a figure by layer, or a constant level. */
interface LayerLine {
  label: string;
  /** By layer, in the order of the chart. */
  values: readonly (number | null)[];
  /** Whether `values` is a single level for all layers, drawn as a thin line. */
  level?: boolean;
  /** Indices of its colour and dash; by default its index among the lines. */
  ink?: { colour: number; dash: number };
}

interface Props {
  label: string;
  /** Names of the layers. */
  layers: readonly (number | string)[];
  lines: readonly LayerLine[];
  say: (value: number) => string;
}

/**
 * Lines over layers, distinguished by dashes as well as by colour. The caller puts a table with the same figures below.
 */
export function LayerChart({ label, layers, lines, say }: Props) {
  const theme = useTheme();
  const values = lines.flatMap((line) => line.values.filter((value) => value !== null));
  if (values.length === 0) return null;
  const [low, high] = roundRange(Math.min(...values), Math.max(...values));
  const x = (at: number): number => (100 * (at + 0.5)) / layers.length;
  const y = (value: number): number => 100 - (100 * (value - low)) / (high - low);
  const inkOf = ({ level, ink }: LayerLine, i: number) => ({
    stroke: nth(theme.palette, ink?.colour ?? i),
    'stroke-dasharray': nth(DASHES, ink?.dash ?? i).join(' '),
    'stroke-width': level ? 1 : 2,
  });
  return (
    <figure class="layer-chart">
      <div class="plot" role="img" aria-label={`${label}; the table below has the figures`}>
        <div class="y" aria-hidden="true">
          {[high, (low + high) / 2, low].map((value) => (
            <span key={value}>{say(value)}</span>
          ))}
        </div>
        <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
          {[0, 50, 100].map((at) => (
            <path key={at} class="guide" d={`M0 ${at}H100`} />
          ))}
          {lines.map((line, i) => (
            <path key={line.label} d={pathOf(line, x, y)} fill="none" {...inkOf(line, i)} />
          ))}
        </svg>
        <div class="x" aria-hidden="true">
          {layers.map((layer, at) => (
            <span key={layer}>{at % Math.ceil(layers.length / 12) === 0 ? layer : ''}</span>
          ))}
        </div>
      </div>
      <ul class="legend">
        {lines.map((line, i) => (
          <li key={line.label}>
            <svg viewBox="0 0 22 10" aria-hidden="true">
              <path d="M0 5h22" {...inkOf(line, i)} />
            </svg>
            {line.label}
          </li>
        ))}
      </ul>
    </figure>
  );
}

/**
 * The SVG path of a line, with gaps at layers without a value; a value between gaps is a dash. A level goes from edge to
 * edge.
 */
function pathOf({ values, level }: LayerLine, x: (at: number) => number, y: (value: number) => number) {
  const [first] = values;
  if (level) return first == null ? '' : `M0 ${y(first)}H100`;
  return values
    .map((value, at) => {
      if (value === null) return '';
      const isAlone = (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null;
      if (isAlone) return `M${x(at) - 1.5} ${y(value)}h3`;
      return `${at > 0 && values[at - 1] !== null ? 'L' : 'M'}${x(at)} ${y(value)}`;
    })
    .join('');
}

/** The smallest range of round numbers that contains both. */
function roundRange(least: number, most: number): [number, number] {
  const unit = 10 ** Math.floor(Math.log10(most - least || 1));
  const [low, high] = [Math.floor(least / unit) * unit, Math.ceil(most / unit) * unit];
  return low === high ? [low, low + unit] : [low, high];
}
