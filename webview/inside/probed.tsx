import { Fragment } from 'preact';
import { useState } from 'preact/hooks';
import type { Probed as ProbedSet } from '../../src/panels/inside/inside.contract.ts';
import { probeFigure } from '../../src/core/reports/insight/probe-document.ts';
import { Dropdown } from '../ui/controls.tsx';
import { FigureTable } from '../ui/figure-table.tsx';
import { LayerChart } from './layer-chart.tsx';
import { MOST_ROWS, type OpenRow } from './look-names.ts';

/**
 * What probes read off hidden states, by layer and next to their controls, and the rows on which probe and answer
 * differ.
 */
export function Probed({ results, open }: Pick<ProbedSet, 'results'> & { open: OpenRow }) {
  const [target, setTarget] = useState(results[0]?.target);
  const [chosen, choose] = useState<string | null>(null);
  const result = results.find((probed) => probed.target === target);
  if (!result) return <p class="instead flow">No fact has enough rows for a probe.</p>;
  const position = chosen ?? result.best.position;
  const figure = probeFigure(result, position, MOST_ROWS);
  return (
    <>
      <p class="finding">{figure.finding}</p>
      <div class="controls">
        <Dropdown
          label="Fact"
          value={result.target}
          set={(name) => {
            setTarget(name);
            choose(null);
          }}
          options={results.map((probed) => probed.target)}
        />
      </div>
      <Fragment key={result.target}>
        <p class="quiet">{figure.title}</p>
        <Dropdown label="Token position" value={position} set={choose} options={figure.positions} />
        <LayerChart chart={figure.chart} nameOf={figure.layerName} />
        <details>
          <summary>Values by layer</summary>
          {figure.text.map((text) => (
            <p key={text}>{text}</p>
          ))}
          <FigureTable table={figure.table} />
        </details>
      </Fragment>
      {figure.differences.length > 0 && (
        <details>
          <summary>Rows where probe and answer differ</summary>
          {figure.differences.map((table) => (
            <FigureTable key={table.id} table={table} open={open} />
          ))}
        </details>
      )}
    </>
  );
}
