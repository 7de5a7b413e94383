import { fixed, thousands } from '../../src/base/format.ts';
import type { XAxis } from '../../src/panels/run/run.contract.ts';
import { Button, Checkbox, Dropdown, Range, SearchField } from '../ui/controls.tsx';
import { useNarrow } from '../ui/hooks.ts';
import { useCrosshair, spanOf, tracedStep } from './x-axis.ts';
import { onAxis } from './run-format.ts';
import { configAt, toggled, usePage, widthOf, type OpenRun } from './run-panel-state.ts';

const AXES: readonly [XAxis, string][] = [
  ['step', 'Steps'],
  ['time', 'Time'],
  ['tokens', 'Tokens'],
];

/** Controls of the charts. @param drawn whether there is at least one chart */
export function Toolbar({ runs, drawn }: { runs: OpenRun[]; drawn: boolean }) {
  const { choices, choose } = usePage();
  const width = widthOf(useNarrow());
  const shown = configAt(choices, runs.length);
  return (
    <div class="toolbar flow" role="group" aria-label="Charts">
      <Button
        title={shown.includes(width) ? 'Hide the config' : 'Show the config'}
        aria-pressed={shown.includes(width)}
        onClick={() => choose({ configAt: toggled(shown, width) })}
      >
        Config
      </Button>
      {drawn && <ChartSettings runs={runs} />}
    </div>
  );
}

/** Settings that apply to all charts: smoothing, axes, zoom, and the values at the crosshair. */
function ChartSettings({ runs }: { runs: OpenRun[] }) {
  const { choices, choose, host } = usePage();
  const [first, second] = runs;
  return (
    <>
      <Button
        icon="zoom-out"
        title="Reset zoom (or double-click a chart)"
        disabled={choices.range === null}
        onClick={() => choose({ range: null })}
      />
      {second && (
        <Button
          icon="diff"
          title={`Show pairs that either ${first!.name} or ${second.name} answers correctly, but not both`}
          onClick={() => host.notify('act', { action: 'showDiffering', dir: first!.dir })}
        />
      )}
      <label title="Smooth the curves by an exponential moving average, as in TensorBoard. With more than 256 visible steps, the average covers longer spans. The thin line shows raw values.">
        Smoothing
        <Range max={0.99} step={0.01} value={choices.smoothing} set={(smoothing) => choose({ smoothing })} />
        <output>{fixed(choices.smoothing, 2)}</output>
      </label>
      <Dropdown
        label="X axis"
        title="Horizontal axis of the charts. Time excludes pauses between steps."
        options={AXES}
        value={choices.x}
        set={(x) => choose({ x, range: null })}
      />
      <Checkbox
        title="Values at or below zero are hidden."
        checked={choices.log}
        set={(log) => choose({ log })}
      >
        Log scale
      </Checkbox>
      {runs.length > 1 && (
        <Checkbox
          title="Show the mean of all runs as one line, with a band from the lowest to the highest value"
          checked={choices.mean}
          set={(mean) => choose({ mean })}
        >
          Mean of runs
        </Checkbox>
      )}
      <SearchField
        label="Find charts"
        title="Show only charts whose title or metrics contain this text"
        value={choices.find}
        set={(find) => choose({ find })}
      />
      <Here runs={runs} />
    </>
  );
}

/** Position of the crosshair, and the events at the same position. */
function Here({ runs }: { runs: OpenRun[] }) {
  const { choices } = usePage();
  const x = useCrosshair();
  if (x === null) return <p class="here hint quiet">Drag to zoom, double-click to reset</p>;
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
      {step !== null && <span class="quiet">{` · click to open traces of step ${thousands(step)}`}</span>}
      {event && <span class="quiet"> · {event.message}</span>}
    </p>
  );
}
