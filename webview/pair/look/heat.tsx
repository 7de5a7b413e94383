import { differenceAt, mapAt, relativeAt, sinksAt, type Which } from '../../../src/core/insight/figures.ts';
import { unmirrorMap, type Grid } from '../../../src/core/insight/maps.ts';
import type { Look } from '../../../src/core/insight/look.ts';
import { type LookState, queryIn, whichOf } from './state.ts';

/**
 * The map of a view, drawn over its picture: the stronger the colour, the more attention. Parts that the model does not
 * see are hatched.
 */
export function Heat({ shown, view }: { shown: LookState; view: number }) {
  const { look, mode, opacity } = shown;
  const which = whichOf(shown);
  const grid = look?.views[view]?.grid;
  if (!look || !grid || !which) return null;
  const values =
    mode === 'difference' ? differenceOf(look, which, view) : attentionOf(look, which, shown, view);
  if (!values) return null;
  const most = values.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
  const sinks = new Set(sinksAt(look.views[view]!, which.layer));
  const id = `hatch-${view}`;
  return (
    <svg class="heat" viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true" style={{ opacity }}>
      <defs>
        <pattern
          id={id}
          width="0.03"
          height="0.03"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect class="hatch" width="0.01" height="0.03" />
        </pattern>
      </defs>
      {cellsOf(grid).map(({ x, y, width, height }, i) => {
        const strength = most > 0 ? Math.sqrt(Math.abs(values[i]!) / most) : 0;
        const kind = values[i]! < 0 ? 'less' : 'more';
        return (
          <>
            <rect
              class={`${kind} ${mode === 'difference' ? mode : 'attention'}`}
              {...{ x, y, width, height }}
              style={{ fillOpacity: strength }}
            />
            {kind === 'less' && strength > 0.5 && <rect {...{ x, y, width, height }} fill={`url(#${id})`} />}
            {sinks.has(i) && <rect class="sink" {...{ x, y, width, height }} fill={`url(#${id})`} />}
          </>
        );
      })}
      {unseenOf(grid).map((place) => (
        <rect class="not-seen" {...place} fill={`url(#${id})`} />
      ))}
    </svg>
  );
}

function attentionOf(
  look: Look,
  which: Which,
  { query, mode }: LookState,
  view: number,
): Float32Array | null {
  const there = queryIn(look, view, query);
  const at = { ...which, query: there };
  if (there < 0) return null;
  return mode === 'relative' ? relativeAt(look.views[view]!, at) : mapAt(look.views[view]!, at);
}

/** The map of differences; for the mirror's picture it is mirrored. */
function differenceOf(look: Look, which: Which, view: number): Float32Array | null {
  const values = differenceAt(look, which);
  const grid = look.views[view]!.grid!;
  return values && view > 0 ? unmirrorMap(values, grid) : values;
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

/** The margins of the picture that the model does not see. */
function unseenOf({ piece: [left, top, right, bottom] }: Grid): CellBox[] {
  const all = [
    { x: 0, y: 0, width: left, height: 1 },
    { x: right, y: 0, width: 1 - right, height: 1 },
    { x: left, y: 0, width: right - left, height: top },
    { x: left, y: bottom, width: right - left, height: 1 - bottom },
  ];
  return all.filter(({ width, height }) => width > 1e-6 && height > 1e-6);
}
