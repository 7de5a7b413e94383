import type { OptimOptions } from '../trainer.ts';
import type { Arrays } from './weights.ts';

/** AdamW optimiser (Loshchilov and Hutter, algorithm 2) for named arrays, with bias correction of both moments. */
export class AdamW {
  step: number;
  readonly m: Arrays;
  readonly v: Arrays;

  /** Continues from a saved optimiser state, or starts from zero. */
  constructor(weights: Arrays, state: Pick<AdamW, 'step' | 'm' | 'v'> = fresh(weights)) {
    this.step = state.step;
    this.m = state.m;
    this.v = state.v;
  }

  /**
   * Updates `weights` in place, with weight decay for the arrays in `decayed`. Returns the norm of all gradients before
   * clipping. If the norm is not finite, returns null and leaves the weights unchanged.
   */
  update(
    weights: Arrays,
    gradients: Arrays,
    { learningRate, betas: [beta1, beta2], eps, weightDecay, gradClip }: OptimOptions,
    decayed: (name: string) => boolean,
  ): number | null {
    const norm = Math.sqrt(Object.values(gradients).reduce((sum, g) => sum + sumOfSquares(g), 0));
    if (!Number.isFinite(norm)) return null;
    const shrink = gradClip !== null && norm > gradClip ? gradClip / norm : 1;
    this.step += 1;
    const rate = learningRate / (1 - beta1 ** this.step);
    const unbias = 1 / (1 - beta2 ** this.step);
    for (const [name, w] of Object.entries(weights)) {
      const [g, m, v] = [gradients[name]!, this.m[name]!, this.v[name]!];
      const keep = 1 - (decayed(name) ? learningRate * weightDecay : 0);
      for (let i = 0; i < w.length; i++) {
        const gi = g[i]! * shrink;
        const mi = (m[i] = beta1 * m[i]! + (1 - beta1) * gi);
        const vi = (v[i] = beta2 * v[i]! + (1 - beta2) * gi * gi);
        w[i] = keep * w[i]! - (rate * mi) / (Math.sqrt(vi * unbias) + eps);
      }
    }
    return norm;
  }
}

function fresh(weights: Arrays) {
  return { step: 0, m: zerosLike(weights), v: zerosLike(weights) };
}

export function zerosLike(arrays: Arrays): Arrays {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { length }]) => [name, new Float32Array(length)]),
  );
}

function sumOfSquares(x: Float32Array): number {
  let sum = 0;
  // By index: an iterator takes nine times as long.
  // eslint-disable-next-line @typescript-eslint/prefer-for-of
  for (let i = 0; i < x.length; i++) sum += x[i]! * x[i]!;
  return sum;
}
