import type { PairId } from '../../../src/core/run-data/trace-summary.ts';
import type { Wall } from '../../../src/panels/trace/wall.contract.ts';

/** Selected pairs, by step and number, so that sorting and filtering do not change the selection. */
export type Selection = ReadonlyMap<string, PairId>;

export const idAt = ({ steps, pairs }: Wall, place: number): PairId => ({
  step: steps[place]!,
  pair: pairs[place]!,
});
export const keyOf = ({ step, pair }: PairId): string => `${step}/${pair}`;

/** Returns a selection with a pair added, or removed if the selection contains the pair. */
export function toggled(selection: Selection, id: PairId): Selection {
  const next = new Map(selection);
  if (!next.delete(keyOf(id))) next.set(keyOf(id), id);
  return next;
}

/** Returns a selection to which all pairs between two positions are added, including the pairs at both positions. */
export function withRange(selection: Selection, wall: Wall, from: number, to: number): Selection {
  const next = new Map(selection);
  for (let place = Math.min(from, to); place <= Math.max(from, to); place++) {
    const id = idAt(wall, place);
    next.set(keyOf(id), id);
  }
  return next;
}

/** Returns a selection of all pairs in the grid. If all are selected, returns an empty selection. */
export function allOrNone(selection: Selection, wall: Wall): Selection {
  if (wall.steps.length === 0) return selection;
  const all = withRange(new Map(), wall, 0, wall.steps.length - 1);
  return [...all.keys()].every((key) => selection.has(key)) ? new Map() : all;
}

/** Returns the index of a pair in the grid, or −1 if the grid lacks the pair. */
export function placeOf({ steps, pairs }: Wall, { step, pair }: PairId): number {
  for (let place = 0; place < steps.length; place++)
    if (pairs[place] === pair && steps[place] === step) return place;
  return -1;
}
