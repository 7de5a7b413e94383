import { useMemo, useRef, useState } from 'preact/hooks';
import type { SeriesAnswer } from '../../src/core/protocol/run-panel.ts';
import { Chart, heightOf } from './chart.tsx';
import { curvesOf, meanOfRuns, metricsOf } from './curves.ts';
import { branchSteps, forkEvents, fromStep } from './forks.ts';
import { marksOf } from './marks.ts';
import { Numbers } from './numbers.tsx';
import type { Drawing } from './plot.ts';
import type { ChartSpec } from './section-table.ts';
import { rowsInSight, smoothingInSight, spanOf } from './x-axis.ts';
import { useAnswer, useInView } from '../ui/use-answers.ts';
import { usePage, type OpenRun } from './panel-state.ts';

export interface ChartProps {
  spec: ChartSpec;
  runs: OpenRun[];
  pick: (x: number) => void;
}

const NOTHING: readonly SeriesAnswer[] = [];

/** A chart of figures over the steps of the runs. While visible, it requests as many points as its pixels can show. */
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
          ? 'There are no values in view.'
          : 'There are no values yet.'
        : below && drawing.curves.length > 0
          ? 'No value is above zero, where a logarithmic axis begins.'
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
