/**
 * Seeded random numbers, used for everything random in the program, so that a seed determines the result. The generator
 * is sfc32 (128 bits of state), seeded by hashing text with cyrb128.
 */
export class Random {
  private constructor(private s: [number, number, number, number]) {}

  /** Returns a random stream that is the same for equal seeds on every machine. */
  static from(seed: number | string): Random {
    const random = new Random(hash128(String(seed)));
    for (let i = 0; i < 12; i++) random.uint32();
    return random;
  }

  /** Continues a random stream from the result of `state()`. */
  static restore([a, b, c, d]: ReturnType<Random['state']>): Random {
    return new Random([a | 0, b | 0, c | 0, d | 0]);
  }

  /** Returns four 32-bit integers that continue this stream exactly. */
  state(): [number, number, number, number] {
    return [...this.s];
  }

  /** Returns an independent stream for `label`, from the seed of this stream and not from its position. */
  fork(label: number | string): Random {
    return Random.from(`${this.s.join()}/${label}`);
  }

  /** Returns a uniform integer, 0 … 2³²−1. */
  uint32(): number {
    const s = this.s;
    const sum = (((s[0] + s[1]) | 0) + s[3]) | 0;
    s[3] = (s[3] + 1) | 0;
    s[0] = s[1] ^ (s[1] >>> 9);
    s[1] = (s[2] + (s[2] << 3)) | 0;
    s[2] = (((s[2] << 21) | (s[2] >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** Returns a uniform number in [0, 1). */
  uniform(): number {
    return this.uint32() / 2 ** 32;
  }

  /** Returns a uniform number in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** Returns a uniform integer, 0 … n−1. */
  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Returns true with probability p. */
  chance(p: number): boolean {
    return this.uniform() < p;
  }

  /** Returns one element, uniformly. The list must not be empty. */
  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new Error('Cannot pick from an empty list.');
    return list[this.below(list.length)]!;
  }

  /** Returns a shuffled copy of a list (Fisher–Yates). */
  shuffle<T>(list: readonly T[]): T[] {
    const out = [...list];
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [out[i], out[j]] = [out[j]!, out[i]!];
    }
    return out;
  }

  /** Returns a standard normal number (Box–Muller, with one of its two values). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /**
   * Returns a number from the gamma distribution with a shape above 0 and scale 1 (G. Marsaglia and W. W. Tsang, "A
   * simple method for generating gamma variables", 2000).
   */
  gamma(shape: number): number {
    if (shape < 1) return this.gamma(shape + 1) * (1 - this.uniform()) ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - this.uniform()) < x ** 2 / 2 + d * (1 - v + Math.log(v))) return d * v;
    }
  }

  /** Returns the number of successes in n trials with probability p: a rounded normal number if n·p·(1−p) > 30. */
  binomial(n: number, p: number): number {
    const variance = n * p * (1 - p);
    if (variance > 30)
      return Math.min(n, Math.max(0, Math.round(n * p + Math.sqrt(variance) * this.normal())));
    const q = Math.min(p, 1 - p);
    // Inverts the distribution function, counting up from 0 occurrences of the less likely outcome.
    let probability = (1 - q) ** n;
    let left = this.uniform() - probability;
    let k = 0;
    while (left > 0 && k < n) {
      k += 1;
      probability *= ((n - k + 1) / k) * (q / (1 - q));
      left -= probability;
    }
    return p > q ? n - k : k;
  }
}

/** Hashes a text to 32 hex digits, to distinguish texts. Not secure: a text with a given hash can be forged. */
export const fingerprint = (text: string): string =>
  hash128(text)
    .map((part) => (part >>> 0).toString(16).padStart(8, '0'))
    .join('');

/** Computes four 32-bit hashes of a text with cyrb128. Not cryptographic. */
function hash128(text: string): [number, number, number, number] {
  let h1 = 1779033703;
  let h2 = 3144134277;
  let h3 = 1013904242;
  let h4 = 2773480762;
  for (let i = 0; i < text.length; i++) {
    const k = text.charCodeAt(i);
    h1 = h2 ^ Math.imul(h1 ^ k, 597399067);
    h2 = h3 ^ Math.imul(h2 ^ k, 2869860233);
    h3 = h4 ^ Math.imul(h3 ^ k, 951274213);
    h4 = h1 ^ Math.imul(h4 ^ k, 2716044179);
  }
  h1 = Math.imul(h3 ^ (h1 >>> 18), 597399067);
  h2 = Math.imul(h4 ^ (h2 >>> 22), 2869860233);
  h3 = Math.imul(h1 ^ (h3 >>> 17), 951274213);
  h4 = Math.imul(h2 ^ (h4 >>> 19), 2716044179);
  return [h1 ^ h2 ^ h3 ^ h4, h2 ^ h1, h3 ^ h1, h4 ^ h1];
}
