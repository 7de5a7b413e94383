import { short, percentsText, thousands, timeLeftText } from '../base/format.ts';
import type { RunSummary } from '../panels/runs/runs.contract.ts';
import { endsOf } from '../core/metrics/metric.ts';
import { pairAccuracy, spanText, stepsText } from '../base/labels.ts';
import { statusWord } from '../core/run-data/run-status.ts';
import { viewLabel } from '../rows/view-list.ts';
import { kindOf, isActiveRun } from '../panels/host/run-list.host.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Returns the time since a date in one unit. A future date, from a clock that is ahead, counts as now. */
export function age(iso: string, now: number): string {
  const seconds = (now - Date.parse(iso)) / 1000;
  if (Number.isNaN(seconds)) return '';
  if (seconds < MINUTE) return 'just now';
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min ago`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)} h ago`;
  const days = Math.floor(seconds / DAY);
  return days === 1 ? 'yesterday' : `${days} days ago`;
}

type Meter = NonNullable<RunSummary['meter']>;

/**
 * Returns the pair accuracy as text: "84.4% pair accuracy", or "84.4% rollout pair accuracy (mean of the last 10 steps)";
 * "no pair scored" if no pair is scored.
 */
export const bothText = (meter: Meter): string => {
  const [low, high] = endsOf(meter.both)!;
  if (low === 0 && high === 1) return 'no pair scored';
  return `${percentsText([low, high])} ${pairAccuracy(meter)}${spanText(meter)}`;
};

/** Returns the result by which a list compares runs: pair accuracy or, for a run without views, the reward. */
export function outcome({ meter, reward }: RunSummary): string {
  if (meter) return `${bothText(meter)}${meter.diverges ? ' · view gap' : ''}`;
  return reward === null ? '' : `reward ${short(reward)}`;
}

/** Returns the pair metrics as text, such as `originals 96 %, mirrors 53 %`, with a note on a view gap. */
export function meterText(meter: Meter): string {
  const { original, other } = meter;
  const shares = `originals ${percentsText(endsOf(original))}, ${viewLabel(meter.view)} ${percentsText(endsOf(other))}`;
  return meter.diverges ? `${shares} (view gap)` : shares;
}

export const meterSource = ({ evaluation, step, steps = 1 }: Meter): string =>
  evaluation === null ? `training, ${stepsText(steps)} up to step ${step}` : `evaluation ${evaluation}`;

/**
 * Returns the text after a run's name in a list. Narrow lists cut it, so a finished run has its result, but no steps.
 * @param now current time, to add the run's age; null for a narrow list, where a cut age would look like a duration
 */
export function runDescription(run: RunSummary, now: number | null): string {
  const ageOf = (iso: string) => (now === null ? '' : age(iso, now));
  const { state, error, origin } = run;
  if (origin)
    return [outcome(run), origin.holds, ageOf(origin.written), run.note.split('\n')[0]!]
      .filter(Boolean)
      .join(' · ');
  if (error) return 'unreadable state';
  if (!state || ['waiting', 'planned'].includes(kindOf(run)))
    return [statusWord(state), state?.message.split('\n')[0] ?? ''].filter(Boolean).join(': ');
  const steps = `${thousands(state.step)}/${thousands(state.steps)}`;
  const result = [state.unrewarded ? 'no reward' : outcome(run), state.signature ?? ''].filter(Boolean);
  const progress = state.status === 'running' ? steps : `${state.status} ${steps}`;
  const parts = [
    ...(state.status === 'finished' && result.length > 0 ? result : [progress, ...result]),
    isActiveRun(run) ? '' : ageOf(state.heartbeat),
    run.note.split('\n')[0]!,
  ];
  return parts.filter(Boolean).join(' · ');
}

/** Returns the icon for a run's status. Icons differ in shape, so that no status depends on colour. */
export function runIcon(run: RunSummary): { id: string; color?: string } {
  if (run.origin) return { id: run.origin.isCopy ? 'repo-clone' : 'references' };
  switch (run.error ? 'unreadable' : run.state?.status) {
    case 'starting':
    case 'running':
    case 'stopping':
      return { id: 'sync~spin', color: 'charts.blue' };
    case 'finished':
      // A finished run with a warning must not look successful.
      return run.state?.unrewarded || run.state?.signature || run.meter?.diverges
        ? { id: 'warning', color: 'list.warningForeground' }
        : { id: 'pass', color: 'charts.green' };
    case 'stopped':
      return { id: 'debug-pause' };
    case 'failed':
      return { id: 'error', color: 'charts.red' };
    case 'lost':
      return { id: 'debug-disconnect', color: 'list.warningForeground' };
    case 'unreadable':
      return { id: 'warning', color: 'list.warningForeground' };
    default:
      return { id: 'circle-outline' };
  }
}

/**
 * Returns the progress of an active run: steps, a view gap, remaining time, result.
 * @param pace seconds per step, if known
 * @param most maximum length; whole parts that exceed it are omitted
 */
export function progressText(run: RunSummary, pace: number | null, most = Infinity): string {
  const { name, state } = run;
  if (!state) return name;
  const [result, gap] = outcome(run).split(' · ');
  const left = state.status === 'running' ? timeLeftText(pace, state) : state.status;
  return [gap, left, result].reduce<string>(
    (text, part) => (part && text.length + part.length + 3 <= most ? `${text} · ${part}` : text),
    `${name} ${state.step}/${state.steps}`,
  );
}
