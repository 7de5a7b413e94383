import { useState } from 'preact/hooks';
import type { Chart } from '../../src/core/reports/document.ts';
import type { LayersFigure } from '../../src/core/reports/insight/comparison-document.ts';
import { Dropdown } from '../ui/controls.tsx';
import { FigureTable } from '../ui/figure-table.tsx';
import { LayerChart } from './layer-chart.tsx';
import { DrawnChart } from '../ui/drawn-chart.tsx';

/** Chart of values per layer, with a line for each view of each result: views by colour, results by dash. */
export function ThroughLayers({ figures, looks = 1 }: { figures: readonly LayersFigure[]; looks?: number }) {
  const titles = figures.map(({ title }) => title);
  const [chosen, choose] = useState(titles[0] ?? '');
  const figure = figures[Math.max(0, titles.indexOf(chosen))];
  if (!figure) return null;
  return (
    <>
      <Dropdown label="Values by layer" value={figure.title} set={choose} options={titles} />
      <LayerChart chart={figure.chart} looks={looks} />
      <FigureTable table={figure.table} />
    </>
  );
}

/** Bar chart with its caption; renders nothing without a chart. */
export function Bars({ chart }: { chart: Chart | null }) {
  if (!chart) return null;
  const id = `caption-${chart.id}`;
  return (
    <figure class="bars">
      <h3 id={id}>{chart.caption}</h3>
      <DrawnChart chart={chart} labelledBy={id} />
    </figure>
  );
}
