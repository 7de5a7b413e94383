import { compact, duration, endsText, figure, thousands } from '../../src/core/format.ts';
import type { XAxis } from '../../src/panels/run/run.contract.ts';

/** A figure, or the two ends that it is between. */
export const rangeText = ([low, high]: readonly [number, number]): string =>
  Number.isNaN(low) ? figure(low) : endsText([low, high], figure);

export function onAxis(axis: XAxis, value: number): string {
  if (axis === 'time') return duration(value);
  if (axis === 'tokens') return `${compact(value)} tokens`;
  return `step ${thousands(Math.round(value))}`;
}
