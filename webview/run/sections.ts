import { line, SECTIONS, type Line, type SectionSpec } from './section-table.ts';

/** Figures that name a row, or that other charts carry along. */
const SILENT = new Set(['epoch', 'num_tokens', 'step_time', 'dynamic_sampling/rounds']);

/** The sections that a run with these figures has: nothing is shown empty, and nothing that is there is left out. */
export function sectionsOf(metrics: ReadonlySet<string>, traced: boolean): SectionSpec[] {
  const part = (suffix: string) =>
    [...metrics].flatMap((metric) => {
      const name = new RegExp(`^rewards/(.+)/mean${suffix}$`).exec(metric)?.[1];
      return name === undefined ? [] : line(metric, name);
    });
  const phases = [...metrics]
    .filter((metric) => metric.startsWith('timing_s/'))
    .map((metric) => line(metric, metric.slice('timing_s/'.length)));
  const found: Readonly<Record<string, Line[]>> = {
    parts: part(''),
    'parts-mirror': part('_mirror'),
    phases,
  };
  const drawn = new Set<string>(SILENT);
  const sections = SECTIONS.map((section) => ({
    ...section,
    charts: section.charts.flatMap((chart) => {
      const lines = (found[chart.id] ?? chart.lines).filter(({ metric }) => metrics.has(metric));
      if (chart.spread) return traced && (!chart.needs || metrics.has(chart.needs)) ? [chart] : [];
      for (const { metric } of lines) drawn.add(metric);
      for (const metric of [chart.band, ...(chart.between ?? [])]) if (metric) drawn.add(metric);
      return lines.length === 0 ? [] : [{ ...chart, lines }];
    }),
  }));
  const rest = [...metrics].filter((metric) => !drawn.has(metric)).sort();
  sections.push({
    id: 'more',
    title: 'More figures',
    charts: rest.map((metric) => ({
      id: metric,
      title: metric,
      about: 'As the run wrote it.',
      lines: [line(metric, metric)],
    })),
  });
  return sections.filter(({ charts }) => charts.length > 0);
}
