import type * as z from 'zod';
import type { Share } from '../../src/core/run-data/meter.ts';
import type { RunSummary } from '../../src/core/run-data/run-summary.ts';
import { listRuns, type RunsOutput } from '../../src/lab/operations/runs.ts';

/** Lists the runs of folders as every face does. */
export const askRuns = (
  roots: readonly string[],
  input: z.input<typeof listRuns.input>,
): Promise<RunsOutput> =>
  listRuns.run(listRuns.input.parse(input), { roots, signal: new AbortController().signal });

export const runsIn = async (roots: readonly string[]): Promise<RunSummary[]> =>
  (await askRuns(roots, {})).runs ?? [];

/** A share that is known, or with two ends the range that it is in. */
export const share = (low: number, high = low): Share =>
  low === high ? { value: low, n: 8 } : { value: null, bounds: [low, high], n: 8 };
