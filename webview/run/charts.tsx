import { EvaluationChart } from './evaluation-chart.tsx';
import { evaluationCharts } from './evaluations.ts';
import { LineChart } from './line-chart.tsx';
import { sectionsOf } from './sections.ts';
import { SpreadChart } from './spread-chart.tsx';
import { tracedStep } from './traced.ts';
import { toggled, type Choices, type Choose, type Host, type OpenRun } from './view.ts';

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
  const traced = runs[0]!.news.traced.length > 0;
  const sections = sectionsOf(metrics, traced);
  const evaluations = evaluationCharts(runs);
  const shared = { runs, choices, choose, revision };

  const pick = (x: number) => {
    const step = tracedStep(runs, choices, x);
    if (step !== null) host.notify('openTraces', { dir: runs[0]!.dir, step });
  };

  const fold = (id: string) => choose({ folded: toggled(choices.folded, id) });
  const section = (id: string, title: string, count: number, charts: () => preact.ComponentChildren) => {
    const open = !choices.folded.includes(id);
    return (
      <section key={id} class="section">
        <h2>
          <button type="button" class="plain" aria-expanded={open} onClick={() => fold(id)}>
            <span class="twist" aria-hidden="true">
              {open ? '▾' : '▸'}
            </span>
            {title} <span class="quiet">{count}</span>
          </button>
        </h2>
        {open && <div class="grid">{charts()}</div>}
      </section>
    );
  };

  const parts = sections.map(({ id, title, charts }) => ({
    id,
    node: section(id, title, charts.length, () =>
      charts.map((spec) =>
        spec.spread ? (
          <SpreadChart key={spec.id} spec={spec} host={host} pick={pick} {...shared} />
        ) : (
          <LineChart key={spec.id} spec={spec} host={host} pick={pick} {...shared} />
        ),
      ),
    ),
  }));
  if (evaluations.length > 0) {
    const at = parts.findIndex(({ id }) => id === 'time' || id === 'more');
    parts.splice(at < 0 ? parts.length : at, 0, {
      id: 'evaluation',
      node: section('evaluation', 'Evaluation', evaluations.length, () =>
        evaluations.map((spec) => <EvaluationChart key={spec.id} spec={spec} pick={pick} {...shared} />),
      ),
    });
  }
  return <>{parts.map(({ node }) => node)}</>;
}
