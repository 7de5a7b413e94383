import type { LoopState } from '../runs/run-folder.ts';
import type { RunConfig } from '../../core/config/run-config.ts';
import type { History } from '../../core/rewards/alarms.ts';
import type { EvaluationHistory } from '../../core/metrics/evaluation-alarms.ts';
import type { EvaluationResult } from '../../core/evaluation/results.ts';
import type { MetricsRow } from '../../core/rewards/metrics-row.ts';
import type { OptimOptions, Trainer } from '../../engines/trainer.ts';
import { commitCheckpoint, listCheckpoints, pruneCheckpoints } from '../runs/checkpoints.ts';
import type { ActiveRun } from '../runs/make-run.ts';
import type { Overflow } from './overflow.ts';

/** Metrics of a step of a recipe, except values that depend on the clock. */
export type StepMetrics = Record<string, number | null>;

/** Result of one training step of a recipe. */
export interface TakenStep {
  metrics: StepMetrics;
  /** Reason for a skipped update, and the update's number from 1. Without a number, nothing was sampled. */
  skipped?: { overflow: Overflow; update?: number } | undefined;
}

/** Maximum number of consecutive skipped steps before a run ends. */
const MOST_SKIPPED = 3;

class PhaseClock {
  private readonly started = performance.now();
  private readonly seconds: Record<string, number> = {};

  async time<T>(phase: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.seconds[phase] = (this.seconds[phase] ?? 0) + (performance.now() - start) / 1000;
    }
  }

  /** Phase that took most of the step. */
  get longest(): string {
    return Object.entries(this.seconds).reduce(
      (one, other) => (other[1] > one[1] ? other : one),
      ['update', 0],
    )[0];
  }

  /** Returns `step_time` and `timing_s/<phase>`, in seconds. */
  row(): Record<string, number> {
    const phases = Object.entries(this.seconds).map(
      ([phase, seconds]) => [`timing_s/${phase}`, seconds] as const,
    );
    return { step_time: (performance.now() - this.started) / 1000, ...Object.fromEntries(phases) };
  }
}

/**
 * Starts work that overlaps with waiting for the engine, which is another process. The overlaps are: the reference
 * model scores groups while their rewards are computed (`grpo.ts`); metrics, trace and next rows are prepared while the
 * engine updates (`grpo.ts`, `sft.ts`); results of a step are written while the next step samples (`runSteps`).
 * @returns the work. An error is thrown only to the caller that awaits the work
 */
export function overlap<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}

export function optimOptions({
  optimizer,
}: Pick<RunConfig, 'optimizer'>): Omit<OptimOptions, 'learningRate'> {
  const { betas, eps, weight_decay, grad_clip } = optimizer;
  return { betas, eps, weightDecay: weight_decay, gradClip: grad_clip > 0 ? grad_clip : null };
}

/** Applies `work` to at most `size` items at a time, or to all items at once, and joins the results. */
export async function inChunks<T, R>(
  items: T[],
  size: number | undefined,
  work: (chunk: T[]) => Promise<R[]>,
): Promise<R[]> {
  const out: R[] = [];
  const step = size ?? Math.max(1, items.length);
  for (let at = 0; at < items.length; at += step) out.push(...(await work(items.slice(at, at + step))));
  return out;
}

/** Whether an action is due after a step: every `every` steps (0: never), and at the end. */
export const isDue = (every: number, step: number, { steps }: { steps: number }): boolean =>
  (every > 0 && step % every === 0) || step === steps;

export interface Loop {
  config: RunConfig;
  run: ActiveRun;
  trainer: Trainer;
  /** State of the run. The recipe advances cursor and tokens. The loop advances other fields. */
  state: LoopState;
  /** History of the metrics so far, for the alarms. */
  history: History;
  /** Evaluates all evaluation sets at a step and returns their metrics. */
  evaluate: (step: number) => Promise<EvaluationResult[]>;
  /** History of the run's evaluations so far, for the alarms. */
  evaluated: EvaluationHistory;
  /** Called once, before the first step. */
  onStart: () => void;
  onStep: (metrics: MetricsRow) => Promise<void>;
}

/** Runs a part of a step, measures its time, and stores its name in the run's state. */
export type Phase = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/**
 * Takes steps until the last step or a stop request. Appends metrics and timings, raises alarms, evaluates and saves
 * checkpoints. Output depends only on the committed state, so a resumed run writes the same output.
 */
export async function runSteps(
  loop: Loop,
  takeStep: (step: number, phase: Phase) => Promise<TakenStep>,
): Promise<'finished' | 'stopped'> {
  const { config, run, trainer, state } = loop;
  const standing = new Set<string>();

  const raise = async (found: ReturnType<History['alarms']>) => {
    for (const { kind, message } of found)
      if (!standing.has(kind)) await run.event('alarm', message, { alarm: kind });
    standing.clear();
    found.forEach(({ kind }) => standing.add(kind));
    // Lists of runs show an alarm that invalidates the result, or a signature of failure with its newest values.
    const trouble = found.find(({ isVoid }) => isVoid) ?? found.find(({ since }) => since !== undefined);
    if ((trouble?.message ?? '') !== run.trouble)
      await run.update({ alarm: trouble?.kind, message: trouble?.message ?? '' });
  };
  const evaluate = async (step: number): Promise<void> => {
    await run.update({ phase: 'evaluating' });
    loop.evaluated.add(step, await loop.evaluate(step));
    delete state.unevaluated;
    const value = loop.evaluated.accuracyOf(config.checkpoint.keep_best ?? '');
    if (value !== undefined && (state.best === null || value > state.best.value))
      state.best = { value, step };
  };

  if (state.unevaluated || (state.step === 0 && (config.evaluate.at_start || config.steps === 0)))
    await evaluate(state.step);
  await run.update({ status: 'running' });
  loop.onStart();

  let recording: Promise<unknown> = Promise.resolve();
  while (state.step < config.steps) {
    const step = state.step + 1;
    const clock = new PhaseClock();
    const { metrics, skipped } = await takeStep(step, (name, work) => {
      run.busyWith(name);
      return clock.time(name, work);
    });
    const row: MetricsRow = { step, ...finite(metrics), num_tokens: state.tokens };
    await recording;
    const times = { step, ...clock.row() };
    recording = overlap(
      Promise.all([
        run.metrics(row),
        // Requests usage before any request of the next step.
        trainer.usage().then(({ peakMemory, gpuUse }) =>
          run.timings({
            ...times,
            ...(peakMemory !== null && { 'perf/peak_memory_gb': Math.round(peakMemory / 1e6) / 1000 }),
            ...(gpuUse !== null && { 'perf/gpu_use': gpuUse }),
          }),
        ),
        // Short phases are not saved, so that the last one would seem to take the whole step.
        run.update({ step, phase: clock.longest }),
      ]),
    );
    if (skipped) {
      await recording;
      await skip(loop, step, skipped);
    } else if (state.skipped) state.skipped.row = 0;
    loop.history.add(row);
    state.step = step;
    await loop.onStep(row);

    const stopping = await run.stopRequested();
    if (isDue(config.evaluate.every, step, config))
      await evaluate(step).catch(async (error: unknown) => {
        await recording;
        state.unevaluated = true;
        // If the engine is the cause, it cannot save.
        if (!state.skipped?.row) await checkpoint(loop).catch(() => undefined);
        throw error;
      });
    await raise([...loop.history.alarms(), ...loop.evaluated.alarms()]);
    // Saves no checkpoint while updates are skipped, so that older checkpoints stay.
    const isKept = isDue(config.checkpoint.every, step, config) && !state.skipped?.row;
    const saving = isKept || step === config.steps || stopping || state.best?.step === step;
    if (saving) {
      await recording;
      await checkpoint(loop);
    }
    if (stopping && step < config.steps) return 'stopped';
  }
  return 'finished';
}

/** Replaces non-finite values by null. */
const finite = (metrics: StepMetrics): StepMetrics =>
  Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [name, Number.isFinite(value) ? value : null]),
  );

/** Reports a skipped update. @throws Error after too many consecutive skips, or if sampling is no longer possible */
async function skip(
  { config: { optimizer }, run, trainer, state }: Loop,
  step: number,
  { overflow, update }: NonNullable<TakenStep['skipped']>,
): Promise<void> {
  const { steps = 0, row = 0 } = state.skipped ?? {};
  state.skipped = { steps: steps + 1, row: row + 1, why: `step ${step}: ${overflow.what}` };
  const changes = [
    'Lower optimizer.learning_rate',
    ...(optimizer.grad_clip === 0 ? ['set optimizer.grad_clip to 1'] : []),
    ...(trainer.info().precision === 'float32' ? [] : ['set engine.precision to fp32']),
  ];
  const message =
    update === undefined
      ? `Skipped step ${step}, because ${overflow.what}.`
      : `Skipped update ${update} and the rest of step ${step}, because ${overflow.what}. Weights and optimiser moments are unchanged. ${changes.join(', or ')}.`;
  await run.event('skipped-update', message);
  await run.update({ message });
  if (update !== undefined && row + 1 < MOST_SKIPPED) return;
  // If the policy overflows, its newest checkpoint also does.
  const first = step - row;
  const last = (await listCheckpoints(run.dir)).findLast((kept) => kept < first - Number(overflow.isPolicy));
  const goOn =
    last === undefined
      ? 'No earlier checkpoint exists. Start a new run with a lower learning rate.'
      : `Continue from the last good checkpoint with \`chirality fork ${run.name} --step ${last} --set optimizer.learning_rate=RATE\`.`;
  await run.update({ alarm: 'overflow' });
  throw new Error(
    `${message} ${update === undefined ? 'The run ended' : `The run ended after ${MOST_SKIPPED} skipped steps`}, and a resume would fail in the same way. ${goOn}`,
  );
}

async function checkpoint({ config, run, trainer, state }: Loop): Promise<void> {
  await run.update({ phase: 'saving' });
  await run.sync();
  await commitCheckpoint(run.lock, state, (folder) => trainer.save(folder));
  await pruneCheckpoints(run.lock, config.checkpoint.keep_last, state.best?.step ?? null);
}
