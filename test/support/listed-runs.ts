import type { Share } from '../../src/core/run-data/meter.ts';
import type { RunSummary } from '../../src/core/run-data/run-summary.ts';
import { listRuns } from '../../src/lab/operations/runs.ts';

/** The runs of folders as every face lists them. */
export async function runsIn(
  roots: readonly string[],
  programs?: ('own' | 'other')[],
): Promise<RunSummary[]> {
  const input = listRuns.input.parse({ programs });
  const { runs = [] } = await listRuns.run(input, { roots, signal: new AbortController().signal });
  return runs;
}

/** A share that is known, or with two ends the range that it is in. */
export const share = (low: number, high = low): Share =>
  low === high ? { value: low, n: 8 } : { value: null, bounds: [low, high], n: 8 };
