import type { CallOptions } from '../../core/protocol/channel.ts';
import type { Assessment } from '../../core/grpo/assess.ts';
import { recompute } from '../../core/run-data/what-if/recompute.ts';
import { addStep, emptyReport, type WhatIfReport } from '../../core/run-data/what-if/report.ts';
import { readTraces, tracedSteps } from './trace.ts';

/**
 * How the advantages of a whole run would differ under other settings, as far as its steps were traced.
 * The share that is done is told, 0–1.
 */
export async function whatIfRun(
  run: string,
  settings: Assessment,
  { signal, onProgress }: CallOptions<number> = {},
): Promise<WhatIfReport> {
  const report = emptyReport();
  const steps = await tracedSteps(run);
  for (const [i, step] of steps.entries()) {
    const before = await readTraces(run, step);
    addStep(report, before, recompute(before, settings));
    onProgress?.((i + 1) / steps.length);
    signal?.throwIfAborted();
  }
  return report;
}
