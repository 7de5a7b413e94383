import type { JSX } from 'preact';
import { metricsOf } from './curves.ts';
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

  const wanted = choices.find.trim().toLowerCase();
  const isFound = ({ names }: Item) => names.some((name) => name.toLowerCase().includes(wanted));
  const isPinned = ({ id }: Item) => choices.pinned.includes(id);
  const itemsOf = (spec: ChartSpec): Item[] => {
    const names = [spec.title, ...metricsOf(spec)];
    if (!spec.spread)
      return [{ id: spec.id, names, node: <LineChart key={spec.id} {...{ spec, host, pick, ...shared }} /> }];
    return traces(spec).map((run) => {
      const id = runs.length > 1 ? `${spec.id} ${run.dir}` : spec.id;
      const at = (x: number) => pick(x, run);
      return { id, names, node: <SpreadChart key={id} {...{ spec, host, run, ...shared }} pick={at} /> };
    });
  };

  const parts: Part[] = sections.map(({ id, title, charts }) => ({
    id,
    title,
    items: charts.flatMap(itemsOf),
  }));
  if (evaluations.length > 0) {
    const at = parts.findIndex(({ id }) => id === 'time' || id === 'more');
    const items = evaluations.map((spec) => ({
      id: spec.id,
      names: [spec.title],
      node: <EvaluationChart key={spec.id} {...{ spec, pick, ...shared }} />,
    }));
    parts.splice(at < 0 ? parts.length : at, 0, { id: 'evaluation', title: 'Evaluation', items });
  }
  const pinned = parts.flatMap(({ items }) => items.filter(isPinned));
  const shown = [
    { id: 'pinned', title: 'Pinned', items: pinned },
    ...parts.map((part) => ({ ...part, items: part.items.filter((item) => !isPinned(item)) })),
  ]
    .map((part) => ({ ...part, items: part.items.filter(isFound) }))
    .filter(({ items }) => items.length > 0);
  if (shown.length === 0) return <p class="notice">No chart is called “{choices.find.trim()}”.</p>;
  return (
    <>
      {shown.map((part) => (
        <SectionOfCharts
          key={part.id}
          part={part}
          // Whoever searches is to see what was found.
          open={wanted !== '' || !choices.folded.includes(part.id)}
          fold={() => choose({ folded: toggled(choices.folded, part.id) })}
        />
      ))}
    </>
  );
}

/** A chart with the words by which it is found. */
interface Item {
  id: string;
  names: readonly string[];
  node: JSX.Element;
}

interface Part {
  id: string;
  title: string;
  items: Item[];
}

function SectionOfCharts({ part, open, fold }: { part: Part; open: boolean; fold: () => void }) {
  const { title, items } = part;
  return (
    <section class="section">
      <h2>
        <button type="button" class="plain" aria-expanded={open} onClick={fold}>
          <span class="twist" aria-hidden="true" />
          {title} <span class="quiet">{items.length}</span>
        </button>
      </h2>
      {open && <div class="grid">{items.map(({ node }) => node)}</div>}
    </section>
  );
}
