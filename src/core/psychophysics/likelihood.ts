import { sum } from '../../base/numbers.ts';
import { cdfs, normalQuantile, type Observer, WIDTH } from './observer.ts';

export interface Scene {
  block: string;
  /** Signed quantity that the questions about the scene refer to. */
  x: number;
  /** For each answer: its claim, then the claim of each response bias (in the order of `Answers.habits`). */
  answers: readonly (readonly (1 | -1)[])[];
}

export interface Answers {
  habits: readonly string[];
  scenes: readonly Scene[];
}

/** Returns values of a scene's standard normal effect, with weights: the trapezoidal rule from −4 to 4. */
function ruleOf(step: number): { effects: Float64Array; weights: Float64Array } {
  const most = Math.round(4 / step);
  const effects = Float64Array.from({ length: 2 * most + 1 }, (_, i) => (i - most) * step);
  return { effects, weights: effects.map((t) => (Math.exp(-0.5 * t * t) * step) / Math.sqrt(2 * Math.PI)) };
}

/** Integration rules. Similar answers need the finer rule: up to a likeness of 0.6, errors are below 0.003. */
const COARSE = ruleOf(0.8);
const FINE = ruleOf(0.5);
const FROM_FINE = 0.4;

/** Lower limit of P and 1 − P. No number of answers could resolve smaller values. */
const LEAST = 1e-12;

/**
 * Likelihood of observers for answers that are correlated within scenes: the mean of the likelihoods under correlated
 * noise and under luck (`Observer.likeness`). Questions with the same x and signs form one cell; the counts of each
 * claim in a cell of a scene form an outcome. Cells, outcomes, and scenes with equal outcomes are computed once.
 */
export class Likelihood {
  private readonly cells: { x: number; signs: readonly number[] }[] = [];
  private readonly outcomes: { cell: number; positive: number; negative: number }[] = [];
  /** Outcomes of distinct scenes, sorted by P for the previous observer, and the number of equal scenes. */
  private readonly distinct: { parts: Int32Array; count: number }[] = [];
  /** For each scene in the answers, the index of its distinct scene. */
  private readonly which: readonly number[];

  // Buffers for one observer. For each cell: P of the positive and of the negative answer, first over all scene
  // effects, then at one scene effect.
  private readonly positive: Float64Array;
  private readonly negative: Float64Array;
  private readonly positiveThere: Float64Array;
  private readonly negativeThere: Float64Array;
  // For each outcome: its probability at one scene effect, or for a scene number below and above P.
  private readonly there: Float64Array;
  private readonly below: Float64Array;
  private readonly above: Float64Array;
  // For each distinct scene: the log-likelihood of its answers.
  private readonly noise: Float64Array;
  private readonly luck: Float64Array;

  /** @param turn −1 to fit an observer to −x */
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

  /** Returns the log-likelihood of all answers for an observer. */
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
   * Returns the derivative of the log-likelihood of all answers by each scene's weight: the mean of the scene's
   * log-likelihoods under noise and under luck, weighted by the probability of each model given all answers.
   */
  ofScenes(observer: Observer): number[] {
    this.prepare(observer);
    const ahead = sum(this.distinct.map(({ count }, i) => count * (this.luck[i]! - this.noise[i]!)));
    const weight = 1 / (1 + Math.exp(-ahead));
    return this.which.map((i) => (1 - weight) * this.noise[i]! + weight * this.luck[i]!);
  }

  /** Computes the probability of both answers in every cell, and the log-likelihood of every distinct scene. */
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

  /** Integrates over the scene effect by the trapezoidal rule. A scene has few answers, so products never underflow. */
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

  /** Integrates over the scene's uniform number, from the P of each cell to the P of the next cell. */
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

/** Returns an integer power. For the few answers of a scene, multiplications are faster than a logarithm. */
function power(base: number, exponent: number): number {
  let result = 1;
  for (let i = 0; i < exponent; i++) result *= base;
  return result;
}

/** Sorts indices by their values, by insertion, which is fast for nearly sorted values. */
function sortBy(values: Float64Array, indices: Int32Array): void {
  for (let i = 1; i < indices.length; i++) {
    const index = indices[i]!;
    let to = i;
    for (; to > 0 && values[indices[to - 1]!]! > values[index]!; to--) indices[to] = indices[to - 1]!;
    indices[to] = index;
  }
}

/** Returns the number of a name, from 0 in the order of first use. @param add function that is called for a new name */
function numbered(known: Map<string, number>, name: string, add: () => void): number {
  const there = known.get(name);
  if (there !== undefined) return there;
  add();
  known.set(name, known.size);
  return known.size - 1;
}

export interface AcuityAnswer {
  /** Key of the scene of the answer. A scene has several questions. */
  block: string;
  /** Signed difference that the scene shows. */
  x: number;
  /** Conditions of the answer: presentation of the scene (`view`, `facing`), and word of the question. */
  conditions: Readonly<Record<'view' | 'word', string> & { facing?: string }>;
  /** +1 if the answer claims a positive difference, −1 for a negative difference, null if unparsed. */
  claim: 1 | -1 | null;
  /** Claims of observers that have only one response bias (`leanings.ts`). */
  signs: Readonly<Record<string, 1 | -1>>;
  right: boolean;
  /** For own sides: direction from B to A in the image, in degrees from B's front to its right. */
  bearing?: number;
  /** For turns: whether the imagined turn changes the side. */
  changes?: boolean;
  /** For maps: column and row of the cell that contains A. */
  cell?: readonly [column: number, row: number];
  /** For distances: the answer in metres. */
  told?: number;
}
