import { logCdfs, normalQuantile, type Observer, WIDTH } from './observer.ts';

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
const LOG_WEIGHTS = NODES.map((t) => -0.5 * t * t + Math.log(STEP / Math.sqrt(2 * Math.PI)));

/** P is kept within these bounds, beyond which no number of answers can tell. */
const LEAST = 1e-12;

/**
 * The likelihood of observers, given answers that are alike within scenes (`Observer.likeness`). Questions with the same
 * x and the same signs are one cell, and scenes with the same answers are counted once.
 */
export class Likelihood {
  private readonly xs: number[] = [];
  private readonly signs: (readonly number[])[] = [];
  /** Distinct scenes: for each answer to a cell where its logs begin, and how often it was given. */
  private readonly distinct: Int32Array[] = [];
  private readonly counts: number[] = [];
  /** For each scene given, which of the distinct ones it is. */
  private readonly which: number[];
  /** For each cell log P of the positive answer by the scene's effect, and then of the negative one. */
  private readonly logs: Float64Array;
  private readonly two = new Float64Array(2);
  private readonly sums = new Float64Array(NODES.length);

  /** @param turn −1 to fit an observer of −x */
  constructor({ scenes }: Answers, turn: 1 | -1 = 1) {
    const cells = new Map<string, number>();
    const known = new Map<string, number>();
    this.which = scenes.map(({ x, answers }) => {
      const counts = new Map<number, [positive: number, negative: number]>();
      for (const [claim, ...signs] of answers) {
        const name = `${x} ${signs.join()}`;
        let cell = cells.get(name);
        if (cell === undefined) {
          cell = cells.size;
          cells.set(name, cell);
          this.xs.push(turn * x);
          this.signs.push(signs);
        }
        const count = counts.get(cell) ?? [0, 0];
        count[claim === 1 ? 0 : 1] += 1;
        counts.set(cell, count);
      }
      const parts = [...counts]
        .sort(([a], [b]) => a - b)
        .flatMap(([cell, count]) =>
          count.flatMap((n, i) => (n > 0 ? [(2 * cell + i) * NODES.length, n] : [])),
        );
      const name = parts.join();
      const found = known.get(name) ?? this.distinct.length;
      if (found === this.distinct.length) {
        known.set(name, found);
        this.distinct.push(Int32Array.from(parts));
        this.counts.push(0);
      }
      this.counts[found]! += 1;
      return found;
    });
    this.logs = new Float64Array(2 * cells.size * NODES.length);
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

  /** Computes log P of either answer to every cell, for every value of the scene's effect. */
  private prepare({ width, shifts, shares, lapseLow, lapseHigh, likeness }: Observer): void {
    const shared = Math.sqrt(likeness);
    const own = 1 / Math.sqrt(1 - likeness);
    const slope = WIDTH / width;
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
      const range = 1 - lapseLow - lapseHigh;
      logCdfs(seen * slope, this.two);
      const p = habits + rest * (lapseLow + range * Math.exp(this.two[0]!));
      const q = against + rest * (lapseHigh + range * Math.exp(this.two[1]!));
      const place = p < 0.5 ? normalQuantile(Math.max(LEAST, p)) : -normalQuantile(Math.max(LEAST, q));
      for (let t = 0; t < NODES.length; t++) {
        const at = 2 * c * NODES.length + t;
        logCdfs((place + shared * NODES[t]!) * own, this.logs, at, at + NODES.length);
      }
    }
  }

  /** By the trapezoidal rule over the scene's effect. */
  private ofScene(parts: Int32Array): number {
    const { logs, sums } = this;
    sums.set(LOG_WEIGHTS);
    for (let i = 0; i < parts.length; i += 2) {
      const at = parts[i]!;
      const times = parts[i + 1]!;
      for (let t = 0; t < sums.length; t++) sums[t]! += times * logs[at + t]!;
    }
    let most = -Infinity;
    for (const value of sums) if (value > most) most = value;
    let total = 0;
    for (const value of sums) if (value > most - 40) total += Math.exp(value - most);
    return most + Math.log(total);
  }
}
