import { join } from 'node:path';
import type { CallOptions } from '../../base/call.ts';
import { readMetricsRow, type MetricsRow } from '../../core/rewards/metrics-row.ts';
import type { ArrayRef } from '../../core/run-data/trace.ts';
import { Verification } from '../../core/verify/verification.ts';
import { ifMissing } from '../files/disk-error.ts';
import { readBytes } from '../files/regular.ts';
import { readManifest, readRunConfig } from './make-run.ts';
import { stepName, type RunManifest } from './run-folder.ts';
import { Tail } from './tail.ts';
import { keepVerified } from './verified.ts';
import { readArray, readTargets, readTraces, tracedSteps } from './trace-files.ts';

/**
 * Recomputes the traced steps of a run from its folder, and records in the folder whether the run is verified. Reports
 * progress from 0 to 1.
 * @param only a single step, which leaves the record unchanged
 * @returns also the number of steps in the metrics, and of own steps (not the parent's) without a trace
 * @throws RecordError for an invalid line
 */
export async function verifyRun(
  dir: string,
  only: number | undefined,
  { signal, onProgress }: CallOptions<number> = {},
): Promise<{
  verification: Verification;
  traced: number[];
  taken: number;
  untraced: number;
  parent: RunManifest['parent'];
}> {
  const config = await readRunConfig(dir);
  // A run that failed before its first step has no manifest.
  const { parent } = (await readManifest(dir).catch(ifMissing(null))) ?? {};
  const rows = await metricsByStep(dir);
  const traced = await tracedSteps(dir, config.recipe === 'sft' ? 'targets' : 'pairs');
  const steps = traced.filter((step) => only === undefined || step === only);
  const verification = new Verification();
  for (const [i, step] of steps.entries()) {
    signal?.throwIfAborted();
    const before = step === 1 ? 0 : rows.get(step - 1)?.num_tokens;
    const recorded = { step, metrics: rows.get(step) ?? {}, tokensBefore: before ?? null };
    if (config.recipe === 'sft') verification.addTargets(config, await readTargets(dir, step), recorded);
    else {
      const pairs = await readTraces(dir, step);
      verification.addRollouts(config, pairs, await arraysOf(dir, step), recorded);
    }
    onProgress?.((i + 1) / steps.length);
  }
  if (only === undefined) await keepVerified(dir, verification.isVerified ? verification.steps : 0);
  const ownSteps = [...rows.keys()].filter((step) => step > (parent?.step ?? 0));
  return { verification, traced, taken: rows.size, untraced: ownSteps.length - traced.length, parent };
}

async function metricsByStep(dir: string): Promise<Map<number, MetricsRow>> {
  const rows = new Map<number, MetricsRow>();
  for await (const row of new Tail(join(dir, 'metrics.jsonl'), readMetricsRow).rows())
    rows.set(row.step, row);
  return rows;
}

/** Reads the log-probabilities of a step. */
async function arraysOf(dir: string, step: number): Promise<(ref: ArrayRef) => number[]> {
  const bytes = await readBytes(join(dir, 'traces', `${stepName(step)}.bin`)).catch(
    ifMissing(Buffer.alloc(0)),
  );
  return (ref) => {
    if (!(ref.at >= 0 && ref.n >= 0 && ref.at + 4 * ref.n <= bytes.length))
      throw new RangeError('The arrays are outside their file.');
    return readArray(bytes, ref, 'float32');
  };
}
