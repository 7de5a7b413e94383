import { figure } from '../../base/format.ts';

/** The largest deviation of what is computed again from what is recorded, as a share of it. */
export const TOLERANCE = 1e-5;

/** Deviations that are kept one by one; of further ones, only the number. */
const KEPT = 100;

export interface ValuePlace {
  step: number;
  pair?: number;
  sample?: string;
  view?: string;
  completion?: number;
  /** Of the updates of a step, from 1. */
  update?: number;
}

/** A value that is not what the values before it give. */
export interface Deviation extends ValuePlace {
  quantity: string;
  recorded: unknown;
  computed: unknown;
}

interface Compared {
  compared: number;
  /** Infinite where values that are no numbers differ. */
  largest: number;
}

/** What a comparison of recorded values with computed ones has found, by quantity. */
export class Deviations {
  readonly quantities = new Map<string, Compared>();
  /** The first deviations beyond the tolerance, in the order of computation: a cause comes before its effects. */
  readonly found: Deviation[] = [];
  /** All deviations beyond the tolerance. */
  count = 0;

  /**
   * Compares one value.
   * @param scale the size from which on a deviation is a share of the value; below, it is one of this
   */
  compare(quantity: string, place: ValuePlace, recorded: unknown, computed: unknown, scale = 1): void {
    const deviation =
      typeof recorded === 'number' && typeof computed === 'number'
        ? relative(recorded, computed, scale)
        : (recorded ?? null) === (computed ?? null)
          ? 0
          : Infinity;
    const before = this.quantities.get(quantity) ?? { compared: 0, largest: 0 };
    const largest = Math.max(before.largest, deviation);
    this.quantities.set(quantity, { compared: before.compared + 1, largest });
    if (deviation <= TOLERANCE) return;
    this.count += 1;
    if (this.found.length < KEPT) this.found.push({ ...place, quantity, recorded, computed });
  }
}

function relative(recorded: number, computed: number, scale: number): number {
  if (recorded === computed) return 0;
  const deviation = Math.abs(recorded - computed) / Math.max(Math.abs(recorded), Math.abs(computed), scale);
  return Number.isNaN(deviation) ? Infinity : deviation;
}

/** A deviation for people: `step 3, pair 1 (row "a"), view mirror, completion 2: reward …`. */
export function deviationText(deviation: Deviation): string {
  const { step, pair, sample, view, completion, update, quantity, recorded, computed } = deviation;
  const row = sample === undefined ? '' : `row "${sample}"`;
  const place = [
    `step ${step}`,
    pair === undefined ? row : `pair ${pair} (${row})`,
    view === undefined ? '' : `view ${view}`,
    completion === undefined ? '' : `completion ${completion}`,
    update === undefined ? '' : `update ${update}`,
  ].filter((part) => part !== '');
  const text = valueText(recorded) === valueText(computed) ? exactly : valueText;
  return `${place.join(', ')}: ${quantity} is recorded as ${text(recorded)} and computed as ${text(computed)}`;
}

const exactly = (value: unknown): string => (value == null ? 'none' : JSON.stringify(value));
const valueText = (value: unknown): string => (typeof value === 'number' ? figure(value) : exactly(value));

/** How far a quantity deviates, for people. */
export const largestText = ({ largest }: Compared): string =>
  largest === Infinity ? 'differs' : figure(largest);
