import type { Assessment } from '../../core/grpo/assess.ts';
import { recompute } from '../../core/run-data/what-if/recompute.ts';
import { addStep, emptyReport, type WhatIfReport } from '../../core/run-data/what-if/report.ts';
import { readTraces, tracedSteps } from './trace.ts';

/**
 * How the advantages of a whole run would differ under other settings, as far as its steps were traced.
 * @param progress is told the share that is done, 0–1, and says whether to go on.
 * @returns null when it was told to stop.
 */
export async function whatIfRun(
  run: string,
  settings: Assessment,
  progress: (share: number) => boolean = () => true,
): Promise<WhatIfReport | null> {
  const report = emptyReport();
  const steps = await tracedSteps(run);
  for (const [i, step] of steps.entries()) {
    const before = await readTraces(run, step);
    addStep(report, before, recompute(before, settings));
    if (!progress((i + 1) / steps.length)) return null;
  }
  return report;
}
