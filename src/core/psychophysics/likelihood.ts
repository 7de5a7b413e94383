import { cdfs, normalQuantile, type Observer, WIDTH } from './observer.ts';

/** What was answered to one scene. */
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

/** Where the standard normal effect of a scene is evaluated; the trapezoidal rule converges fast for such integrands. */
const STEP = 0.5;
const NODES = Float64Array.from({ length: 17 }, (_, i) => (i - 8) * STEP);
const WEIGHTS = NODES.map((t) => (Math.exp(-0.5 * t * t) * STEP) / Math.sqrt(2 * Math.PI));

/** P is kept within these bounds, beyond which no number of answers can tell. */
const LEAST = 1e-12;

/**
 * The likelihood of observers, given answers that are alike within scenes (`Observer.likeness`). Questions with the same
 * x and the same signs are one cell; how often each claim was made to one in a scene is an outcome. What scenes have in
 * common is computed once: cells, outcomes, and scenes with the same outcomes.
 */
export class Likelihood {
  private readonly xs: number[] = [];
  private readonly signs: (readonly number[])[] = [];
  /** For each answer of an outcome where its chances begin. */
  private readonly outcomes: Int32Array[] = [];
  /** Distinct scenes: the outcomes of each. */
  private readonly distinct: Int32Array[] = [];
  private readonly counts: number[] = [];
  /** For each scene given, which of the distinct ones it is. */
  private readonly which: number[];
  /** For each cell P of the positive answer by the scene's effect, and then of the negative one. */
  private readonly chances: Float64Array;
  /** For each outcome its probability by the scene's effect. */
  private readonly products: Float64Array;
  private readonly two = new Float64Array(2);
  private readonly values = new Float64Array(NODES.length);

  /** @param turn −1 to fit an observer of −x */
  constructor({ scenes }: Answers, turn: 1 | -1 = 1) {
    const cells = new Map<string, number>();
    const outcomes = new Map<string, number>();
    const known = new Map<string, number>();
    this.which = scenes.map(({ x, answers }) => {
      const counts = new Map<number, [positive: number, negative: number]>();
      for (const [claim, ...signs] of answers) {
        const cell = numbered(cells, `${x} ${signs.join()}`, () => {
          this.xs.push(turn * x);
          this.signs.push(signs);
        });
        const count = counts.get(cell) ?? [0, 0];
        count[claim === 1 ? 0 : 1] += 1;
        counts.set(cell, count);
      }
      const parts = [...counts]
        .map(([cell, count]) =>
          numbered(outcomes, `${cell} ${count.join()}`, () => this.outcomes.push(chancesOf(cell, count))),
        )
        .sort((a, b) => a - b);
      const scene = numbered(known, parts.join(), () => {
        this.distinct.push(Int32Array.from(parts));
        this.counts.push(0);
      });
      this.counts[scene]! += 1;
      return scene;
    });
    this.chances = new Float64Array(2 * cells.size * NODES.length);
    this.products = new Float64Array(outcomes.size * NODES.length);
  }

  /** The log-likelihood of all answers. */
  of(observer: Observer): number {
    this.prepare(observer);
    let total = 0;
    for (let i = 0; i < this.distinct.length; i++) total += this.counts[i]! * this.ofScene(this.distinct[i]!);
    return total;
  }

  /** The log-likelihood of the answers to each scene. */
  ofScenes(observer: Observer): number[] {
    this.prepare(observer);
    const values = this.distinct.map((parts) => this.ofScene(parts));
    return this.which.map((i) => values[i]!);
  }

  /** Computes the probability of either answer to every cell, and of every outcome, for every value of the scene's effect. */
  private prepare({ width, shifts, shares, lapseLow, lapseHigh, likeness }: Observer): void {
    const { chances, products } = this;
    const n = NODES.length;
    const scale = 1 / Math.sqrt(1 - likeness);
    const shared = Math.sqrt(likeness) * scale;
    const slope = WIDTH / width;
    const range = 1 - lapseLow - lapseHigh;
    let rest = 1;
    for (const share of shares) rest -= Math.abs(share);
    for (let c = 0; c < this.xs.length; c++) {
      const signs = this.signs[c]!;
      let seen = this.xs[c]!;
      let habits = 0;
      let against = 0;
      for (let h = 0; h < signs.length; h++) {
        seen += shifts[h]! * signs[h]!;
        const by = shares[h]! * signs[h]!;
        if (by > 0) habits += by;
        else against -= by;
      }
      cdfs(seen * slope, this.two, 0, 1);
      const p = habits + rest * (lapseLow + range * this.two[0]!);
      const q = against + rest * (lapseHigh + range * this.two[1]!);
      const place = p < 0.5 ? normalQuantile(Math.max(LEAST, p)) : -normalQuantile(Math.max(LEAST, q));
      for (let t = 0; t < n; t++) {
        const at = 2 * c * n + t;
        cdfs(place * scale + shared * NODES[t]!, chances, at, at + n);
      }
    }
    for (let o = 0; o < this.outcomes.length; o++) {
      const answers = this.outcomes[o]!;
      for (let t = 0; t < n; t++) products[o * n + t] = chances[answers[0]! + t]!;
      for (let k = 1; k < answers.length; k++)
        for (let t = 0; t < n; t++) products[o * n + t]! *= chances[answers[k]! + t]!;
    }
  }

  /** By the trapezoidal rule over the scene's effect. A scene has few answers, so no product falls below what a number can hold. */
  private ofScene(parts: Int32Array): number {
    const { products, values } = this;
    const n = NODES.length;
    values.set(WEIGHTS);
    for (const part of parts) {
      const at = part * n;
      for (let t = 0; t < n; t++) values[t]! *= products[at + t]!;
    }
    let total = 0;
    for (const value of values) total += value;
    return Math.log(total);
  }
}

/** Where the chances of answers to a cell begin: those of the positive answer come before those of the negative one. */
function chancesOf(cell: number, [positive, negative]: readonly [number, number]): Int32Array {
  const at = 2 * cell * NODES.length;
  return new Int32Array(positive + negative).fill(at, 0, positive).fill(at + NODES.length, positive);
}

/** The number under which a name is known, from 0 on in the order of their first use. @param add is called for a new name */
function numbered(known: Map<string, number>, name: string, add: () => void): number {
  const there = known.get(name);
  if (there !== undefined) return there;
  add();
  known.set(name, known.size);
  return known.size - 1;
}
