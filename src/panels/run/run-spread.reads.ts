import { join } from 'node:path';
import { deviation } from '../../core/rewards/advantages.ts';
import { parseLines } from '../../base/record.ts';
import { readTracedRewards } from '../../core/run-data/trace.ts';
import type { AxisPoint, SpreadAnswer, SpreadOf, XAxis } from './run.contract.ts';
import { stepName } from '../../lab/runs/run-folder.ts';
import { ifMissing } from '../../lab/files/disk-error.ts';
import { readText } from '../../lab/files/regular.ts';

type TracedRewards = ReturnType<typeof readTracedRewards>;

/** Maximum number of evenly spread steps whose traces are read, because traces are long. */
const MAX_STEPS = 200;
const BINS = 24;

type Values = Record<SpreadOf, Float32Array>;

/** Returns the rewards in a step's trace file; empty if the step has no trace file. */
export async function tracedRewards(run: string, step: number): Promise<TracedRewards[]> {
  const path = join(run, 'traces', `${stepName(step)}.jsonl`);
  const text = await readText(path).catch(ifMissing(''));
  // A line that is no trace has no rewards. The Trace panel reports such a line.
  return parseLines(text, path, readTracedRewards, () => undefined);
}

/** Values of single completions, groups and pairs in training, by step. Reads each step once. */
export class Spreads {
  private readonly known = new Map<number, Values>();

  constructor(private readonly rewardsOf: (step: number) => Promise<readonly TracedRewards[]>) {}

  /** Forgets all steps, because the run was truncated by a resume or its files have changed. */
  reset(): void {
    this.known.clear();
  }

  /** Returns the distribution of the values over the traced steps; null if the run has no traces. */
  async read(
    traced: readonly number[],
    what: SpreadOf,
    x: XAxis,
    place: (step: number) => AxisPoint,
  ): Promise<SpreadAnswer | null> {
    const steps = thinned(traced);
    const columns: { step: number; values: Float32Array }[] = [];
    for (const step of steps) {
      const values = (await this.valuesOf(step))[what];
      if (values.length > 0) columns.push({ step, values });
    }
    return spreadOf(columns, x, place);
  }

  private async valuesOf(step: number): Promise<Values> {
    let values = this.known.get(step);
    if (!values) {
      values = valuesOf((await this.rewardsOf(step)).filter(({ logged_by: by }) => by === undefined));
      this.known.set(step, values);
    }
    return values;
  }
}

/** Returns every 2ⁿ-th step and the last step. The stride rarely changes in a growing run, so few steps are re-read. */
function thinned(steps: readonly number[]): number[] {
  let stride = 1;
  while (steps.length / stride > MAX_STEPS) stride *= 2;
  return steps.filter((_, i) => i % stride === 0 || i === steps.length - 1);
}

/** Returns the distribution of the values at the given steps; null without values. */
function spreadOf(
  columns: readonly { step: number; values: Float32Array }[],
  x: XAxis,
  place: (step: number) => AxisPoint,
): SpreadAnswer | null {
  if (columns.length === 0) return null;
  return { ...binned(columns.map(({ values }) => values)), ...places(columns, x, place) };
}

/** Returns three sorted lists: all rewards, all group stds and all Δ. */
function valuesOf(pairs: readonly TracedRewards[]): Values {
  const rewards: number[] = [];
  const deviations: number[] = [];
  const deltas: number[] = [];
  for (const { views, delta } of pairs) {
    if (delta !== null) deltas.push(delta);
    for (const { group } of views) {
      const values = group.flatMap(({ reward }) => reward ?? []);
      rewards.push(...values);
      if (values.length > 1) deviations.push(deviation(values, 1));
    }
  }
  const sorted = (values: readonly number[]) => Float32Array.from(values).sort();
  return { reward: sorted(rewards), group_std: sorted(deviations), delta: sorted(deltas) };
}

/** Sorts values into bins of equal width, the same for all columns. The shares of each column sum to 1. */
function binned(columns: readonly Float32Array[]) {
  const low = Math.min(0, ...columns.map((values) => values[0]!));
  const highest = Math.max(...columns.map((values) => values.at(-1)!));
  const high = highest > low ? highest : low + 1;
  const shares = new Float32Array(columns.length * BINS);
  const percentiles = new Float32Array(columns.length * 3);
  columns.forEach((values, c) => {
    for (const value of values) {
      const bin = Math.min(Math.floor(((value - low) / (high - low)) * BINS), BINS - 1);
      shares[c * BINS + bin]! += 1 / values.length;
    }
    [0.1, 0.5, 0.9].forEach((q, i) => {
      percentiles[c * 3 + i] = values[Math.round(q * (values.length - 1))]!;
    });
  });
  return { low, high, bins: BINS, shares, percentiles };
}

function places(columns: readonly { step: number }[], x: XAxis, place: (step: number) => AxisPoint) {
  const steps = Float64Array.from(columns, ({ step }) => step);
  return { steps, x: steps.map((step) => place(step)[x]) };
}
