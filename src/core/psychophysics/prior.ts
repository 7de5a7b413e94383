import { sum } from '../../base/numbers.ts';
import type { Answers } from './likelihood.ts';
import { factorOf, type Part } from './mixture.ts';
import { type Asymptotes, type Observer, THRESHOLD } from './observer.ts';

/** Range of the levels divided by the smallest distance between levels that the prior of the width can resolve. */
const FINEST = 1000;
/** Maximum likeness that the quadrature over scenes can resolve. */
const ALIKE = 0.9;

/** Returns half a period of a cosine, from 0 at t = 0 to 1 at t = 1. */
const rise = (t: number) => (1 - Math.cos(Math.PI * t)) / 2;
const logistic = (t: number) => 1 / (1 + Math.exp(-t));
const logit = (p: number) => Math.log(p / (1 - p));

/** Effects that a response bias can have on answers: replacing answers, and shifting x. */
export interface Effects {
  replaces: boolean;
  shifts: boolean;
}

/**
 * Prior of observers, with the range R of the levels and their smallest distance d. log w is uniform between 2d and R,
 * and falls to 0 at d and at 3R. Shifts are jointly Cauchy with a scale of half the threshold, because a scale in the
 * unit of x would favour wide curves. They are 0 if no bias shifts x. Lapse rates are Beta(1, 10). The density of
 * shares is proportional to 1 − Σ |q|. Shares are 0 if no bias replaces answers. ρ has density (1 − ρ / 0.9)² up to
 * 0.9. Observers are points in coordinates with nearly normal posteriors: shares, shifts in widths, log w, and logits
 * of lapse rates and likeness. Without these effects, the coordinates lack shares and shifts.
 */
export class Prior {
  private readonly spread: number;
  private readonly least: number;
  private readonly habits: number;
  private readonly hasScenes: boolean;
  /** Logarithm of the density of shifts (in widths) if all shifts are 0. */
  private readonly shiftsAtZero: number;

  constructor(
    { habits, scenes }: Answers,
    private readonly asymptotes: Asymptotes,
    private readonly effects: Effects,
  ) {
    const xs = [...new Set(scenes.map(({ x }) => x))].sort((a, b) => a - b);
    if (xs.length < 2) throw new Error('A curve requires answers at two levels or more.');
    this.spread = xs.at(-1)! - xs[0]!;
    const gaps = xs.slice(1).map((x, i) => x - xs[i]!);
    this.least = Math.max(Math.min(...gaps), this.spread / FINEST);
    this.habits = habits.length;
    this.shiftsAtZero = Math.log(factorOf(habits.length, 1)) - habits.length * Math.log(THRESHOLD / 2);
    this.hasScenes = scenes.some(({ answers }) => answers.length > 1);
  }

  /** Returns the observer at a point; null if the point is outside the ranges of the parameters. */
  observer(point: readonly number[]): Observer | null {
    const { replaces, shifts: areShifted } = this.effects;
    const none = Array<number>(this.habits).fill(0);
    const left = [...point];
    const shares = replaces ? left.splice(0, this.habits) : none;
    const inWidths = areShifted ? left.splice(0, this.habits) : none;
    const [logWidth, ...logits] = left;
    const width = Math.exp(logWidth!);
    const shifts = inWidths.map((shift) => shift * width);
    if (width < this.least || width > 3 * this.spread) return null;
    if (shifts.some((shift) => Math.abs(shift) >= this.spread)) return null;
    if (sum(shares.map(Math.abs)) >= 1) return null;
    const rates = logits.map(logistic);
    const lapseHigh = rates[0]! / 2;
    const lapseLow = this.asymptotes === 'free' ? rates[1]! / 2 : lapseHigh;
    const likeness = this.hasScenes ? ALIKE * rates.at(-1)! : 0;
    return { width, shifts, shares, lapseLow, lapseHigh, likeness };
  }

  /** Returns the log density at the point of an observer, without the constant factor that all priors share. */
  log({ width, shifts, shares, lapseLow, lapseHigh, likeness }: Observer): number {
    const { least, spread } = this;
    const ofWidth =
      width < 2 * least
        ? rise((width - least) / least)
        : width > spread
          ? rise((3 * spread - width) / (2 * spread))
          : 1;
    let log = Math.log(ofWidth) + Math.log(1 - sum(shares.map(Math.abs)));
    // The integral of 1 − Σ |q| over n shares is 2ⁿ / (n + 1)!.
    if (this.effects.replaces) shares.forEach((_, h) => (log += Math.log((h + 2) / 2)));
    if (this.effects.shifts) {
      const scale = (width * THRESHOLD) / 2;
      const distance = 1 + sum(shifts.map((shift) => (shift / scale) ** 2));
      log += this.shiftsAtZero - ((this.habits + 1) / 2) * Math.log(distance);
    }
    const lapse = (rate: number) => 9 * Math.log(1 - rate) + Math.log(rate) + Math.log(1 - 2 * rate);
    log += lapse(lapseHigh);
    if (this.asymptotes === 'free') log += lapse(lapseLow);
    if (this.hasScenes) {
      const part = likeness / ALIKE;
      log += Math.log(part) + 3 * Math.log(1 - part);
    }
    return log;
  }

  /** Returns wide proposals around a narrow, a medium and a wide curve without response biases. */
  start(): Part[] {
    const { least, spread, habits } = this;
    const rates = this.asymptotes === 'free' ? 2 : 1;
    const rest = [...Array<number>(rates).fill(logit(0.06)), ...(this.hasScenes ? [logit(0.3)] : [])];
    const zeros = (are: boolean) => Array<number>(are ? habits : 0).fill(0);
    const [shares, shifts] = [zeros(this.effects.replaces), zeros(this.effects.shifts)];
    const scale = [...shares.map(() => 0.2), ...shifts.map(() => 0.25), 0.6, ...rest.map(() => 1)];
    return [2 * least, Math.sqrt(2 * least * spread), spread].map((width) => ({
      share: 1 / 3,
      mean: [...shares, ...shifts, Math.log(width), ...rest],
      root: scale.map((diagonal, i) => scale.map((_, j) => (i === j ? diagonal : 0))),
    }));
  }
}
