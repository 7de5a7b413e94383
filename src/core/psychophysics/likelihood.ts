import { sum } from '../../base/numbers.ts';
import { cdfs, normalQuantile, type Observer, WIDTH } from './observer.ts';

export interface Scene {
  block: string;
  /** The scene's signed quantity. */
  x: number;
  /** For each answer its claim, and then the claim that each habit would make (in the order of `Answers.habits`). */
  answers: readonly (readonly (1 | -1)[])[];
}

/** The answers to several scenes. */
export interface Answers {
  habits: readonly string[];
  scenes: readonly Scene[];
}

/** Values of the standard normal effect of a scene, and their weights: the trapezoidal rule from −4 to 4. */
function ruleOf(step: number): { effects: Float64Array; weights: Float64Array } {
  const most = Math.round(4 / step);
  const effects = Float64Array.from({ length: 2 * most + 1 }, (_, i) => (i - most) * step);
  return { effects, weights: effects.map((t) => (Math.exp(-0.5 * t * t) * step) / Math.sqrt(2 * Math.PI)) };
}

/** The more alike answers are, the finer the rule must be: log-likelihoods of scenes are off by less than 0.003 up to 0.6. */
const COARSE = ruleOf(0.8);
const FINE = ruleOf(0.5);
const FROM_FINE = 0.4;

/** P is kept within these bounds, beyond which no number of answers can tell. */
const LEAST = 1e-12;

/**
 * The likelihood of observers, given answers that are alike within scenes: the mean of its likelihoods if they are so by
 * noise and by luck (`Observer.likeness`). Questions with the same x and the same signs are one cell; how often each claim
 * was made to one in a scene is an outcome. What scenes have in common is computed once: cells, outcomes, and scenes with
 * the same outcomes.
 */
export class Likelihood {
  private readonly cells: { x: number; signs: readonly number[] }[] = [];
  private readonly outcomes: Outcome[] = [];
  /** The outcomes of distinct scenes, in the order of P as far as the observer before had it, and how many scenes had them. */
  private readonly distinct: { parts: Int32Array; count: number }[] = [];
  /** For each scene given, which of the distinct ones it is. */
  private readonly which: readonly number[];

  // What is computed for an observer. For each cell P of the positive answer and of the negative one, at first whatever
  // the scene, and then at a value of its effect.
  private readonly positive: Float64Array;
  private readonly negative: Float64Array;
  private readonly positiveThere: Float64Array;
  private readonly negativeThere: Float64Array;
  // For each outcome its probability at a value of the scene's effect, or where its number is below P and where it is above.
  private readonly there: Float64Array;
  private readonly below: Float64Array;
  private readonly above: Float64Array;
  // For each distinct scene the log-likelihood of its answers.
  private readonly noise: Float64Array;
  private readonly luck: Float64Array;

  /** @param turn −1 to fit an observer of −x */
  constructor({ scenes }: Answers, turn: 1 | -1 = 1) {
    const cells = new Map<string, number>();
    const outcomes = new Map<string, number>();
    const known = new Map<string, number>();
    this.which = scenes.map(({ x, answers }) => {
      const counts = new Map<number, [positive: number, negative: number]>();
      for (const [claim, ...signs] of answers) {
        const cell = numbered(cells, `${x} ${signs.join()}`, () => this.cells.push({ x: turn * x, signs }));
        const count = counts.get(cell) ?? [0, 0];
        count[claim === 1 ? 0 : 1] += 1;
        counts.set(cell, count);
      }
      const parts = [...counts]
        .map(([cell, [positive, negative]]) =>
          numbered(outcomes, [cell, positive, negative].join(), () =>
            this.outcomes.push({ cell, positive, negative }),
          ),
        )
        .sort((a, b) => a - b);
      const scene = numbered(known, parts.join(), () =>
        this.distinct.push({ parts: Int32Array.from(parts), count: 0 }),
      );
      this.distinct[scene]!.count += 1;
      return scene;
    });
    this.positive = new Float64Array(this.cells.length);
    this.negative = new Float64Array(this.cells.length);
    this.positiveThere = new Float64Array(this.cells.length);
    this.negativeThere = new Float64Array(this.cells.length);
    this.there = new Float64Array(this.outcomes.length);
    this.below = new Float64Array(this.outcomes.length);
    this.above = new Float64Array(this.outcomes.length);
    this.noise = new Float64Array(this.distinct.length);
    this.luck = new Float64Array(this.distinct.length);
  }

  /** The log-likelihood of all answers. */
  of(observer: Observer): number {
    this.prepare(observer);
    let [noise, luck] = [0, 0];
    for (const [i, { count }] of this.distinct.entries()) {
      noise += count * this.noise[i]!;
      luck += count * this.luck[i]!;
    }
    const most = Math.max(noise, luck);
    return most + Math.log((Math.exp(noise - most) + Math.exp(luck - most)) / 2);
  }

  /**
   * By how much `of` changes with each scene's weight: the mean of its log-likelihoods by noise and by luck, weighted by
   * how probable all answers make either.
   */
  ofScenes(observer: Observer): number[] {
    this.prepare(observer);
    const ahead = sum(this.distinct.map(({ count }, i) => count * (this.luck[i]! - this.noise[i]!)));
    const weight = 1 / (1 + Math.exp(-ahead));
    return this.which.map((i) => (1 - weight) * this.noise[i]! + weight * this.luck[i]!);
  }

  /** Computes the probability of either answer to every cell, and the log-likelihood of every distinct scene. */
  private prepare({ width, shifts, shares, lapseLow, lapseHigh, likeness }: Observer): void {
    const slope = WIDTH / width;
    const range = 1 - lapseLow - lapseHigh;
    let rest = 1;
    for (const share of shares) rest -= Math.abs(share);
    for (let c = 0; c < this.cells.length; c++) {
      const { x, signs } = this.cells[c]!;
      let seen = x;
      let habits = 0;
      let against = 0;
      for (let h = 0; h < signs.length; h++) {
        seen += shifts[h]! * signs[h]!;
        const by = shares[h]! * signs[h]!;
        if (by > 0) habits += by;
        else against -= by;
      }
      cdfs(seen * slope, c, this.positive, this.negative);
      this.positive[c] = Math.max(LEAST, habits + rest * (lapseLow + range * this.positive[c]!));
      this.negative[c] = Math.max(LEAST, against + rest * (lapseHigh + range * this.negative[c]!));
    }
    this.alikeByNoise(likeness);
    this.alikeByLuck(likeness);
  }

  /**
   * By the trapezoidal rule over the scene's effect. A scene has few answers, so no product falls below what a number can
   * hold.
   */
  private alikeByNoise(likeness: number): void {
    const { positive, negative, positiveThere, negativeThere, there, noise } = this;
    const scale = 1 / Math.sqrt(1 - likeness);
    const places = positive.map((p, c) =>
      p < 0.5 ? scale * normalQuantile(p) : -scale * normalQuantile(negative[c]!),
    );
    noise.fill(0);
    const { effects, weights } = likeness < FROM_FINE ? COARSE : FINE;
    for (let t = 0; t < effects.length; t++) {
      const effect = Math.sqrt(likeness) * scale * effects[t]!;
      for (let c = 0; c < places.length; c++) cdfs(places[c]! + effect, c, positiveThere, negativeThere);
      for (let o = 0; o < there.length; o++) {
        const { cell, positive: more, negative: less } = this.outcomes[o]!;
        there[o] = power(positiveThere[cell]!, more) * power(negativeThere[cell]!, less);
      }
      for (let s = 0; s < noise.length; s++) {
        const { parts } = this.distinct[s]!;
        let product = weights[t]!;
        for (const part of parts) product *= there[part]!;
        noise[s]! += product;
      }
    }
    for (let s = 0; s < noise.length; s++) noise[s] = Math.log(noise[s]!);
  }

  /** By the integral over the scene's number, from the P of one cell to that of the next. */
  private alikeByLuck(likeness: number): void {
    const { positive, negative, there: places, below, above, luck } = this;
    const common = Math.sqrt(likeness);
    for (let o = 0; o < places.length; o++) {
      const { cell, positive: more, negative: less } = this.outcomes[o]!;
      const [p, q] = [positive[cell]!, negative[cell]!];
      places[o] = p;
      below[o] = power(common + (1 - common) * p, more) * power((1 - common) * q, less);
      above[o] = power((1 - common) * p, more) * power(common + (1 - common) * q, less);
    }
    for (let s = 0; s < luck.length; s++) {
      const { parts } = this.distinct[s]!;
      sortBy(places, parts);
      let [total, beyond, last] = [0, 1, 0];
      for (const part of parts) {
        total = (total + (places[part]! - last) * beyond) * below[part]!;
        beyond *= above[part]!;
        last = places[part]!;
      }
      luck[s] = Math.log(total + (1 - last) * beyond);
    }
  }
}

/** How often each claim was made to a cell in a scene. */
interface Outcome {
  cell: number;
  positive: number;
  negative: number;
}

/** A whole power: a multiplication for each of the few answers is faster than a logarithm. */
function power(base: number, exponent: number): number {
  let result = 1;
  for (let i = 0; i < exponent; i++) result *= base;
  return result;
}

/** Sorts by insertion, which is fast for what is sorted but for a few. */
function sortBy(values: Float64Array, indices: Int32Array): void {
  for (let i = 1; i < indices.length; i++) {
    const index = indices[i]!;
    let to = i;
    for (; to > 0 && values[indices[to - 1]!]! > values[index]!; to--) indices[to] = indices[to - 1]!;
    indices[to] = index;
  }
}

/** The number under which a name is known, from 0 on in the order of their first use. @param add is called for a new name */
function numbered(known: Map<string, number>, name: string, add: () => void): number {
  const there = known.get(name);
  if (there !== undefined) return there;
  add();
  known.set(name, known.size);
  return known.size - 1;
}

export interface AcuityAnswer {
  /** The scene, asked in several ways. */
  block: string;
  /** The scene's signed difference. */
  x: number;
  /** How the scene was shown and what was asked. */
  conditions: Readonly<Record<'view' | 'word', string> & { facing?: string }>;
  /** +1 if the answer says that the difference is positive, −1 if negative, null if it could not be read. */
  claim: 1 | -1 | null;
  /** The claims of observers who follow one leaning alone (`leanings.ts`). */
  signs: Readonly<Record<string, 1 | -1>>;
  right: boolean;
  /** Of somebody's own side: the direction of A from B in the image shown, in degrees from B's front to its right. */
  bearing?: number;
  /** Of a turn: whether it changes the side. */
  changes?: boolean;
  /** Of a map: column and row in which A is seen. */
  cell?: readonly [column: number, row: number];
  /** Of distances: the metres that were told. */
  told?: number;
}
