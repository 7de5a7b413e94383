import { useMemo, useRef, useState } from 'preact/hooks';
import { thousands } from '../../src/base/format.ts';
import type { SeriesAnswer } from '../../src/panels/run/run.contract.ts';
import { Chart, heightOf, Scrollable } from './chart.tsx';
import { curvesOf, meanOfRuns, metricsOf, branchSteps, forkEvents, fromStep } from './curves.ts';
import { marksOf } from './chart-marks.ts';
import { valueText } from './run-format.ts';
import type { Drawing } from './plot.ts';
import type { ChartSpec } from './section-table.ts';
import { rowsInSight, smoothingInSight, spanOf } from './x-axis.ts';
import { useAnswer, useInView } from '../ui/hooks.ts';
import { usePage, type OpenRun } from './run-panel-state.ts';
import { Heads } from '../ui/parts.tsx';

export interface ChartProps {
  spec: ChartSpec;
  runs: OpenRun[];
  pick: (x: number) => void;
}

const NOTHING: readonly SeriesAnswer[] = [];

/** Chart of metrics over the steps of the runs. A visible chart requests as many points as its pixels can show. */
export function LineChart({ spec, runs, pick }: ChartProps) {
  const { choices, revision, host } = usePage();
  const place = useRef<HTMLDivElement>(null);
  const seen = useInView(place);
  const [columns, setColumns] = useState(0);
  const { x, range, log } = choices;
  const smoothing = spec.exact ? 0 : smoothingInSight(choices.smoothing, rowsInSight(runs, choices));
  const height = heightOf(choices, spec.id);
  const metrics = metricsOf(spec);
  const dirs = runs.map(({ dir }) => dir);
  const key = JSON.stringify([revision, dirs, metrics, x, range, columns, smoothing]);
  const answer = useAnswer(key, seen && columns > 0, () =>
    Promise.all(dirs.map((dir) => host.call('series', { dir, x, metrics, range, columns, smoothing }))),
  );
  const answers = answer.state === 'answered' ? answer.value : NOTHING;
  const names = runs.map(({ name }) => name);
  const sources = runs.map(({ news }) => news.sources);
  const drawing = useMemo((): Drawing => {
    const from = branchSteps(runs);
    const whole = answers.length === runs.length ? curvesOf(spec, names, answers, sources) : [];
    const curves = whole.map((curve) => fromStep(curve, from[curve.run]!));
    const mean = runs.length > 1 && choices.mean;
    const compared = runs.length > 1 && !mean;
    return {
      curves: mean
        ? meanOfRuns(
            curves,
            spec.lines.map(({ label }) => label),
          )
        : curves,
      compared,
      stacked: spec.stacked === true && runs.length === 1,
      shares: spec.shares === true,
      log,
      axis: x,
      range: range ?? spanOf(runs, choices),
      marks: marksOf(runs.length > 1 ? forkEvents(runs) : runs[0]!.news.events, x),
      levels: [],
      dots: false,
    };
  }, [answers, choices.mean, log]);
  const below =
    log &&
    !drawing.stacked &&
    drawing.curves.every(({ raw, smooth }) => (smooth ?? raw).every((value) => !(value > 0)));
  const empty = answer.state === 'answered' && drawing.curves.length === 0;
  const why =
    answer.state === 'failed'
      ? answer.why
      : empty
        ? range
          ? 'No values in this range.'
          : 'No values yet.'
        : below && drawing.curves.length > 0
          ? 'A log scale needs values above zero.'
          : undefined;
  return (
    <div ref={place} class="cell">
      <Chart
        {...{ id: spec.id, title: spec.title, about: spec.about, drawing, pick }}
        onWidth={setColumns}
        instead={
          why === undefined ? undefined : (
            <p class="instead" style={{ height: `${height}px` }}>
              {why}
            </p>
          )
        }
        table={<Numbers spec={spec} names={names} answers={answers} />}
      />
    </div>
  );
}

/** Table of a chart's values, also for screen readers. */
function Numbers(props: { spec: ChartSpec; names: string[]; answers: readonly SeriesAnswer[] }) {
  const { spec, names, answers } = props;
  return (
    <Scrollable label={spec.title}>
      <Heads
        columns={[
          names.length > 1 ? 'Run, metric' : 'Metric',
          'Latest',
          'Mean of last 10',
          'Lowest',
          'Highest',
        ]}
      />
      <tbody>
        {answers.flatMap(({ summaries }, run) =>
          spec.lines.map((line, i) => {
            const summary = summaries[i];
            const shares = spec.shares === true;
            return (
              <tr key={`${run} ${line.metric}`}>
                <th scope="row">{names.length > 1 ? `${names[run]}, ${line.label}` : line.label}</th>
                <Cell value={summary?.last} step={summary?.lastRow} shares={shares} />
                <Cell value={summary?.recent} shares={shares} />
                <Cell value={summary?.lowest} step={summary?.lowestRow} shares={shares} />
                <Cell value={summary?.highest} step={summary?.highestRow} shares={shares} />
              </tr>
            );
          }),
        )}
      </tbody>
    </Scrollable>
  );
}

function Cell(props: { value: number | undefined; step?: number | undefined; shares: boolean }) {
  const { value, step, shares } = props;
  return (
    <td>
      {valueText(value, shares)}
      {step !== undefined && <span class="quiet">{` at ${thousands(step)}`}</span>}
    </td>
  );
}
