import { useState } from 'preact/hooks';
import { chartTable, type Chart } from '../../src/core/reports/document.ts';
import {
  throughChart,
  throughTable,
  throughTitles,
  type Through,
} from '../../src/core/reports/insight/compared.ts';
import { Dropdown } from '../ui/controls.tsx';
import { FigureTable } from '../ui/figure-table.tsx';
import { LayerChart } from './layer-chart.tsx';
import { DrawnChart } from '../ui/drawn-chart.tsx';

interface ThroughLayersProps {
  /** Names of the looks; '' for one that is alone. */
  looks: readonly string[];
  figures: readonly Through[];
}

/** A figure by layer, with a line for each view of each look: views by colour, looks by dash. */
export function ThroughLayers({ looks, figures }: ThroughLayersProps) {
  const titles = throughTitles(figures);
  const [chosen, choose] = useState(titles[0] ?? '');
  const title = titles.includes(chosen) ? chosen : titles[0];
  if (title === undefined) return null;
  const chart = throughChart('through', title, figures, looks);
  return (
    <>
      <Dropdown label="Through the layers" value={title} set={choose} options={titles} />
      <LayerChart chart={chart} looks={looks.length} />
      <FigureTable
        table={looks.length > 1 ? throughTable('through-table', title, figures, looks) : chartTable(chart)}
      />
    </>
  );
}

/** A chart of bars with its caption, if there is one. */
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
