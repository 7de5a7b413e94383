import { studentP } from '../metrics/statistics.ts';
import { mean, sum } from '../../base/numbers.ts';
import type { Fit } from './fit.ts';
import type { Answers } from './likelihood.ts';
import { type Observer, probability } from './observer.ts';

/**
 * p values of three deviations from the observer model. `levels`: accuracy at some level differs from the curve.
 * `sides`: the curve differs between negative and positive x, or x times the claim of a response bias. `halves`: the
 * curve differs between the first and the second half of the scenes.
 */
export interface Checks {
  levels: number;
  sides: number;
  halves: number;
}

/** Minimum number of scenes for estimating the variance between scenes. */
const FEWEST = 10;

/** One answer compared with the fitted observer. */
interface Point {
  scene: number;
  x: number;
  signs: readonly number[];
  /** Claim minus its expected value; `variance` is the variance of the claim. */
  residual: number;
  variance: number;
  /** Derivatives of the answer's probability by each parameter of the observer. */
  tangent: number[];
}

/**
 * Checks a fit by score tests (Rao) over scenes. Each test is whether an additional parameter is 0, with the variance
 * over scenes, but at least the variance of independent answers. The p value of a deviation is the smallest p value of
 * its tests, times the number of these tests.
 * @returns null for fewer than ten scenes
 */
export function checksOf({ scenes }: Answers, fit: Fit): Checks | null {
  if (scenes.length < FEWEST) return null;
  const points = pointsOf(scenes, fit);
  const test = tester(points, scenes.length);
  const habits = points[0]!.signs.length;
  const sizes = [...new Set(points.map(({ x }) => Math.abs(x)).filter((x) => x > 0))].sort((a, b) => a - b);
  const worst = (directions: ((point: Point) => number)[]) =>
    Math.min(1, directions.length * Math.min(...directions.map(test)));
  const signOf = ({ x, signs }: Point, habit: number) => Math.sign(habit < 0 ? x : x * signs[habit]!);
  const half = ({ scene }: Point) => (scene < scenes.length / 2 ? 1 : -1);
  const withHabits = (changeOf: (habit: number) => (point: Point) => number) =>
    Array.from({ length: habits }, (_, h) => changeOf(h));
  return {
    levels: worst([
      ...sizes.map((size) => (p: Point) => (Math.abs(p.x) === size ? Math.sign(p.x) * p.variance : 0)),
      (p) => Math.sign(p.x) * (sizes.indexOf(Math.abs(p.x)) % 2 === 0 ? 1 : -1) * p.variance,
    ]),
    sides: worst([
      (p) => signOf(p, -1) * p.tangent[0]!,
      (p) => signOf(p, -1) * p.tangent[1]!,
      ...withHabits((h) => (p) => signOf(p, h) * p.tangent[0]!),
    ]),
    halves: worst([
      (p) => half(p) * p.tangent[0]!,
      (p) => half(p) * p.tangent[1]!,
      ...withHabits((h) => (p) => half(p) * p.tangent[2 + h]!),
    ]),
  };
}

function pointsOf(scenes: Answers['scenes'], fit: Fit): Point[] {
  const meanOf = (value: (observer: Observer) => number) => mean(fit.draws.map(value))!;
  const means: Observer = {
    width: meanOf(({ width }) => width),
    shifts: fit.shifts.map((_, h) => meanOf(({ shifts }) => shifts[h]!)),
    shares: fit.shares.map((_, h) => meanOf(({ shares }) => shares[h]!)),
    lapseLow: meanOf(({ lapseLow }) => lapseLow),
    lapseHigh: meanOf(({ lapseHigh }) => lapseHigh),
    likeness: 0,
  };
  const { width, shifts, shares, lapseLow, lapseHigh } = means;
  const moved = (list: readonly number[], h: number, by: number) =>
    list.map((value, i) => (i === h ? value + by : value));
  // Finite-difference steps of log w, lapse rates, shifts, and shares.
  const steps = [
    { ...means, width: width * Math.exp(STEP) },
    { ...means, lapseLow: lapseLow + STEP, lapseHigh: lapseHigh + STEP },
    ...shifts.map((_, h) => ({ ...means, shifts: moved(shifts, h, STEP * width) })),
    ...shares.map((_, h) => ({ ...means, shares: moved(shares, h, shares[h]! < 0 ? -STEP : STEP) })),
  ];
  return scenes.flatMap(({ x, answers }, scene) =>
    answers.map(([claim, ...signs]) => {
      const turned = fit.turn * x;
      const p = probability(turned, signs, means);
      const tangent = steps.map((step) => (probability(turned, signs, step) - p) / STEP);
      return { scene, x, signs, residual: (claim === 1 ? 1 : 0) - p, variance: p * (1 - p), tangent };
    }),
  );
}

/** Step size of numerical derivatives. */
const STEP = 1e-4;

/** Returns a function that tests a direction of misfit, beyond changes of fitted parameters, for its p value. */
function tester(points: readonly Point[], scenes: number): (direction: (point: Point) => number) => number {
  const d = points[0]!.tangent.length;
  const inner = (a: (point: Point) => number, b: (point: Point) => number) =>
    sum(points.map((point) => (a(point) * b(point)) / point.variance));
  // Gram–Schmidt process that omits parameters with a linear dependence on other parameters.
  const basis: Float64Array[] = [];
  const columns = Array.from({ length: d }, (_, k) =>
    Float64Array.from(points, ({ tangent }) => tangent[k]!),
  );
  const product = (a: Float64Array, b: Float64Array) =>
    sum(points.map(({ variance }, i) => (a[i]! * b[i]!) / variance));
  const without = (column: Float64Array) => {
    const rest = Float64Array.from(column);
    for (const axis of basis) {
      const part = product(rest, axis);
      for (let i = 0; i < rest.length; i++) rest[i]! -= part * axis[i]!;
    }
    return rest;
  };
  for (const column of columns) {
    const rest = without(column);
    const square = product(rest, rest);
    if (square < 1e-8 * product(column, column)) continue;
    basis.push(rest.map((value) => value / Math.sqrt(square)));
  }
  return (direction) => {
    const whole = Float64Array.from(points, direction);
    const rest = without(whole);
    const independent = product(rest, rest);
    if (independent < 1e-8 * inner(direction, direction) || independent === 0) return 1;
    const scores = new Float64Array(scenes);
    const isAsked = new Uint8Array(scenes);
    points.forEach(({ scene, residual, variance }, i) => {
      scores[scene]! += (rest[i]! * residual) / variance;
      if (whole[i] !== 0) isAsked[scene] = 1;
    });
    const spread = Math.max(independent, sum(scores.map((score) => score * score)));
    return studentP(sum(scores) / Math.sqrt(spread), Math.max(1, sum(isAsked) - 1));
  };
}
