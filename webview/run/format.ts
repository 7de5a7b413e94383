import { duration, endsText, thousands } from '../../src/core/labels.ts';
import type { XAxis } from '../../src/core/protocol/run-panel.ts';

const minus = (text: string) => text.replace('-', '−');

/** A figure with four digits; very small and very large ones with a power of ten. */
export function figure(value: number | null | undefined): string {
  if (value == null || Number.isNaN(value)) return '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e6) return minus(value.toExponential(2).replace('e', ' e').replace('+', ''));
  if (size >= 1000) return minus(thousands(Math.round(value)));
  return minus(String(Number(size < 1 ? value.toFixed(4) : value.toPrecision(4))));
}

/** A figure, or the two ends that it is between. */
export const rangeText = ([low, high]: readonly [number, number]): string =>
  Number.isNaN(low) ? figure(low) : endsText([low, high], figure);

/** Short forms: 950, 1.2k, 3.45M. */
export function compact(value: number): string {
  const units: [number, string][] = [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ];
  const unit = units.find(([size]) => Math.abs(value) >= size);
  return unit ? `${Number((value / unit[0]).toPrecision(3))}${unit[1]}` : String(Math.round(value));
}

export function onAxis(axis: XAxis, value: number): string {
  if (axis === 'time') return duration(value);
  if (axis === 'tokens') return `${compact(value)} tokens`;
  return `step ${thousands(Math.round(value))}`;
}

/** Labels of an axis, with as many decimals as the steps between them need. */
export function ticks(values: readonly (number | null)[]): string[] {
  const numbers = values.filter((value) => value !== null);
  const gap = numbers.length > 1 ? Math.abs(numbers[1]! - numbers[0]!) : Math.abs(numbers[0] ?? 1);
  const largest = Math.max(...numbers.map(Math.abs), 0);
  if (largest >= 1e6 || (largest > 0 && largest < 1e-3)) {
    return values.map((value) =>
      value === null ? '' : value === 0 ? '0' : minus(String(Number(value.toPrecision(3)).toExponential())),
    );
  }
  let decimals = 0;
  // 0.25 needs two decimals, 0.5 one.
  while (decimals < 6 && Math.abs(gap * 10 ** decimals - Math.round(gap * 10 ** decimals)) > 1e-6)
    decimals += 1;
  return values.map((value) =>
    value === null ? '' : largest >= 10_000 ? compact(value) : minus(value.toFixed(decimals)),
  );
}
