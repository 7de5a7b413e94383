import type { XAxis } from '../../src/core/protocol/run-panel.ts';
import { useNarrow } from '../ui/toolbar.tsx';
import { useCrosshair, spanOf, tracedStep } from './x-axis.ts';
import { onAxis } from './format.ts';
import { toggled, widthOf, type Choices, type Choose, type OpenRun } from './panel-state.ts';

const AXES: readonly [XAxis, string][] = [
  ['step', 'Steps'],
  ['time', 'Time'],
  ['tokens', 'Tokens'],
];

/** What holds for all charts: smoothing, axes, zoom, and what lies under the crosshair. */
export function Toolbar({ runs, choices, choose }: { runs: OpenRun[]; choices: Choices; choose: Choose }) {
  const width = widthOf(useNarrow());
  return (
    <div class="toolbar" role="group" aria-label="Charts">
      <button
        type="button"
        aria-pressed={choices.configAt.includes(width)}
        onClick={() => choose({ configAt: toggled(choices.configAt, width) })}
      >
        Config
      </button>
      <label title="Exponential moving average, as TensorBoard has it. The thin line is the raw figure.">
        Smoothing
        <input
          type="range"
          min="0"
          max="0.99"
          step="0.01"
          value={choices.smoothing}
          onInput={(event) => choose({ smoothing: Number(event.currentTarget.value) })}
        />
        <output>{choices.smoothing.toFixed(2)}</output>
      </label>
      <label title="What the charts have to the right. Time is that of the steps, without pauses.">
        Over
        <select
          value={choices.x}
          onChange={(event) => choose({ x: event.currentTarget.value as XAxis, range: null })}
        >
          {AXES.map(([value, label]) => (
            <option value={value}>{label}</option>
          ))}
        </select>
      </label>
      <label title="Values at or below zero are left out.">
        <input
          type="checkbox"
          checked={choices.log}
          onChange={(event) => choose({ log: event.currentTarget.checked })}
        />
        Log scale
      </label>
      {runs.length > 1 && (
        <label title="One line for all runs: their mean, with a band from the lowest to the highest.">
          <input
            type="checkbox"
            checked={choices.mean}
            onChange={(event) => choose({ mean: event.currentTarget.checked })}
          />
          Mean of runs
        </label>
      )}
      <button
        type="button"
        disabled={choices.range === null}
        title="Show the whole course (double click in a chart)"
        onClick={() => choose({ range: null })}
      >
        Reset zoom
      </button>
      <Here runs={runs} choices={choices} />
    </div>
  );
}

/** Where the crosshair stands, and what happened there. */
function Here({ runs, choices }: { runs: OpenRun[]; choices: Choices }) {
  const x = useCrosshair();
  if (x === null) return <p class="here quiet">Drag to zoom, double click for the whole</p>;
  const [from, to] = choices.range ?? spanOf(runs, choices);
  const step = tracedStep(runs[0]!, runs, choices, x);
  const close = (to - from) / 150;
  const event = runs
    .flatMap(({ news }) => news.events)
    .find(({ place }) => Math.abs(place[choices.x] - x) <= close);
  const text = onAxis(choices.x, x);
  return (
    <p class="here">
      {text[0]!.toUpperCase() + text.slice(1)}
      {step !== null && (
        <span class="quiet"> · click for the traces of step {step.toLocaleString('en')}</span>
      )}
      {event && <span class="quiet"> · {event.message}</span>}
    </p>
  );
}
