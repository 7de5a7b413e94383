import { constants, hostname } from 'node:os';
import { join } from 'node:path';
import { identityOf, requireSameIdentity } from './models/model-identity.ts';
import { type Identity, type LoopState, stepName } from './runs/run-folder.ts';
import type { RunConfig } from '../core/config/run-config.ts';
import { several } from '../base/format.ts';
import { derivedNumbers } from '../core/config/derived.ts';
import { probeWarnings, type ProbeResult } from '../core/rewards/reward-probe.ts';
import { EvaluationHistory } from '../core/metrics/evaluation-alarms.ts';
import { withoutGain } from '../core/reports/gain.ts';
import type { MetricsRow } from '../core/rewards/metrics-row.ts';
import type { Trainer } from '../engines/trainer.ts';
import { checkpointFolder, newestIntactCheckpoint } from './runs/checkpoints.ts';
import { explainError } from './files/disk-error.ts';
import { WARNINGS } from './files/process.ts';
import { lockFolder } from './runs/folder-lock.ts';
import { ActiveRun, readManifest, readRunConfig, writeManifest } from './runs/make-run.ts';
import { readHistory } from './runs/history.ts';
import { gitState, hardwareText, programVersions } from './runs/versions.ts';
import { checkRewards } from './models/check-rewards.ts';
import { quickChecks, readResults, readScoredRows } from './evaluation/evaluation-folders.ts';
import { aboutCheckpoint, evaluationPlan, type EvaluationOptions } from './evaluation/evaluation-plan.ts';
import { judgeOf } from './open-judge.ts';
import { measureStep, evaluate } from './recipes/evaluate.ts';
import { trainGrpo } from './recipes/grpo.ts';
import { sightNotes } from './evaluation/sight-notes.ts';
import { preflight, viewWarnings } from './models/preflight.ts';
import { trainSft } from './recipes/sft.ts';
import { openTools, type Tools } from './models/recipe-tools.ts';
import type { EvaluationResult } from '../core/evaluation/results.ts';
import { candidates } from './torch/python.ts';
import { EventWriter } from './curves/event-writer.ts';
import { PythonWriter } from './curves/python-writer.ts';
import { reportTargets } from './curves/targets.ts';

/** State of the training loop before a run's first step. */
const START: LoopState = { step: 0, cursor: 0, tokens: 0, best: null };

/** Signals of a closing terminal, or of the user, that end a process. */
const ENDINGS = ['SIGHUP', 'SIGINT'] as const;

/**
 * Runs a run folder from its newest intact checkpoint, or from the start, until the end or a stop request. The final
 * state contains the outcome, even after a failure.
 */
export async function workOnRun(dir: string): Promise<void> {
  const config = await readRunConfig(dir);
  // Locks the folder before reading checkpoints, so that no other process can be writing to the folder.
  const lock = await lockFolder(dir);
  try {
    const broken: string[] = [];
    const checkpoint = await newestIntactCheckpoint(lock, (why) => broken.push(why));
    const { step } = checkpoint ?? START;
    const run = await ActiveRun.open(lock, { step, steps: config.steps });
    for (const why of broken) await run.event('fallback', why);
    await goOn(run, config, checkpoint);
  } finally {
    await lock.release(); // A run that was opened has already released the lock.
  }
}

async function goOn(run: ActiveRun, config: RunConfig, checkpoint: LoopState | null): Promise<void> {
  const { dir } = run;
  const state: LoopState = checkpoint ?? {
    ...START,
    ...(config.recipe === 'grpo' && { unmoved: true as const }),
  };
  const committed = checkpoint?.step ?? null;
  let tools: Tools | null = null;
  let isTerminated = false;
  const terminated = (signal: NodeJS.Signals) => {
    isTerminated = true;
    const message = 'The run was terminated within a step. Resume the run from its last checkpoint.';
    void run.close('stopped', message).finally(() => process.exit(128 + constants.signals[signal]));
  };
  // After a first warning, a checkpoint can be saved, but not after another warning or a stop request.
  const warned = (signal: NodeJS.Signals) =>
    void run.stopRequestedBeforeWarning().then(async (asked) => {
      if (asked) return terminated(signal);
      run.requestStop();
      await run.event('stop', `${signal}: stopping after this step, with a checkpoint.`);
    });
  for (const signal of ENDINGS) process.once(signal, terminated);
  for (const signal of WARNINGS) process.on(signal, warned);
  const opening = untilStopped(run);
  const { signal } = opening;
  try {
    await reportTo(run, config, state.step);
    if (committed !== null) await run.event('resume', `Resumed from the checkpoint of step ${committed}.`);
    tools = await openTools(config, committed === null ? null : checkpointFolder(dir, committed), {
      onPhase: (phase) => run.update({ phase }),
      onNote: (kind, message) => void run.event(kind, message),
      signal,
    });
    const { rows, trainer, encoder, ownRewards, metrics, similarity } = tools;
    const more = { metrics, judge: judgeOf(config, signal), encoder: similarity };
    await run.update({ phase: 'hashing files' });
    const identity = await identityOf(config, rows, trainer, { isStart: committed === null });
    if (committed !== null) {
      await requireSameRows(dir, config, rows.sha256);
      await requireSameIdentity(dir, config, identity);
    }
    const rewardCheck = committed === null ? await begin(config, run, tools, identity, signal) : null;
    const loop = {
      run,
      trainer,
      state,
      history: await readHistory(dir),
      evaluate: (step: number) => evaluateStep(run, config, trainer, more, step),
      onStart: opening.end,
      evaluated: await evaluatedBefore(dir, state.step),
      onStep: async ({ step, group_reward_std }: MetricsRow) => {
        if (step !== 1 || !rewardCheck) return;
        const warnings = probeWarnings(rewardCheck, null);
        for (const warning of probeWarnings(rewardCheck, group_reward_std ?? null))
          if (!warnings.includes(warning)) await run.event('rewards', warning);
      },
    };
    const end =
      config.recipe === 'sft'
        ? await trainSft({ ...loop, config }, rows)
        : await trainGrpo({ ...loop, config }, rows, encoder, ownRewards);
    if (end === 'finished' && config.recipe === 'grpo' && config.steps > 0)
      for (const why of await gainless(dir, config.steps)) await run.event('gain', why);
    const message = {
      finished:
        config.steps === 0
          ? 'Evaluated without training steps.'
          : `${config.steps === 1 ? 'The only step is' : `All ${config.steps} steps are`} done.`,
      stopped: 'Stopped on request. Resume the run to continue.',
    };
    const { skipped } = state;
    const untrained = skipped
      ? `Skipped the updates of ${several(skipped.steps, 'step')}. The last skipped update was ${skipped.why}.`
      : '';
    await run.close(end, [message[end], untrained, run.trouble].filter(Boolean).join(' '));
  } catch (error) {
    // The stop also ended the engine, so failing calls to the engine are no failure of the run.
    if (isTerminated || signal.aborted) {
      await run.close('stopped', 'Stopped on request before a step. Resume the run to continue.');
      return;
    }
    const message = explainError(error as Error, dir);
    await run.event('failed', message).catch(() => undefined);
    await run.close('failed', message).catch(() => undefined);
    throw new Error(message, { cause: error });
  } finally {
    opening.end();
    for (const signal of ENDINGS) process.off(signal, terminated);
    for (const signal of WARNINGS) process.off(signal, warned);
    await tools?.close();
  }
}

/** Checks all rows and rewards before the first step, and writes the manifest. Returns the reward check's result. */
async function begin(
  config: RunConfig,
  run: ActiveRun,
  { rows, trainer, encoder, ownRewards }: Tools,
  identity: Identity,
  signal: AbortSignal,
): Promise<ProbeResult[] | null> {
  const rewardCheck = config.recipe === 'grpo' ? await checkRewards(config, rows, encoder, ownRewards) : null;
  await run.update({ phase: 'checking data' });
  const check = await preflight(config, rows, trainer, { signal });
  await writeManifest(run.lock, {
    name: run.name,
    recipe: config.recipe,
    versions: {
      ...programVersions(),
      engine: trainer.info().runtime,
      ...(encoder && { encoder: encoder.identity }),
    },
    seeds: { seed: config.seed },
    data: [{ path: config.data.train, sha256: rows.sha256, rows: rows.count }],
    identity,
    data_root: config.data.root!,
    git: gitState(config.data.root!),
    host: hostname(),
    hardware: hardwareText(),
    argv: process.argv.slice(2),
    started: new Date().toISOString(),
    preflight: { ...check, ...derivedNumbers(config) },
    ...(rewardCheck && { reward_check: rewardCheck }),
  });
  for (const warning of probeWarnings(rewardCheck ?? [], null)) await run.event('rewards', warning);
  for (const warning of viewWarnings(config, check)) await run.event('views', warning);
  const { train, eval: sets, root } = config.data;
  const { symmetric } = config.pairs;
  const sight = await sightNotes(config.engine, { sets: { ...sets, train }, root: root!, symmetric });
  for (const warning of sight?.warnings ?? []) await run.event('seen', warning);
  for (const [folder, range] of Object.entries(identity.images.depth ?? {}))
    await run.event('seen', `Depth range of 16-bit images in ${folder}: ${range}.`);
  if (symmetric)
    await run.event('seen', 'Padding images on all sides, for symmetric inputs of original and mirror.');
  return rewardCheck;
}

/**
 * Polls for a stop request ten times per second before the first step. The request aborts reading and ends the engine,
 * because the run has nothing to save yet.
 */
function untilStopped(run: ActiveRun): { signal: AbortSignal; end: () => void } {
  const stopped = new AbortController();
  let opened = false;
  const look = async () => {
    if ((await run.stopRequested()) && !opened) stopped.abort();
  };
  const timer = setInterval(() => void look().catch(() => undefined), 100);
  const end = () => {
    opened = true;
    clearInterval(timer);
  };
  return { signal: stopped.signal, end };
}

/** Rejects resuming a run with rows that have changed since the start, because the run's metrics would be invalid. */
async function requireSameRows(dir: string, config: RunConfig, sha256: string): Promise<void> {
  const { data } = await readManifest(dir);
  if (data[0]?.sha256 === sha256) return;
  const labels = config.recipe === 'grpo' ? config.coupling.labels : undefined;
  const files = [config.data.train, labels].filter((file) => file !== undefined).join(' or ');
  throw new Error(
    `${files} has changed since the run started. Restore the file, or start a new run with \`init\` at the last checkpoint.`,
  );
}

async function evaluateStep(
  run: ActiveRun,
  config: RunConfig,
  trainer: Trainer,
  more: Pick<EvaluationOptions, 'metrics' | 'judge' | 'encoder'>,
  step: number,
): Promise<EvaluationResult[]> {
  await measureStep(run.dir, config, trainer, step);
  if (Object.keys(config.data.eval).length === 0) return [];
  const folder = join(run.dir, 'eval', stepName(step));
  const { results, unjudged, reason } = await evaluate(() => Promise.resolve(trainer), folder, {
    ...evaluationPlan(config),
    ...more,
    about: aboutCheckpoint(config, step),
  });
  if (unjudged > 0)
    await run.event(
      'fallback',
      `${several(unjudged, 'answer')} without a score by the judge. ${reason ?? ''}`.trim(),
    );
  return results;
}

/** Describes the evaluation sets without a gain from step 0 to the last step; empty without both evaluations. */
async function gainless(dir: string, steps: number): Promise<string[]> {
  const rowsAt = (step: number) => readScoredRows(join(dir, 'eval', stepName(step))).catch(() => []);
  return withoutGain(await rowsAt(0), await rowsAt(steps));
}

/** Reads the evaluations of a resumed run up to its checkpoint. */
async function evaluatedBefore(dir: string, committed: number): Promise<EvaluationHistory> {
  const evaluated = new EvaluationHistory();
  for (const { step, dir: folder } of (await quickChecks(dir)).reverse()) {
    const results = step <= committed ? await readResults(folder) : null;
    if (results) evaluated.add(step, results);
  }
  return evaluated;
}

/** Sends the curves of a run to the tools in its config, starting after a committed step. */
async function reportTo(run: ActiveRun, config: RunConfig, step: number): Promise<void> {
  const lost = (why: string) => void run.event('fallback', why);
  const about = { name: run.name, folder: run.dir, config, resumed: step > 0 };
  for (const { tool, sendTo } of reportTargets(config.report_to))
    run.reportTo(
      tool === 'tensorboard'
        ? await EventWriter.open(run.dir, step)
        : await PythonWriter.open(tool, await pythons(), { ...about, sendTo }, lost),
    );
}

const pythons = async (): Promise<string[]> => [
  ...(await candidates()).map(({ python }) => python),
  process.platform === 'win32' ? 'python' : 'python3',
];
