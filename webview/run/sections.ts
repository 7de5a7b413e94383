import { phaseLabel } from '../../src/base/labels.ts';
import { VIEW_FIGURES } from '../../src/core/rewards/draws.ts';
import { isViewId, viewOf } from '../../src/rows/view-list.ts';
import { line, SECTIONS, type ChartSpec, type Line, type SectionSpec } from './section-table.ts';

/** Maximum number of lines in a chart. With more lines, each metric gets a separate chart, with a line per run. */
const MOST_LINES = 6;

export const tooMany = (lines: number, runs: number): boolean =>
  runs > 1 && lines > 1 && lines * runs > MOST_LINES;

/** Metrics that only identify a row, or that other charts contain. */
const SILENT = new Set(['epoch', 'num_tokens', 'step_time', 'dynamic_sampling/rounds']);

/**
 * Returns the sections for runs with these metrics, and the charts of events that never happened. No chart is empty,
 * and no metric is missing.
 * @param zero metrics whose values are always zero
 * @param runs number of runs; each run has its own lines
 */
export function sectionsOf(
  metrics: ReadonlySet<string>,
  zero: ReadonlySet<string>,
  traced: boolean,
  runs: number,
): { sections: SectionSpec[]; never: ChartSpec[] } {
  const part = (suffix: string) =>
    [...metrics].flatMap((metric) => {
      const name = new RegExp(`^rewards/(.+)/mean${suffix}$`).exec(metric)?.[1];
      return name === undefined ? [] : line(metric, name);
    });
  const phases = [...metrics]
    .filter((metric) => metric.startsWith('timing_s/'))
    .map((metric) => line(metric, phaseLabel(metric.slice('timing_s/'.length))));
  const groups: Readonly<Record<string, Line[]>> = {
    parts: part(''),
    'parts-mirror': part('_mirror'),
    'parts-view': part('_view'),
    ...Object.fromEntries(
      VIEW_FIGURES.map((figure) => [`partners-${figure}`, partnerLines(metrics, figure)] as const),
    ),
    phases,
  };
  const drawn = new Set<string>(SILENT);
  const never: ChartSpec[] = [];
  const sections = SECTIONS.map((section) => ({
    ...section,
    charts: section.charts.flatMap((chart) => {
      const lines = (groups[chart.id] ?? chart.lines).filter(({ metric }) => metrics.has(metric));
      if (chart.spread) return traced && (!chart.needs || metrics.has(chart.needs)) ? [chart] : [];
      for (const { metric } of lines) drawn.add(metric);
      for (const metric of [chart.band, ...(chart.between ?? [])]) if (metric) drawn.add(metric);
      if (lines.length === 0) return [];
      // For a run with only originals, the chart would repeat the reward curve.
      if (chart.id === 'reward-views' && lines.length === 1 && metrics.has('reward')) return [];
      if (chart.never !== undefined && lines.every(({ metric }) => zero.has(metric))) {
        never.push(chart);
        return [];
      }
      // Parts of a whole stay together in one chart, with a separate chart for each run.
      if (chart.stacked) return [{ ...chart, lines }];
      return tooMany(lines.length, runs) ? apart(chart, lines) : [{ ...chart, lines }];
    }),
  }));
  const rest = [...metrics]
    .filter((metric) => !drawn.has(metric))
    .sort()
    .map((metric): ChartSpec => {
      const lines = [line(metric, metric)];
      return {
        id: metric,
        title: metric,
        about: 'Metric as logged by the run.',
        lines,
        never: 'This metric is zero at every step.',
      };
    });
  never.push(...rest.filter(({ id }) => zero.has(id)));
  sections.push({ id: 'more', title: 'More metrics', charts: rest.filter(({ id }) => !zero.has(id)) });
  return { sections: sections.filter(({ charts }) => charts.length > 0), never };
}

const partnerLines = (metrics: ReadonlySet<string>, figure: string): Line[] =>
  [...metrics].flatMap((metric) => {
    const view = /^views\/(.+)\/(\w+)$/.exec(metric);
    return view?.[2] === figure ? line(metric, isViewId(view[1]) ? viewOf(view[1]).label : view[1]!) : [];
  });

const apart = ({ id, title, about }: ChartSpec, lines: readonly Line[]): ChartSpec[] =>
  lines.map((single) => ({
    id: `${id} ${single.metric}`,
    title: `${title}: ${single.label}`,
    about,
    lines: [single],
  }));
