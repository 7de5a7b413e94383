import { figure } from '../../base/format.ts';

/** Maximum relative deviation between a recomputed and a recorded value. */
export const TOLERANCE = 1e-5;

/** Maximum number of stored deviations. Further deviations are only counted. */
const KEPT = 100;

export interface ValuePlace {
  step: number;
  pair?: number;
  sample?: string;
  view?: string;
  completion?: number;
  /** Number of the optimiser update in its step, from 1. */
  update?: number;
}

/** A recorded value that differs from the value recomputed from earlier records. */
export interface Deviation extends ValuePlace {
  quantity: string;
  recorded: unknown;
  computed: unknown;
}

interface Compared {
  compared: number;
  /** Largest relative deviation; infinite if values that are not numbers differ. */
  largest: number;
}

/** Results of comparing recorded values with recomputed values, by quantity. */
export class Deviations {
  readonly quantities = new Map<string, Compared>();
  /** First deviations beyond the tolerance, in the order of computation, so that a cause precedes its effects. */
  readonly found: Deviation[] = [];
  /** Number of all deviations beyond the tolerance, including unstored ones. */
  count = 0;

  /**
   * Compares one recorded value with the recomputed value.
   * @param scale minimum value for relative deviations; for smaller values, deviations are relative to it
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

/** Formats a deviation, such as `step 3, pair 1 (row "a"), view mirror, completion 2: reward …`. */
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

export const largestText = ({ largest }: Compared): string =>
  largest === Infinity ? 'differs' : figure(largest);
