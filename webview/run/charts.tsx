import type { ComponentChildren, JSX } from 'preact';
import { metricsOf } from './curves.ts';
import { EvaluationChart, evaluationCharts, type EvaluationSpec } from './evaluation-chart.tsx';
import { LineChart } from './line-chart.tsx';
import type { ChartSpec } from './section-table.ts';
import { sectionsOf } from './sections.ts';
import { SpreadChart } from './spread-chart.tsx';
import { tracedStep } from './x-axis.ts';
import { toggled, usePage, type OpenRun } from './run-panel-state.ts';

interface ChartsProps {
  runs: OpenRun[];
  children: ComponentChildren;
}

/** All charts in their sections, below the leading charts. */
export function Charts({ runs, children }: ChartsProps) {
  const { choices, choose, host } = usePage();
  const metrics = new Set(runs.flatMap(({ news }) => news.metrics));
  const isZero = (metric: string) =>
    runs.every(({ news }) => !news.metrics.includes(metric) || news.zero.includes(metric));
  const zero = new Set([...metrics].filter(isZero));
  const traced = runs.some(({ news }) => news.traced.length > 0);
  const { sections, never } = sectionsOf(metrics, zero, traced, choices.mean ? 1 : runs.length);
  const evaluations = evaluationCharts(runs);

  const pick = (x: number, run = runs[0]!) => {
    const step = tracedStep(run, runs, choices, x);
    if (step !== null) host.notify('openTraces', { dir: run.dir, step });
  };

  const traces = ({ needs }: ChartSpec) =>
    runs.filter(({ news }) => news.traced.length > 0 && (!needs || news.metrics.includes(needs)));

  const wanted = choices.find.trim().toLowerCase();
  const isFound = ({ names }: Item) => names.some((name) => name.toLowerCase().includes(wanted));
  const isPinned = ({ id }: Item) => choices.pinned.includes(id);
  const ofEach = <S extends { id: string; title: string }>(
    spec: S,
    has: (run: OpenRun) => boolean,
    draw: (drawn: { spec: S; runs: OpenRun[]; pick: (x: number) => void }) => JSX.Element,
  ): Item[] =>
    runs.filter(has).map((run) => {
      const runSpec = { ...spec, id: `${spec.id} ${run.dir}`, title: `${spec.title}: ${run.name}` };
      const node = draw({ spec: runSpec, runs: [run], pick: (x) => pick(x, run) });
      return { id: runSpec.id, names: [runSpec.title], node };
    });
  const itemsOf = (spec: ChartSpec): Item[] => {
    const names = [spec.title, ...metricsOf(spec)];
    if (!spec.spread && spec.stacked && runs.length > 1 && !choices.mean)
      return ofEach(
        spec,
        ({ news }) => spec.lines.some(({ metric }) => news.metrics.includes(metric)),
        (drawn) => <LineChart key={drawn.spec.id} {...drawn} />,
      );
    if (!spec.spread)
      return [{ id: spec.id, names, node: <LineChart key={spec.id} {...{ spec, runs, pick }} /> }];
    return traces(spec).map((run) => {
      const id = runs.length > 1 ? `${spec.id} ${run.dir}` : spec.id;
      const pickStep = (x: number) => pick(x, run);
      return { id, names, node: <SpreadChart key={id} {...{ spec, run, runs }} pick={pickStep} /> };
    });
  };

  // Fold the section if the page has more informative charts; otherwise open it.
  const alone = !sections.some(({ id }) => id === 'views') && evaluations.length === 0;
  const parts: Part[] = sections.map(({ id, title, charts }) => ({
    id: id === 'reward' && alone ? 'reward alone' : id,
    title,
    items: charts.flatMap(itemsOf),
  }));
  const evaluationItems = (specs: readonly EvaluationSpec[]): Item[] =>
    specs.flatMap((spec) =>
      spec.stacked && runs.length > 1
        ? ofEach(
            spec,
            ({ news }) => news.evaluations.some(({ figures }) => figures.some((f) => spec.line(f) !== null)),
            (drawn) => <EvaluationChart key={drawn.spec.id} {...drawn} />,
          )
        : {
            id: spec.id,
            names: [spec.title],
            node: <EvaluationChart key={spec.id} {...{ spec, runs, pick }} />,
          },
    );
  const at = parts.findIndex(({ id }) =>
    ['distributions', 'policy', 'completions', 'time', 'more'].includes(id),
  );
  // Fold the section if its curves already lead the page of several runs.
  const led = runs.length > 1 && haveCurves(runs);
  const evaluation = {
    id: led ? 'evaluation of runs' : 'evaluation',
    title: 'Evaluation',
    items: evaluationItems(evaluations),
  };
  parts.splice(at < 0 ? parts.length : at, 0, evaluation);
  const isLead = leadAmong(parts, runs);
  const all = parts.flatMap(({ items }) => items).filter(isFound);
  const lead = all.filter((item) => isLead(item) && !isPinned(item));
  const pinned = { id: 'pinned', title: 'Pinned', items: all.filter(isPinned) };
  const others = parts.map((part) => ({
    ...part,
    items: part.items.filter((item) => isFound(item) && !isPinned(item) && !isLead(item)),
  }));
  const unhappened = never.filter(({ title }) => title.toLowerCase().includes(wanted));
  if (all.length + unhappened.length === 0)
    return (
      <>
        {children}
        <p class="notice">{`No chart matches “${choices.find.trim()}”.`}</p>
      </>
    );
  const section = (part: Part) =>
    part.items.length > 0 && (
      <SectionOfCharts
        key={part.id}
        part={part}
        // A search opens every section that has matches.
        open={wanted !== '' || !choices.folded.includes(part.id)}
        fold={() => choose({ folded: toggled(choices.folded, part.id) })}
      />
    );
  return (
    <>
      {section(pinned)}
      {lead.length > 0 && (
        <section class="lead">
          <h2 class="unseen">Key charts</h2>
          <div class="grid">{lead.map(({ node }) => node)}</div>
        </section>
      )}
      {children}
      {others.map(section)}
      {unhappened.length > 0 && (
        <details class="never" open={wanted !== ''}>
          <summary>
            Metrics with only zeros <span class="quiet">{unhappened.length}</span>
          </summary>
          <dl>
            {unhappened.map(({ id, title, about, never: sentence }) => (
              <div key={id} title={about}>
                <dt>{title}</dt>
                <dd class="quiet">{sentence}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </>
  );
}

/** Chart, and the text by which a search finds the chart. */
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

const haveCurves = (runs: readonly OpenRun[]): boolean =>
  runs.every(({ news }) => news.evaluations.length > 1);

/**
 * Returns a test for the charts at the top of the page. With enough evaluations for a curve: accuracy on their first
 * set, by view and for pairs. Otherwise: accuracy in training, or the metric that replaces it. For several runs, each
 * line can have a separate chart.
 */
function leadAmong(parts: readonly Part[], runs: readonly OpenRun[]): (item: Item) => boolean {
  const ids = parts.flatMap(({ items }) => items.map(({ id }) => id));
  const set = ids.flatMap((id) => /^evaluation .* all accuracy/.exec(id)?.[0] ?? [])[0];
  if (set !== undefined && haveCurves(runs)) return ({ id }) => id.startsWith(set);
  const measured = ['accuracy', 'reward', 'loss'].find((id) => ids.includes(id));
  return ({ id }) => id === measured;
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
