import type { Grid } from '../../src/core/seen/token-grid.ts';
import { contourOf } from './contour.ts';

interface HeatProps {
  grid: Grid;
  /** Values for the cells of all images. Values of differences can be negative. */
  values: Float32Array;
  kind: 'attention' | 'difference';
  /** Index of the image that the map covers, from 0. */
  picture?: number;
  /** Cells that attract attention for every question. The map hatches these cells. */
  sinks?: ReadonlySet<number>;
  /** Opacity of the whole map, from 0 to 1. */
  opacity: number;
  /** Id that is unique in the page's document. */
  id: string;
}

/**
 * Map over an image. A map of attention keeps the image's colours: cells with less attention are darker, and a line
 * surrounds the cells with half of the attention. A map of differences is coloured, with stronger colours for larger
 * differences. Parts that the model does not see are hatched.
 */
export function Heat({ grid, values, kind, picture = 0, sinks, opacity, id }: HeatProps) {
  const first = picture * grid.rows * grid.cols;
  const most = values.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
  const hatch = `hatch-${id}`;
  const lines = kind === 'attention' ? contourOf(values, grid, picture) : [];
  const contour = lines.map(([x1, y1, x2, y2]) => `M${x1} ${y1}L${x2} ${y2}`).join('');
  return (
    <svg class="heat" viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
      <defs>
        <pattern
          id={hatch}
          width="0.03"
          height="0.03"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect class="hatch" width="0.01" height="0.03" />
        </pattern>
      </defs>
      <g style={{ opacity }}>
        {cellsOf(grid).map(({ x, y, width, height }, cell) => {
          const i = first + cell;
          const strength = most > 0 ? Math.sqrt(Math.abs(values[i]!) / most) : 0;
          const sign = values[i]! < 0 ? 'less' : 'more';
          const fillOpacity = kind === 'attention' ? 1 - strength : strength;
          return (
            <>
              <rect class={`${sign} ${kind}`} {...{ x, y, width, height }} style={{ fillOpacity }} />
              {sign === 'less' && strength > 0.5 && (
                <rect {...{ x, y, width, height }} fill={`url(#${hatch})`} />
              )}
              {sinks?.has(i) && <rect class="sink" {...{ x, y, width, height }} fill={`url(#${hatch})`} />}
            </>
          );
        })}
        {unseenOf(grid).map((place) => (
          <rect class="not-seen" {...place} fill={`url(#${hatch})`} />
        ))}
      </g>
      {/* Draw the line twice, because a dark line below a light line is visible on any image. */}
      {contour && <path d={contour} class="contour under" />}
      {contour && <path d={contour} class="contour" />}
    </svg>
  );
}

interface CellBox {
  x: number;
  y: number;
  width: number;
  height: number;
}

function cellsOf({ rows, cols, piece: [left, top, right, bottom] }: Grid): CellBox[] {
  const [width, height] = [(right - left) / cols, (bottom - top) / rows];
  return Array.from({ length: rows * cols }, (_, i) => ({
    x: left + (i % cols) * width,
    y: top + Math.floor(i / cols) * height,
    width,
    height,
  }));
}

/** Returns the margins of the image that the model cannot see. */
function unseenOf({ piece: [left, top, right, bottom] }: Grid): CellBox[] {
  const all = [
    { x: 0, y: 0, width: left, height: 1 },
    { x: right, y: 0, width: 1 - right, height: 1 },
    { x: left, y: 0, width: right - left, height: top },
    { x: left, y: bottom, width: right - left, height: 1 - bottom },
  ];
  return all.filter(({ width, height }) => width > 1e-6 && height > 1e-6);
}
