import { thousands } from '../../src/core/labels.ts';
import type { RunEvent } from '../../src/core/protocol/run-panel.ts';
import type { Curve } from './curves.ts';
import type { OpenRun } from './panel-state.ts';

/** The folder of the run that a run was forked from, which lies beside it; null if it is no fork. */
export const parentDir = ({ dir, name, facts }: OpenRun): string | null =>
  facts.parent ? `${dir.slice(0, dir.length - name.length)}${facts.parent.name}` : null;

/** For each run, the step up to which it shares its parent's curve if the parent is shown too; else 0. */
export const branchSteps = (runs: readonly OpenRun[]): number[] =>
  runs.map((run) => {
    const parent = parentDir(run);
    return runs.some(({ dir }) => dir === parent) ? run.facts.parent!.step : 0;
  });

/**
 * A curve from a step on, or from its last point before it. The part that a fork shares with its parent is drawn once,
 * so that the curve branches.
 */
export function fromStep(curve: Curve, step: number): Curve {
  const first = curve.steps.findLastIndex((each) => each <= step);
  if (step === 0 || first <= 0) return curve;
  const rest = (values: Float64Array) => values.subarray(first);
  const { x, steps, raw, smooth, band } = curve;
  return {
    ...curve,
    x: rest(x),
    steps: rest(steps),
    raw: rest(raw),
    smooth: smooth && rest(smooth),
    band: band && { low: rest(band.low), high: rest(band.high) },
  };
}

/** The events at which the shown runs branch off from each other. */
export function forkEvents(runs: readonly OpenRun[]): RunEvent[] {
  const steps = branchSteps(runs);
  return runs.flatMap(({ news }, i) =>
    steps[i]! > 0 ? news.events.filter(({ kind }) => kind === 'fork') : [],
  );
}

/** "Forked from spatial at step 40" and what was changed. */
export const forkText = ({ name, step, changes }: NonNullable<OpenRun['facts']['parent']>): string =>
  `Forked from ${name} at the checkpoint of step ${thousands(step)}; changed: ${changes}`;
