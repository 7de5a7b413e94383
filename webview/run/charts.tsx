import type { JSX } from 'preact';
import { EvaluationChart } from './evaluation-chart.tsx';
import { evaluationCharts } from './evaluations.ts';
import { LineChart } from './line-chart.tsx';
import type { ChartSpec } from './section-table.ts';
import { sectionsOf } from './sections.ts';
import { SpreadChart } from './spread-chart.tsx';
import { tracedStep } from './x-axis.ts';
import { toggled, type Choices, type Choose, type Host, type OpenRun } from './panel-state.ts';

interface Props {
  runs: OpenRun[];
  revision: number;
  choices: Choices;
  choose: Choose;
  host: Host;
}

/** All charts in their sections. */
export function Charts({ runs, revision, choices, choose, host }: Props) {
  const metrics = new Set(runs.flatMap(({ news }) => news.metrics));
  const traced = runs.some(({ news }) => news.traced.length > 0);
  const sections = sectionsOf(metrics, traced, choices.mean ? 1 : runs.length);
  const evaluations = evaluationCharts(runs);
  const shared = { runs, choices, choose, revision };

  const pick = (x: number, run = runs[0]!) => {
    const step = tracedStep(run, runs, choices, x);
    if (step !== null) host.notify('openTraces', { dir: run.dir, step });
  };

  /** The runs with traces that contain what a chart shows. */
  const traces = ({ needs }: ChartSpec) =>
    runs.filter(({ news }) => news.traced.length > 0 && (!needs || news.metrics.includes(needs)));

  const fold = (id: string) => choose({ folded: toggled(choices.folded, id) });
  const section = (id: string, title: string, charts: JSX.Element[]) => {
    const open = !choices.folded.includes(id);
    return (
      <section key={id} class="section">
        <h2>
          <button type="button" class="plain" aria-expanded={open} onClick={() => fold(id)}>
            <span class="twist" aria-hidden="true">
              {open ? '▾' : '▸'}
            </span>
            {title} <span class="quiet">{charts.length}</span>
          </button>
        </h2>
        {open && <div class="grid">{charts}</div>}
      </section>
    );
  };
  const chart = (spec: ChartSpec) =>
    spec.spread
      ? traces(spec).map((run) => (
          <SpreadChart
            key={`${spec.id} ${run.dir}`}
            {...{ spec, host, run, ...shared }}
            pick={(x) => pick(x, run)}
          />
        ))
      : [<LineChart key={spec.id} {...{ spec, host, pick, ...shared }} />];

  const parts = sections.map(({ id, title, charts }) => ({
    id,
    node: section(id, title, charts.flatMap(chart)),
  }));
  if (evaluations.length > 0) {
    const at = parts.findIndex(({ id }) => id === 'time' || id === 'more');
    const charts = evaluations.map((spec) => (
      <EvaluationChart key={spec.id} {...{ spec, pick, ...shared }} />
    ));
    parts.splice(at < 0 ? parts.length : at, 0, {
      id: 'evaluation',
      node: section('evaluation', 'Evaluation', charts),
    });
  }
  return <>{parts.map(({ node }) => node)}</>;
}
