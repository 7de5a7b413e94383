import { duration, percentText } from '../base/format.ts';
import type { RunState } from '../lab/runs/run-folder.ts';
import { phaseLabel } from '../base/labels.ts';
import { followRun } from '../lab/runs/tail.ts';
import { isActive } from '../lab/runs/state.ts';
import { tellMoreLines } from './input.ts';
import { liveLine, note, tell } from './print.ts';

/** Maximum number of values that a curve shows. */
const SHOWN = 24;
/** Maximum and minimum number of steps for computing the pace. */
const PACE = 20;
const PACE_FROM = 3;

const BARS = '▁▂▃▄▅▆▇█';

/** Returns a curve as one line of characters, scaled from its smallest to its largest value. */
function sparkline(values: readonly number[]): string {
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  return values.map((value) => BARS[Math.round(((value - low) / span) * (BARS.length - 1))]).join('');
}

const figure = (value: unknown): string =>
  typeof value === 'number' ? value.toPrecision(3).replace('-', '−') : '–';

/** Parts of the live line by run name, for runs that are watched at the same time. */
const together = new Map<string, string>();

/**
 * Shows a run until it ends: in a terminal, a live line with curve, phase and remaining time. Elsewhere, plain lines
 * for each phase before the first step, then for every tenth step. Alarms and other events get separate lines.
 * @param told events of earlier displays, which are not printed again
 * @param name run name if several runs are watched at once; begins the lines and this run's part of the live line
 * @returns the final state; null if the signal ended the watching
 */
export async function watchRun(
  dir: string,
  signal: AbortSignal,
  told: Set<string> | null,
  name: string | null = null,
): Promise<RunState | null> {
  const named = name === null ? '' : `${name}: `;
  // Keep only the displayed values, because a run can have a million steps.
  const curve: number[] = [];
  const recent: number[] = [];
  const total = { steps: 0, seconds: 0 };
  const phases: Record<string, number> = {};
  let row: Record<string, unknown> = {};
  let state: RunState | null = null;
  /** Number of unreadable lines that were not reported one by one. */
  let unnamed = 0;
  let phase: string | null = null;

  for await (const news of followRun(dir, signal)) {
    state = news.state ?? state;
    for (const event of news.events) {
      const line = `step ${String(event.step)}: ${String(event.kind)}: ${String(event.message)}`;
      if (told?.has(line)) continue;
      told?.add(line);
      tell(named + line);
    }
    for (const why of news.leftOut.first) tell(why);
    unnamed += news.leftOut.count - news.leftOut.first.length;
    // With several runs, lines about phases would hide the lines about steps.
    if (name === null && !liveLine.isShown && state?.step === 0 && isActive(state) && state.phase !== phase)
      note(`${phaseLabel((phase = state.phase))} …`);
    for (const timing of news.timings) {
      if (typeof timing.step_time === 'number') {
        if (total.steps > 0) keepLast(recent, timing.step_time, PACE); // Exclude the first step, which also compiles.
        total.steps += 1;
        total.seconds += timing.step_time;
      }
      for (const [name, value] of Object.entries(timing)) {
        const phase = /^timing_s\/(.+)$/.exec(name)?.[1];
        if (phase !== undefined) phases[phase] = (phases[phase] ?? 0) + Number(value);
      }
    }
    for (const metrics of news.metrics) {
      row = metrics;
      const value = metrics.reward ?? metrics.loss;
      if (typeof value === 'number') keepLast(curve, value, SHOWN);
      const step = Number(metrics.step);
      if (!liveLine.isShown && (step === 1 || step % 10 === 0))
        note(named + summary(row, state) + timeLeft(recent, state));
    }
    if (liveLine.isShown && state) {
      const left = timeLeft(recent, state);
      if (name === null)
        liveLine.show(`${summary(row, state)}  ${sparkline(curve)}  ${phaseLabel(state.phase)}${left}`);
      else {
        together.set(
          name,
          `${named}step ${state.step}/${state.steps}${left || `, ${phaseLabel(state.phase)}`}`,
        );
        liveLine.show([...together.values()].join('   '));
      }
    }
  }
  if (name !== null) together.delete(name);
  liveLine.clear();
  tellMoreLines(dir, unnamed);
  if (total.seconds > 0) note(named + phaseShares(phases, total));
  return signal.aborted ? null : state;
}

/**
 * Returns the remaining time of a run, such as `, 12 min left`; "" at the end and after too few steps. Uses the median
 * time of recent steps, because a step can take many times as long while another run starts.
 */
function timeLeft(recent: readonly number[], state: RunState | null): string {
  if (recent.length < PACE_FROM || !state || !isActive(state) || state.step >= state.steps) return '';
  const perStep = [...recent].sort((a, b) => a - b)[recent.length >> 1]!;
  return `, ${duration(Math.round(perStep * (state.steps - state.step)))} left`;
}

function keepLast(values: number[], value: number, count: number): void {
  values.push(value);
  if (values.length > count) values.shift();
}

/** Returns a text such as "25 s in 100 steps: sampling 41 %, update 38 %, reference policy 14 %, other 7 %". */
function phaseShares(
  phases: Record<string, number>,
  { steps, seconds: all }: { steps: number; seconds: number },
): string {
  const longest = Object.entries(phases).sort(([, a], [, b]) => b - a);
  // The sum of the phases can slightly exceed the step's time, because both use different clocks.
  const other = Math.max(0, all - longest.reduce((sum, [, s]) => sum + s, 0));
  const share = ([name, s]: readonly [string, number]) => `${phaseLabel(name)} ${percentText(s / all)}`;
  return `${duration(all)} in ${steps} steps: ${[...longest, ['other', other] as const].map(share).join(', ')}`;
}

/** Returns a step as one line. @param state null for an external run, whose total number of steps is unknown */
export function summary(row: Record<string, unknown>, state: RunState | null): string {
  const step = `step ${String(row.step ?? state?.step ?? 0)}${state ? `/${state.steps}` : ''}`;
  if (row.reward === undefined) return `${step}  loss ${figure(row.loss)}`;
  const shares = (share: unknown, label: string) =>
    share === undefined ? [] : [`${label}${percentText(share as number | null)}`];
  const others = [...shares(row.accuracy_mirror, 'mirrors '), ...shares(row.accuracy_view, 'other views ')];
  const accuracy = [...shares(row.accuracy, others.length > 0 ? 'originals ' : ''), ...others].join(', ');
  return `${step}  reward ${figure(row.reward)}  accuracy ${accuracy}  kl ${figure(row.kl)}`;
}
