import { join } from 'node:path';
import { partnersOf } from '../../core/rewards/draws.ts';
import type { RunConfig } from '../../core/config/run-config.ts';
import { deviation } from '../../core/rewards/advantages.ts';
import { readMetricsRow } from '../../core/rewards/metrics-row.ts';
import { readEvaluationRow, measuredRow } from '../../core/evaluation/evaluation-row.ts';
import { SCORING_RULES } from '../../core/answers/score.ts';
import { stepEvaluations } from '../evaluation/evaluation-folders.ts';
import { readTracedRewards } from '../../core/run-data/trace.ts';
import { parseLines, type RowReader } from '../../base/record.ts';
import type { SweepRun } from '../../core/reports/sweep/arm-results.ts';
import { figureValues } from '../../core/reports/sweep/figure.ts';
import type { PlannedRun, SweepPlan } from '../../core/config/sweep-plan.ts';
import { stepName, stepOf } from '../runs/run-folder.ts';
import { bothRight } from '../../core/metrics/view-gaps.ts';
import { otherViewOf } from '../../core/config/sweep.ts';
import { readManifest, readRunConfig } from '../runs/make-run.ts';
import { readState } from '../runs/state.ts';
import { sweepRun } from './sweep-folder.ts';
import { tracedSteps } from '../runs/trace-files.ts';
import { explainError, ifMissing } from '../files/disk-error.ts';
import { readText } from '../files/regular.ts';

/** Maximum number of traced steps to read per run, evenly distributed. */
const MAX_TRACED = 40;

/** Reads the current data of all runs of a sweep. @param onRun called after each run */
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
  return byOneVersion(sweep, plan, runs);
}

/**
 * Omits evaluations with older rules than other evaluations of the sweep, because differences could come from the
 * rules. A note contains the command for rescoring the omitted evaluations.
 */
function byOneVersion(sweep: string, plan: SweepPlan, runs: readonly SweepRun[]): SweepRun[] {
  const versions = runs.flatMap(({ evaluations }) => evaluations.map(({ rules = SCORING_RULES }) => rules));
  const latest = Math.max(...versions);
  const names = plan.runs.filter(({ stage }) => !stage).map(({ name }) => name);
  return runs.map((run, i) => {
    const old = run.evaluations.filter(({ rules = SCORING_RULES }) => rules < latest);
    const folderOf = (step: number) => join(sweepRun(sweep, names[i]!), 'eval', stepName(step));
    return {
      ...run,
      evaluations: run.evaluations.filter((evaluation) => !old.includes(evaluation)),
      leftOut: [
        ...run.leftOut,
        ...old.map(
          ({ step, rules }) =>
            `${folderOf(step)} was scored with rules ${rules}, other evaluations with rules ${latest}. Rescore the evaluation with \`chirality eval rescore ${folderOf(step)}\`.`,
        ),
      ],
    };
  });
}

/** Reads a JSON Lines file of a run. Returns no rows for a missing file. Reports and omits unreadable lines. */
type ReadLines = <T>(name: string, read: RowReader<T>) => Promise<T[]>;

async function readRun(dir: string, plan: SweepPlan, { arm, seed }: PlannedRun): Promise<SweepRun> {
  // An unreadable state does not make the run's metrics invalid.
  const state = await readState(dir).catch((error: Error) => ({
    status: 'unreadable',
    message: explainError(error),
    alarm: undefined,
  }));
  const config = await readRunConfig(dir);
  const leftOut: string[] = [];
  const lines: ReadLines = async (name, read) => {
    const path = join(dir, name);
    const text = await readText(path)
      .catch(ifMissing(''))
      .catch((error: Error) => {
        leftOut.push(explainError(error));
        return '';
      });
    return parseLines(text, path, read, ({ message }) => leftOut.push(message));
  };
  const timings = await lines('timings.jsonl', readMetricsRow);
  const peaks = timings.flatMap((row) => row['perf/peak_memory_gb'] ?? []);
  return {
    cell: arm,
    seed,
    status: state?.status ?? null,
    message: state?.message ?? '',
    alarm: state?.alarm ?? null,
    steps: config.steps,
    eta: etaOf(config),
    evaluations: await readEvaluations(dir, plan, lines, (why) => leftOut.push(why)),
    metrics: await lines('metrics.jsonl', readMetricsRow),
    trainable: await readTrainable(dir).catch((error: Error) => {
      leftOut.push(explainError(error));
      return null;
    }),
    seconds: timings.flatMap(({ step_time }) => step_time ?? []),
    peakMemory: peaks.length > 0 ? Math.max(...peaks) : null,
    spreads: await readSpreads(dir, lines),
    leftOut,
  };
}

const etaOf = (config: RunConfig): number | null =>
  config.recipe === 'grpo' &&
  partnersOf(config.views).length > 0 &&
  !['relation', 'order'].includes(config.coupling.mode ?? 'penalty')
    ? config.coupling.eta
    : null;

/** Reads the number of trainable parameters. Null before the run has read its data. @throws RecordError */
async function readTrainable(dir: string): Promise<number | null> {
  const manifest = await readManifest(dir).catch(ifMissing(null));
  const trainable = manifest?.preflight?.trainable_parameters;
  return typeof trainable === 'number' ? trainable : null;
}

/** Reads the complete quick checks of the run. */
async function readEvaluations(
  dir: string,
  { compare, also }: SweepPlan,
  lines: ReadLines,
  leaveOut: (why: string) => void,
): Promise<SweepRun['evaluations']> {
  const evaluations: SweepRun['evaluations'] = [];
  for (const { id, step, rules, figures } of await stepEvaluations(dir, (why) =>
    leaveOut(explainError(why)),
  )) {
    if (stepOf(id) === null) continue;
    const rows = (await lines(join('eval', id, 'rows.jsonl'), readEvaluationRow)).map(measuredRow);
    const ofSet = figures.filter(({ set }) => set === compare.set);
    const both = compare.metric === 'consistent' ? bothRight(ofSet, otherViewOf(compare)) : null;
    evaluations.push({
      step,
      values: [compare, ...also].map((figure) => figureValues(rows, figure)),
      rules: rules ?? SCORING_RULES,
      // The image-free bound of the compared metric.
      ...(both?.floor && { floor: both.floor }),
    });
  }
  return evaluations;
}

async function readSpreads(dir: string, lines: ReadLines): Promise<number[]> {
  const steps = await tracedSteps(dir);
  const stride = Math.ceil(steps.length / MAX_TRACED);
  const spreads: number[] = [];
  for (const step of steps.filter((_, i) => i % stride === 0)) {
    for (const { views } of await lines(join('traces', `${stepName(step)}.jsonl`), readTracedRewards))
      for (const { group } of views) {
        const rewards = group.flatMap(({ reward }) => reward ?? []);
        if (rewards.length > 1) spreads.push(deviation(rewards, 1));
      }
  }
  return spreads;
}
