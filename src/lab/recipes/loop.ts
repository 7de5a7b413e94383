import type { RunConfig } from '../../core/config/run.ts';
import { alarms, evaluationAlarms, type Alarm, type EvaluationPoint } from '../../core/grpo/alarms.ts';
import type { MetricsRow } from '../../core/grpo/metrics.ts';
import type { Trainer } from '../../engines/trainer.ts';
import { commitCheckpoint, pruneCheckpoints, type LoopState } from '../runs/checkpoints.ts';
import type { ActiveRun } from '../runs/run.ts';
import { PhaseClock } from './clock.ts';

/** What a step of a recipe reports: nothing that depends on the clock. */
export type StepMetrics = Record<string, number | null>;

/** Whether something that is done every so many steps (0: never), and at the end, is due after a step. */
export const isDue = (every: number, step: number, { steps }: { steps: number }): boolean =>
  (every > 0 && step % every === 0) || step === steps;

export interface Loop {
  config: RunConfig;
  run: ActiveRun;
  trainer: Trainer;
  /** Where the run stands; the recipe advances cursor and tokens, the loop the rest. */
  state: LoopState;
  /** Rows of metrics so far, for the alarms. */
  history: MetricsRow[];
  /** Evaluates all sets at a step and returns their accuracies. */
  evaluate: (step: number) => Promise<EvaluationPoint[]>;
  /** What the run's first evaluation found, once there was one. */
  firstEvaluation: EvaluationPoint[] | null;
  /** Told before the first step that is taken. */
  onStart: () => void;
  /** Told after every step. */
  onStep: (metrics: MetricsRow) => Promise<void>;
}

/**
 * Takes steps until the last one or until somebody asks for a stop; appends metrics and timings, raises alarms,
 * evaluates and checkpoints. What is written follows from the committed state alone, so a resumed run writes the same.
 */
export async function runSteps(
  loop: Loop,
  takeStep: (step: number, clock: PhaseClock) => Promise<StepMetrics>,
): Promise<'finished' | 'stopped'> {
  const { config, run, trainer, state } = loop;
  const standing = new Set<string>();

  const raise = async (found: Alarm[]) => {
    for (const { kind, message } of found)
      if (!standing.has(kind)) await run.event('alarm', message, { alarm: kind });
    standing.clear();
    found.forEach(({ kind }) => standing.add(kind));
  };
  const evaluate = async (step: number): Promise<Alarm[]> => {
    await run.update({ phase: 'evaluating' });
    const points = await loop.evaluate(step);
    loop.firstEvaluation ??= points;
    const figure = points.find(({ set, view }) => config.checkpoint.keep_best === `${set}/${view}`);
    if (figure && (state.best === null || figure.accuracy > state.best.value)) {
      state.best = { value: figure.accuracy, step };
    }
    return evaluationAlarms(loop.firstEvaluation, points);
  };

  if (state.step === 0 && (config.evaluate.at_start || config.steps === 0)) await evaluate(0);
  await run.update({ status: 'running' });
  loop.onStart();

  // What a step has found is written while the next one is under way.
  let recording: Promise<unknown> = Promise.resolve();
  let clock = new PhaseClock();
  while (state.step < config.steps) {
    const step = state.step + 1;
    const metrics = await takeStep(step, clock);
    const row: MetricsRow = { step, ...metrics, num_tokens: state.tokens };
    await recording;
    const times = { step, ...clock.row() };
    recording = Promise.all([
      run.metrics(row),
      // Asked before the next step asks for anything.
      trainer
        .peakMemory()
        .then((bytes) => run.timings({ ...times, 'perf/peak_memory_gb': Math.round(bytes / 1e6) / 1000 })),
      run.update({ step }),
    ]);
    recording.catch(() => undefined); // told when it is waited for
    clock = new PhaseClock();
    loop.history.push(row);
    state.step = step;
    await loop.onStep(row);

    const stopping = await run.stopRequested();
    const found = alarms(loop.history);
    const evaluating = isDue(config.evaluate.every, step, config);
    if (evaluating) found.push(...(await evaluate(step)));
    await raise(found);
    const saving = isDue(config.checkpoint.every, step, config) || stopping || state.best?.step === step;
    if (saving) {
      await recording;
      await checkpoint(loop);
    }
    if (evaluating || saving) clock = new PhaseClock();
    if (stopping && step < config.steps) return 'stopped';
  }
  return 'finished';
}

async function checkpoint({ config, run, trainer, state }: Loop): Promise<void> {
  await run.update({ phase: 'saving' });
  await run.sync();
  await commitCheckpoint(run.dir, state, (folder) => trainer.save(folder));
  await pruneCheckpoints(run.dir, config.checkpoint.keep_last, state.best?.step ?? null);
}
