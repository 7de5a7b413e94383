import type { Chart } from '../../src/core/reports/document.ts';
import { DrawnChart } from '../ui/drawn-chart.tsx';

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
