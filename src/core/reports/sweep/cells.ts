import { figureName, unitOf } from './figure.ts';
import type { SweepPlan } from '../../config/sweep-plan.ts';
import type { Arm } from './results.ts';
import { fixed } from '../../labels.ts';
import { NONE } from '../cells.ts';
import type { Cell } from '../document.ts';

type Figure = SweepPlan['compare'];

/** An arm of the comparison, as named in the report. */
export interface NamedArm extends Arm {
  label: string;
  cell: string;
  /** Null where every run is compared at its last step. */
  step: number | null;
  /** The key of its published figures: its cell, or its step if one cell is compared at several steps. */
  key: string;
}

export const pCell = (p: number | undefined | null): Cell =>
  p == null ? NONE : { text: p < 0.001 ? '< 0.001' : fixed(p, 3), value: p };

/** What a difference between cells, its interval and its p are over. @param seeds the least number of them */
export const differenceNote = (seeds: number): string =>
  seeds > 1
    ? 'Runs with the same seed. Interval and p by Student’s t over seeds and images.'
    : 'One seed: interval and p are over images, for these two runs alone. Another seed may say otherwise.';

export const textCell = (text: string): Cell => ({ text });

/** Factor from a figure's value to the printed one: 100 for shares. */
export const scaleOf = (figure: Figure): number => (unitOf(figure) === 'share' ? 100 : 1);

/** The possible range of a figure; the interval over a few seeds may exceed it. */
export const rangeOf = (figure: Figure): readonly [number, number] => {
  if (figure.metric === 'drop') return [-1, 1];
  return unitOf(figure) === 'share' ? [0, 1] : [0, Infinity];
};

/** The unit printed after a figure or its name. */
export const unitText = (figure: Figure): string => (unitOf(figure) === 'count' ? '' : '%');

/** A figure's name with its unit: `accuracy on val, mirrors, %`. */
export const titleOf = (figure: Figure): string =>
  [figureName(figure), unitText(figure)].filter(Boolean).join(', ');

export function figureCell(
  figure: Figure,
  found: { mean: number; interval?: [number, number] } | null,
  [low, high]: readonly [number, number] = [-Infinity, Infinity],
): Cell {
  if (!found) return NONE;
  const scale = scaleOf(figure);
  const value = scale * found.mean;
  const { interval } = found;
  return {
    text: fixed(value, 1),
    value,
    ...(interval && {
      interval: [scale * Math.max(low, interval[0]), scale * Math.min(high, interval[1])],
    }),
  };
}
