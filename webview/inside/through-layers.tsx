import { useState } from 'preact/hooks';
import { chartTable } from '../../src/core/reports/document.ts';
import {
  throughChart,
  throughTable,
  throughTitles,
  type Through,
} from '../../src/core/reports/insight/compared.ts';
import { Dropdown } from '../ui/controls.tsx';
import { FigureTable } from '../ui/figure-table.tsx';
import { LayerChart } from './layer-chart.tsx';

interface Props {
  /** Names of the looks; '' for one that is alone. */
  looks: readonly string[];
  figures: readonly Through[];
}

/** A figure by layer, with a line for each view of each look: views by colour, looks by dash. */
export function ThroughLayers({ looks, figures }: Props) {
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
