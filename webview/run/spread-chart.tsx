import { useMemo, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { figure, thousands } from '../../src/base/format.ts';
import type { SpreadAnswer, SpreadOf } from '../../src/panels/run/run.contract.ts';
import { Chart, Scrollable } from './chart.tsx';
import type { ChartProps } from './line-chart.tsx';
import type { Drawing } from './plot.ts';
import { nth, useTheme } from '../ui/theme.ts';
import { spanOf } from './x-axis.ts';
import { useAnswer, useInView } from '../ui/hooks.ts';
import { usePage, type OpenRun } from './run-panel-state.ts';
import { Heads } from '../ui/parts.tsx';

/** Distribution of single values of a run, step by step, as a map. A cell is darker for a larger share of values. */
export function SpreadChart({ spec, run, runs, pick }: ChartProps & { run: OpenRun }) {
  const { choices, host } = usePage();
  const place = useRef<HTMLDivElement>(null);
  const seen = useInView(place);
  const { palette } = useTheme();
  const { x, range } = choices;
  const spreadOf = spec.spread!;
  const key = JSON.stringify([run.dir, spreadOf, x, run.news.traced.length]);
  const answer = useAnswer(key, seen, () => host.call('spread', { dir: run.dir, x, of: spreadOf }));
  const spread = answer.state === 'answered' ? answer.value : null;
  const colour = nth(palette, runs.indexOf(run));
  const drawing = useMemo(
    (): Drawing => ({
      curves: [],
      compared: false,
      stacked: false,
      shares: false,
      log: false,
      axis: x,
      range: range ?? withColumns(spanOf(runs, choices), spread),
      marks: [],
      levels: [],
      dots: false,
      ...(spread && {
        map: { draw: (u: uPlot) => drawMap(u, spread, colour), y: [spread.low, spread.high] },
      }),
    }),
    [spread, range, colour],
  );
  const why =
    answer.state === 'failed'
      ? answer.why
      : answer.state === 'asking'
        ? 'Reading traces…'
        : 'No values in the traces.';
  return (
    <div ref={place} class="cell">
      <Chart
        id={runs.length > 1 ? `${spec.id} ${run.dir}` : spec.id}
        title={runs.length > 1 ? `${spec.title}: ${run.name}` : spec.title}
        about={spec.about}
        drawing={drawing}
        pick={pick}
        legend={<Scale unit={UNITS[spreadOf]} colour={colour} />}
        instead={spread ? undefined : <p class="instead">{why}</p>}
        table={spread ? <Percentiles title={spec.title} spread={spread} /> : <p class="instead">{why}</p>}
      />
    </div>
  );
}

const UNITS: Record<SpreadOf, string> = { reward: 'completions', group_std: 'groups', delta: 'pairs' };

/** Returns the darkness of a share. The square root makes small shares easier to distinguish. */
const darkness = (share: number) => 0.08 + 0.92 * Math.sqrt(share);

/** Legend of the map's darkness. */
function Scale({ unit, colour }: { unit: string; colour: string }) {
  return (
    <p class="scale quiet">
      few {unit}{' '}
      <svg viewBox="0 0 60 10" aria-hidden="true">
        {[0.02, 0.1, 0.25, 0.5, 1].map((share, i) => (
          <rect x={12 * i} width="12" height="10" fill={colour} fill-opacity={darkness(share)} />
        ))}
      </svg>
      {`all ${unit} of a step`}
    </p>
  );
}

/** Returns the edge between two columns, halfway between the columns. The outer columns have average width. */
function edgeOf({ x }: SpreadAnswer, column: number): number {
  const gap = x.length > 1 ? (x.at(-1)! - x[0]!) / (x.length - 1) : 1;
  return ((x[column - 1] ?? x[column]! - gap) + (x[column] ?? x[column - 1]! + gap)) / 2;
}

/** Extends a range so that it contains the outer columns completely. */
const withColumns = ([from, to]: [number, number], spread: SpreadAnswer | null): [number, number] =>
  spread ? [Math.min(from, edgeOf(spread, 0)), Math.max(to, edgeOf(spread, spread.x.length))] : [from, to];

function drawMap(u: uPlot, spread: SpreadAnswer, colour: string): void {
  const { ctx, bbox } = u;
  const { x, low, high, bins, shares } = spread;
  const top = (value: number) => u.valToPos(value, 'y', true);
  const edge = (column: number) => Math.round(u.valToPos(edgeOf(spread, column), 'x', true));
  const height = (bin: number) => Math.round(top(low + (bin / bins) * (high - low)));
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.fillStyle = colour;
  for (let c = 0; c < x.length; c++) {
    const [from, to] = [edge(c), edge(c + 1)];
    for (let bin = 0; bin < bins; bin++) {
      const share = shares[c * bins + bin]!;
      if (share === 0) continue;
      ctx.globalAlpha = darkness(share);
      ctx.fillRect(from, height(bin + 1), Math.max(to - from, 1), height(bin) - height(bin + 1));
    }
  }
  ctx.restore();
}

const ROWS = 6;

function Percentiles({ title, spread }: { title: string; spread: SpreadAnswer }) {
  const { steps, percentiles } = spread;
  const first = Math.max(0, steps.length - ROWS);
  return (
    <Scrollable label={`${title}: the latest traced steps`}>
      <Heads columns={['Step', '10th percentile', 'Median', '90th percentile']} />
      <tbody>
        {[...steps].slice(first).map((step, i) => (
          <tr key={step}>
            <th scope="row">{thousands(step)}</th>
            {[0, 1, 2].map((q) => (
              <td>{figure(percentiles[3 * (first + i) + q])}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </Scrollable>
  );
}
