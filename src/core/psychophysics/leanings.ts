import { groupBy } from '../evaluation/scored-row.ts';
import { studentQuantile } from '../metrics/statistics.ts';
import { mean, sum } from '../../base/numbers.ts';

/** One answer about a scene that is asked in several ways. */
export interface Trial {
  block: string;
  /** +1 if the answer says that the scene's quantity is above 0, −1 if below, null if it could not be read. */
  claim: 1 | -1 | null;
  /** For each leaning the claim of an observer who followed it alone: for "yes", the claim that *yes* makes here. */
  signs: Readonly<Record<string, 1 | -1>>;
}

/** How much of the answering a leaning decides. */
export interface Leaning {
  /**
   * −1 to 1: an observer who follows the leaning in a share q of the trials, and what is seen in the others, has q;
   * negative if the leaning is to the opposite. Null without a block.
   */
  value: number | null;
  /** 95%, for other blocks of the same kind; null for fewer than two. */
  interval: [number, number] | null;
  /** Number of blocks. Those with an answer that could not be read are left out. */
  blocks: number;
}

/**
 * Measures each leaning by the mean of claim × sign. In every block a leaning's signs must add up to 0, and so must the
 * products with every other leaning's: then what is seen, which is the same throughout a block, cancels, and so do the
 * other leanings, whatever the observer's curve is.
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

/** How many blocks the prior of the variance counts for. */
const PRIOR = 2;

/**
 * The mean with Student's interval over blocks, within −1 to 1. Its variance has a scaled inverse χ² prior of two blocks
 * (Gelman et al., Bayesian Data Analysis, 3.3): where a habit decides hardly any of the answers, or all but a few, the
 * few that tell may not turn up, and blocks that are all alike would say that nothing varies.
 * @param open the variance of a block whose answers are independent and open, the most that independent answers have
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
