import { differenceAt, mapAt, relativeAt, sinksAt, type Which } from '../../../src/core/insight/figures.ts';
import { unmirrorMap } from '../../../src/core/insight/maps.ts';
import type { Look } from '../../../src/core/insight/look.ts';
import { Heat } from '../../ui/heat.tsx';
import { type LookState, queryIn, whichOf } from './state.ts';

/** The map of a view, drawn over its picture. */
export function LookedHeat({ shown, view }: { shown: LookState; view: number }) {
  const { look, mode, opacity } = shown;
  const which = whichOf(shown);
  const grid = look?.views[view]?.grid;
  if (!look || !grid || !which) return null;
  const values =
    mode === 'difference' ? differenceOf(look, which, view) : attentionOf(look, which, shown, view);
  if (!values) return null;
  const sinks = new Set(sinksAt(look.views[view]!, which.layer));
  const kind = mode === 'difference' ? mode : 'attention';
  return <Heat id={`${view}`} {...{ grid, values, kind, sinks, opacity }} />;
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
