import { useMemo, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { SpreadAnswer, SpreadOf } from '../../src/core/protocol/run-panel.ts';
import { Chart } from './chart.tsx';
import { figure } from './format.ts';
import { Scrollable } from './scrollable.tsx';
import type { ChartProps } from './line-chart.tsx';
import type { Drawing } from './plot.ts';
import { useTheme } from './theme.ts';
import { spanOf } from './traced.ts';
import { useAnswer } from './use-answers.ts';
import { useSeen } from './use-seen.ts';

/** How single values are spread, step by step: a map whose darkness is the share. Of several runs, that of the first. */
export function SpreadChart({ spec, runs, choices, choose, host, pick }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const seen = useSeen(place);
  const { palette } = useTheme();
  const { x, range } = choices;
  const [run] = runs;
  const of = spec.spread!;
  const key = JSON.stringify([run!.dir, of, x, run!.news.traced.length]);
  const answer = useAnswer(key, seen, () => host.call('spread', { dir: run!.dir, x, of }));
  const spread = answer.state === 'answered' ? answer.value : null;
  const colour = palette[0]!;
  const drawing = useMemo(
    (): Drawing => ({
      curves: [],
      compared: false,
      stacked: false,
      shares: false,
      log: false,
      axis: x,
      range: range ?? spanOf(runs, choices),
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
        ? 'Reading the traces…'
        : 'No trace has any.';
  return (
    <div ref={place} class="cell">
      <Chart
        id={spec.id}
        title={runs.length > 1 ? `${spec.title}: ${run!.name}` : spec.title}
        about={spec.about}
        drawing={drawing}
        choices={choices}
        choose={choose}
        pick={pick}
        legend={<Scale unit={UNITS[of]} />}
        instead={spread ? undefined : <p class="instead">{why}</p>}
        table={spread ? <Percentiles title={spec.title} spread={spread} /> : <p class="instead">{why}</p>}
      />
    </div>
  );
}

const UNITS: Record<SpreadOf, string> = { reward: 'completions', group_std: 'groups', delta: 'pairs' };

/** The eye tells small shares apart better than large ones. */
const darkness = (share: number) => 0.08 + 0.92 * Math.sqrt(share);

/** What a darkness says. */
function Scale({ unit }: { unit: string }) {
  const { palette } = useTheme();
  return (
    <p class="scale quiet">
      few
      <svg viewBox="0 0 60 10" aria-hidden="true">
        {[0.02, 0.1, 0.25, 0.5, 1].map((share, i) => (
          <rect x={12 * i} width="12" height="10" fill={palette[0]} fill-opacity={darkness(share)} />
        ))}
      </svg>
      all {unit} of a step
    </p>
  );
}

/** A cell for each column and bin. */
function drawMap(u: uPlot, { x, low, high, bins, shares }: SpreadAnswer, colour: string): void {
  const { ctx, bbox } = u;
  const left = (value: number) => u.valToPos(value, 'x', true);
  const top = (value: number) => u.valToPos(value, 'y', true);
  const gap = x.length > 1 ? (x.at(-1)! - x[0]!) / (x.length - 1) : 1;
  // Each column reaches half way to its neighbours.
  const edge = (c: number) => Math.round(left(((x[c - 1] ?? x[c]! - gap) + (x[c] ?? x[c - 1]! + gap)) / 2));
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
      <thead>
        <tr>
          <th scope="col">Step</th>
          <th scope="col">10 % below</th>
          <th scope="col">Median</th>
          <th scope="col">90 % below</th>
        </tr>
      </thead>
      <tbody>
        {[...steps].slice(first).map((step, i) => (
          <tr key={step}>
            <th scope="row">{step.toLocaleString('en')}</th>
            {[0, 1, 2].map((q) => (
              <td>{figure(percentiles[3 * (first + i) + q])}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </Scrollable>
  );
}
