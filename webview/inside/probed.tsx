import { useState } from 'preact/hooks';
import type { ShownProbe } from '../../src/core/insight/insight-files.ts';
import { probeSentence } from '../../src/core/insight/sentences.ts';
import { layerText } from '../../src/core/insight/probe-row.ts';
import {
  differencesTable,
  KNOWS,
  probeChart,
  probeTable,
  probeText,
  probeTitle,
  SAYS,
} from '../../src/core/reports/insight/probe.ts';
import { Dropdown } from '../ui/controls.tsx';
import { FigureTable } from '../ui/figure-table.tsx';
import { LayerChart } from './layer-chart.tsx';
import { MOST_ROWS, type OpenRow } from './look-names.ts';

/**
 * What probes read off hidden states, by layer and beside their controls, and the rows on which probe and answer
 * differ.
 */
export function Probed({ results, open }: { results: readonly ShownProbe[]; open: OpenRow }) {
  const [target, setTarget] = useState(results[0]?.target);
  const result = results.find((probed) => probed.target === target);
  if (!result) return <p class="instead flow">No fact has enough rows to be read.</p>;
  return (
    <>
      <p class="finding">{probeSentence(result)}</p>
      <div class="controls">
        <Dropdown
          label="Fact"
          value={result.target}
          set={setTarget}
          options={results.map((probed) => probed.target)}
        />
      </div>
      <Fact key={result.target} result={result} />
      {result.labels && (
        <details>
          <summary>Rows on which it knows and says different things</summary>
          <FigureTable table={differencesTable('knows', KNOWS, result.knows, MOST_ROWS)} open={open} />
          <FigureTable table={differencesTable('says', SAYS, result.says, MOST_ROWS)} open={open} />
        </details>
      )}
    </>
  );
}

/** What is read of a fact at one position, by layer. */
function Fact({ result }: { result: ShownProbe }) {
  const [position, setPosition] = useState(result.best.position);
  const places = [...new Set(result.figures.map((figure) => figure.position))];
  return (
    <>
      <p class="quiet">
        {probeTitle(result)}, {result.figures[0]?.n ?? 0} examples
      </p>
      <Dropdown label="Read at" value={position} set={setPosition} options={places} />
      <LayerChart chart={probeChart('curve', result, position)} nameOf={(layer) => layerText({ layer })} />
      <details>
        <summary>Figures by layer</summary>
        {probeText(result).map((text) => (
          <p key={text}>{text}</p>
        ))}
        <FigureTable table={probeTable('read', result, position)} />
      </details>
    </>
  );
}
