import { differenceAt, mapAt, relativeAt, sinksAt, type Which } from '../../../src/core/insight/figures.ts';
import { unmirrorMap } from '../../../src/core/insight/maps.ts';
import type { Look } from '../../../src/core/insight/look.ts';
import { Heat } from '../heat.tsx';
import { type MapChoice, queryIn, whichOf } from './choice.ts';

interface Props {
  look: Look;
  choice: MapChoice;
  /** Index in the look's views. */
  view: number;
  /** Unique in the page. */
  id: string;
}

/** The map of a view, drawn over its picture. */
export function LookedHeat({ look, choice, view, id }: Props) {
  const { mode, opacity } = choice;
  const which = whichOf(look, choice);
  const grid = look.views[view]?.grid;
  if (!grid || !which) return null;
  const values =
    mode === 'difference' ? differenceOf(look, which, view) : attentionOf(look, which, choice, view);
  if (!values) return null;
  const sinks = new Set(sinksAt(look.views[view]!, which.layer));
  const kind = mode === 'difference' ? mode : 'attention';
  return <Heat {...{ id, grid, values, kind, sinks, opacity }} />;
}

function attentionOf(
  look: Look,
  which: Which,
  { query, mode }: MapChoice,
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
