import { linesText } from '../../base/json.ts';
import type { WhatIfConfig } from '../../core/run-data/what-if-settings.ts';
import { readRunConfig } from './make-run.ts';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ArrayRef, type TracedPair, readTracedPair } from '../../core/run-data/trace.ts';
import { ifMissing, noEntries } from '../files/disk-error.ts';
import { writeAtomically, type WriteFile } from '../files/atomic.ts';
import { parseLines, type RecordError } from '../../base/record.ts';
import { makeFolder } from '../files/folders.ts';
import { stepName, stepsIn } from './run-folder.ts';
import type { CallOptions } from '../../base/call.ts';
import { readTargetSums } from '../../core/rewards/loss-sums.ts';
import type { Assessment } from '../../core/rewards/assess.ts';
import { whatIfReport, type WhatIfReport } from '../../core/run-data/what-if.ts';
import { readText } from '../files/regular.ts';

/** Arrays of one step's traces: little-endian, int32 or float32. */
export class TraceArrays {
  private readonly parts: Uint8Array[] = [];
  private length = 0;
  private readonly kept = new Map<readonly number[], ArrayRef>();

  int32(values: readonly number[]): ArrayRef {
    return this.push(values, (view, at, value) => view.setInt32(at, value, true));
  }

  /** Stores a list. Stores identical lists (the same object) once. */
  float32(values: readonly number[]): ArrayRef {
    const ref =
      this.kept.get(values) ?? this.push(values, (view, at, value) => view.setFloat32(at, value, true));
    this.kept.set(values, ref);
    return ref;
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.parts);
  }

  private push(
    values: readonly number[],
    set: (view: DataView, at: number, value: number) => void,
  ): ArrayRef {
    const bytes = new Uint8Array(values.length * 4);
    const view = new DataView(bytes.buffer);
    values.forEach((value, i) => set(view, 4 * i, value));
    const ref = { at: this.length, n: values.length };
    this.parts.push(bytes);
    this.length += bytes.length;
    return ref;
  }
}

/**
 * Writes one step's traces: a line per pair, and a file of arrays unless empty.
 * @param write writes a file. A lock's own `write` succeeds only for the lock's holder
 */
export async function writeTraces(
  run: string,
  step: number,
  pairs: readonly TracedPair[],
  arrays: TraceArrays,
  write: WriteFile = writeAtomically,
): Promise<void> {
  const base = join(run, 'traces', stepName(step));
  await makeFolder(join(run, 'traces'));
  const bytes = arrays.bytes();
  // Writes arrays first, so that a complete trace never refers to a missing file.
  if (bytes.length > 0) await write(`${base}.bin`, bytes, { durable: false });
  else await rm(`${base}.bin`, { force: true });
  await write(`${base}.jsonl`, linesText(pairs));
}

type TargetSums = ReturnType<typeof readTargetSums>;

const targetsFile = (run: string, step: number): string =>
  join(run, 'traces', `${stepName(step)}${OF_TARGETS}`);
const OF_TARGETS = '.targets.jsonl';

/** Writes the values of each target in the loss of a step of supervised fine-tuning, one line per target. */
export async function writeTargets(
  run: string,
  step: number,
  targets: readonly TargetSums[],
  write: WriteFile,
): Promise<void> {
  await makeFolder(join(run, 'traces'));
  await write(targetsFile(run, step), linesText(targets), { durable: false });
}

/** Reads the targets of a step. Empty for a step without trace. @throws RecordError */
export async function readTargets(run: string, step: number): Promise<TargetSums[]> {
  const file = targetsFile(run, step);
  const text = await readText(file).catch(ifMissing(''));
  return parseLines(`${text}\n`, file, readTargetSums, refuse);
}

/** Returns the array that a reference points to. @throws RangeError if the array is not inside the file */
export function readArray(bytes: Uint8Array, { at, n }: ArrayRef, type: 'int32' | 'float32'): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: n }, (_, i) =>
    type === 'int32' ? view.getInt32(at + 4 * i, true) : view.getFloat32(at + 4 * i, true),
  );
}

/** Returns the steps with traced pairs, or with targets, in ascending order. */
export async function tracedSteps(run: string, what: 'pairs' | 'targets' = 'pairs'): Promise<number[]> {
  const files = await readdir(join(run, 'traces')).catch(noEntries);
  return stepsIn(files, what === 'pairs' ? '.jsonl' : OF_TARGETS).map(({ step }) => step);
}

/**
 * Reads the pairs of one step. Empty if the step was not traced.
 * @param leaveOut called for each line that is not a pair. Default: the first such line is thrown as an error
 * @throws RecordError
 */
export async function readTraces(
  run: string,
  step: number,
  leaveOut: (why: RecordError) => void = refuse,
): Promise<TracedPair[]> {
  const file = join(run, 'traces', `${stepName(step)}.jsonl`);
  const text = await readText(file).catch(ifMissing(''));
  // The file was written as a whole, so the last line is complete even without line break.
  return parseLines(`${text}\n`, file, readTracedPair, leaveOut);
}

function refuse(why: RecordError): never {
  throw why;
}

/** Returns the settings of a run's rewards. Null for recipes to which the what-if analysis does not apply. */
export async function whatIfConfig(run: string): Promise<WhatIfConfig | null> {
  const config = await readRunConfig(run);
  if (config.recipe !== 'grpo') return null;
  const { rewards, coupling, advantages, dynamic_sampling, loss } = config;
  return { rewards, coupling, advantages, dynamic_sampling, loss };
}

export interface Steps {
  steps(): Promise<readonly number[]>;
  /** Returns the pairs of a step. Empty for a step without trace. @throws RecordError at a line that is not a pair */
  pairs(step: number): Promise<TracedPair[]>;
}

/** Computes how the advantages of a run's traced steps change under other settings. Reports progress from 0 to 1. */
export function whatIfRun(
  run: Steps,
  settings: Assessment,
  { signal, onProgress }: CallOptions<number> = {},
): Promise<WhatIfReport> {
  async function* pairs() {
    const steps = await run.steps();
    for (const [i, step] of steps.entries()) {
      yield await run.pairs(step);
      onProgress?.((i + 1) / steps.length);
      signal?.throwIfAborted();
    }
  }
  return whatIfReport(pairs(), settings);
}
