import {
  compact,
  duration,
  endsText,
  figure,
  percentsText,
  percentText,
  thousands,
} from '../../src/base/format.ts';
import type { XAxis } from '../../src/panels/run/run.contract.ts';

/** Returns a value as text, with shares in percent. */
export const valueText = (value: number | null | undefined, shares: boolean): string =>
  shares && !Number.isNaN(value) ? percentText(value) : figure(value);

export function rangeText(ends: readonly [number, number], shares: boolean): string {
  if (Number.isNaN(ends[0])) return figure(ends[0]);
  return shares ? percentsText(ends) : endsText(ends, figure);
}

export function onAxis(axis: XAxis, value: number): string {
  if (axis === 'time') return duration(value);
  if (axis === 'tokens') return `${compact(value)} tokens`;
  return `step ${thousands(Math.round(value))}`;
}
