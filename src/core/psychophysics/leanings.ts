import { groupBy } from '../evaluation/scored-row.ts';
import { studentQuantile } from '../metrics/statistics.ts';
import { mean, sum } from '../../base/numbers.ts';

/** One answer about a scene that has several questions. */
export interface Trial {
  block: string;
  /** +1 if the answer claims that the scene's quantity is positive, −1 if negative, null if unparsed. */
  claim: 1 | -1 | null;
  /** For each response bias, the claim of an observer with only this bias; for "yes", the claim made by a yes. */
  signs: Readonly<Record<string, 1 | -1>>;
}

/** Share of the answers that a response bias determines, with its interval. */
export interface Leaning {
  /**
   * Share, −1 to 1. If an observer follows the bias in a share q of the trials, and perception in all others, the value
   * is q; negative for the opposite bias. Null without blocks.
   */
  value: number | null;
  /** 95% interval for other blocks of the same kind; null for fewer than two blocks. */
  interval: [number, number] | null;
  /** Number of blocks in which every answer is parsed. */
  blocks: number;
}

/**
 * Measures each response bias by the mean of claim × sign. In every block, the signs of a bias must sum to 0, and so
 * must the products with the signs of every other bias. Then perception, which is constant within a block, cancels, and
 * so do the other biases, regardless of the observer's curve.
 *
 * @throws Error if the signs of a block do not cancel
 */
export function leanings(trials: readonly Trial[]): Record<string, Leaning> {
  const blocks = groupBy(trials, ({ block }) => block);
  for (const [name, block] of blocks) requireCancelling(name, block);
  const readable = [...blocks.values()].filter((block) => block.every(({ claim }) => claim !== null));
  const names = Object.keys(trials[0]?.signs ?? {});
  const open = mean(readable.map(({ length }) => 1 / length)) ?? 0;
  return Object.fromEntries(
    names.map((name) => [
      name,
      overBlocks(
        readable.map((block) => mean(block.map(({ claim, signs }) => claim! * signs[name]!))!),
        open,
      ),
    ]),
  );
}

function requireCancelling(name: string, block: readonly Trial[]): void {
  const leanings = Object.keys(block[0]!.signs);
  for (const [i, leaning] of leanings.entries()) {
    if (sum(block.map(({ signs }) => signs[leaning]!)) !== 0)
      throw new Error(
        `Block ${name}: the signs of "${leaning}" do not add up to 0, so the image would affect the bias.`,
      );
    for (const other of leanings.slice(i + 1))
      if (sum(block.map(({ signs }) => signs[leaning]! * signs[other]!)) !== 0)
        throw new Error(`Block ${name}: "${leaning}" and "${other}" cannot be separated.`);
  }
}

/** Weight of the prior of the variance, in blocks. */
const PRIOR = 2;

/**
 * Returns the mean with Student's interval over blocks, within −1 to 1. The variance has a scaled inverse χ² prior that
 * is worth two blocks (Gelman et al., Bayesian Data Analysis, 3.3). If a bias determines hardly any or nearly all
 * answers, informative blocks can be missing, and identical blocks would suggest zero variance.
 * @param open maximum variance, which is that of a block with independent answers
 */
function overBlocks(values: readonly number[], open: number): Leaning {
  const value = mean(values);
  const blocks = values.length;
  if (value === null || blocks < 2) return { value, interval: null, blocks };
  const df = blocks - 1 + PRIOR;
  const variance = (sum(values.map((each) => (each - value) ** 2)) + PRIOR * open) / df;
  const half = studentQuantile(df) * Math.sqrt(variance / blocks);
  return { value, interval: [Math.max(-1, value - half), Math.min(1, value + half)], blocks };
}
