import {
  isParted,
  meterOfResults,
  meterOfSteps,
  newestMeter,
  type Meter as Shares,
} from '../../src/core/run-data/meter.ts';
import type { RunNews } from '../../src/core/protocol/run-panel.ts';
import type { Host, OpenRun } from './panel-state.ts';

const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** The newest that a run's evaluations and last steps say of both views; null where nothing was asked in both. */
export function meterOf({ evaluations, recent, end }: RunNews): Shares | null {
  const told = evaluations.map(({ id, place, figures }) => meterOfResults(figures, place.step, id));
  return newestMeter([meterOfSteps([{ ...recent, step: end.step }]), ...told]);
}

/**
 * The chirality meter: one bar whose halves grow from its middle, originals to the left and mirrors to the right. Of a
 * model that sees, the bar is its own mirror image; where views part it is red, and leads to the pairs that parted.
 */
export function Meter({ run, named, host }: { run: OpenRun; named: boolean; host: Host }) {
  const meter = meterOf(run.news);
  if (!meter) return null;
  const { original, mirror, both, evaluation } = meter;
  const parted = isParted(meter);
  return (
    <button
      type="button"
      class={`meter${parted ? ' parted' : ''}`}
      title={`Of ${evaluation === null ? 'the last training steps' : `the evaluation ${evaluation}`}. Shows the pairs of which one view is right.`}
      onClick={() => host.notify('act', { action: 'showParted', dir: run.dir })}
    >
      <strong>
        {named && `${run.name}: `}both right {percent(both)}
      </strong>
      <span class="side">originals {percent(original)}</span>
      <span class="bar" aria-hidden="true" style={{ '--original': original, '--mirror': mirror }} />
      <span>
        mirrors {percent(mirror)}
        {parted && ': they part'}
      </span>
    </button>
  );
}
