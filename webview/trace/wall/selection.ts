import type { PairId } from '../../../src/core/run-data/trace-summary.ts';
import type { Wall } from '../../../src/panels/trace/wall.contract.ts';

/** Chosen pairs, by step and number, so that the choice outlasts another order or filter of the list. */
export type Selection = ReadonlyMap<string, PairId>;

export const idAt = ({ steps, pairs }: Wall, place: number): PairId => ({
  step: steps[place]!,
  pair: pairs[place]!,
});
export const keyOf = ({ step, pair }: PairId): string => `${step}/${pair}`;

/** Adds a pair, or takes it out. */
export function toggled(selection: Selection, id: PairId): Selection {
  const next = new Map(selection);
  if (!next.delete(keyOf(id))) next.set(keyOf(id), id);
  return next;
}

/** Adds all pairs between two places, both included. */
export function withRange(selection: Selection, wall: Wall, from: number, to: number): Selection {
  const next = new Map(selection);
  for (let place = Math.min(from, to); place <= Math.max(from, to); place++) {
    const id = idAt(wall, place);
    next.set(keyOf(id), id);
  }
  return next;
}

/** All pairs of the wall; none, if all were chosen before. */
export function allOrNone(selection: Selection, wall: Wall): Selection {
  if (wall.steps.length === 0) return selection;
  const all = withRange(new Map(), wall, 0, wall.steps.length - 1);
  return [...all.keys()].every((key) => selection.has(key)) ? new Map() : all;
}

/** The place of a pair on the wall, or −1. */
export function placeOf({ steps, pairs }: Wall, { step, pair }: PairId): number {
  for (let place = 0; place < steps.length; place++)
    if (pairs[place] === pair && steps[place] === step) return place;
  return -1;
}
