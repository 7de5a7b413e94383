import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunConfig } from '../../core/config/run.ts';
import { deviation } from '../../core/grpo/advantages.ts';
import { readMetricsRow } from '../../core/grpo/metrics.ts';
import { parseLines, type RowReader } from '../../core/record.ts';
import type { SweepRun } from '../../core/reports/sweep/run.ts';
import { figureValues, type EvaluatedRow } from '../../core/reports/sweep/figure.ts';
import type { PlannedRun, SweepPlan } from '../../core/reports/sweep/plan.ts';
import { stepName } from './checkpoints.ts';
import { readManifest, readRunConfig } from './run.ts';
import { readState } from './state.ts';
import { sweepRun } from './sweep-folder.ts';
import { readTraces, tracedSteps } from './trace.ts';
import { readText } from '../files/regular.ts';

/** Of a long run so many traced steps are read, evenly spread. */
const MAX_TRACED = 40;

/** What the runs of all cells have written so far. @param onRun told after each of them. */
export async function readSweepRuns(
  sweep: string,
  plan: SweepPlan,
  onRun: (done: number) => void = () => undefined,
): Promise<SweepRun[]> {
  const runs: SweepRun[] = [];
  for (const run of plan.runs.filter(({ stage }) => !stage)) {
    runs.push(await readRun(sweepRun(sweep, run.name), plan, run));
    onRun(runs.length);
  }
  return runs;
}

async function readRun(dir: string, plan: SweepPlan, { arm, seed }: PlannedRun): Promise<SweepRun> {
  // A state that cannot be read says nothing against what the run has measured.
  const state = await readState(dir).catch(({ message }: Error) => ({ status: 'unreadable', message }));
  const config = await readRunConfig(dir);
  const leftOut: string[] = [];
  const lines = async <T>(name: string, read: RowReader<T>) => {
    const path = join(dir, name);
    const text = await readText(path).catch(() => '');
    return parseLines(text, path, read, ({ message }) => leftOut.push(message));
  };
  const timings = await lines('timings.jsonl', readMetricsRow);
  const peaks = timings.flatMap((row) => row['perf/peak_memory_gb'] ?? []);
  return {
    cell: arm,
    seed,
    status: state?.status ?? null,
    message: state?.message ?? '',
    steps: config.steps,
    eta: etaOf(config),
    evaluations: await readEvaluations(dir, plan),
    metrics: await lines('metrics.jsonl', readMetricsRow),
    trainable: await readTrainable(dir),
    seconds: timings.flatMap(({ step_time }) => step_time ?? []),
    peakMemory: peaks.length > 0 ? Math.max(...peaks) : null,
    spreads: await readSpreads(dir),
    leftOut,
  };
}

const etaOf = (config: RunConfig): number | null =>
  config.recipe === 'grpo' && config.views.mirror ? config.coupling.eta : null;

/** Null before the run has looked at its data. */
async function readTrainable(dir: string): Promise<number | null> {
  const manifest = await readManifest(dir).catch(() => null);
  const trainable = manifest?.preflight?.trainable_parameters;
  return typeof trainable === 'number' ? trainable : null;
}

/** The evaluations that were made while training and are complete. */
async function readEvaluations(dir: string, { compare, also }: SweepPlan): Promise<SweepRun['evaluations']> {
  const names = await readdir(join(dir, 'eval')).catch(() => []);
  const steps = names.flatMap((name) => /^step-(\d+)$/.exec(name)?.[1] ?? []).map(Number);
  const found: SweepRun['evaluations'] = [];
  for (const step of steps.sort((a, b) => a - b)) {
    const folder = join(dir, 'eval', stepName(step));
    if (!(await readdir(folder)).includes('results.json')) continue;
    const rows = (
      await readLines<EvaluatedRow & { segments: { text: string }[] }>(join(folder, 'rows.jsonl'))
    ).map((row) => ({ ...row, completion: row.segments.at(-1)!.text }));
    found.push({ step, values: [compare, ...also].map((figure) => figureValues(rows, figure)) });
  }
  return found;
}

/** Lines of JSON; a last one that is not whole yet is left out. */
async function readLines<T>(path: string): Promise<T[]> {
  const text = await readText(path).catch(() => '');
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);
}

async function readSpreads(dir: string): Promise<number[]> {
  const steps = await tracedSteps(dir);
  const stride = Math.ceil(steps.length / MAX_TRACED);
  const spreads: number[] = [];
  for (const step of steps.filter((_, i) => i % stride === 0)) {
    for (const { views } of await readTraces(dir, step))
      spreads.push(
        ...views.flatMap(({ group }) =>
          group.length > 1
            ? [
                deviation(
                  group.map(({ reward }) => reward),
                  1,
                ),
              ]
            : [],
        ),
      );
  }
  return spreads;
}
