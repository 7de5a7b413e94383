import { groupBy } from '../metrics/scored-row.ts';
import { studentQuantile } from '../metrics/statistics.ts';
import { mean, sum } from '../numbers.ts';

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
  /** 95 % by Student's t over the blocks; null for fewer than two. */
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
  return Object.fromEntries(
    names.map((name) => [
      name,
      overBlocks(readable.map((block) => mean(block.map(({ claim, signs }) => claim! * signs[name]!))!)),
    ]),
  );
}

function requireCancelling(name: string, block: readonly Trial[]): void {
  const leanings = Object.keys(block[0]!.signs);
  for (const [i, one] of leanings.entries()) {
    if (sum(block.map(({ signs }) => signs[one]!)) !== 0)
      throw new Error(
        `Block ${name}: the signs of "${one}" do not add up to 0, so what is seen would count.`,
      );
    for (const other of leanings.slice(i + 1))
      if (sum(block.map(({ signs }) => signs[one]! * signs[other]!)) !== 0)
        throw new Error(`Block ${name}: "${one}" and "${other}" cannot be told apart.`);
  }
}

function overBlocks(values: readonly number[]): Leaning {
  const value = mean(values);
  if (value === null || values.length < 2) return { value, interval: null, blocks: values.length };
  const variance = sum(values.map((each) => (each - value) ** 2)) / (values.length - 1);
  const half = studentQuantile(values.length - 1) * Math.sqrt(variance / values.length);
  return { value, interval: [value - half, value + half], blocks: values.length };
}
