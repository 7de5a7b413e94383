import { useMemo, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { SpreadAnswer } from '../../src/core/protocol/run-panel.ts';
import { Chart } from './chart.tsx';
import { figure } from './format.ts';
import type { ChartProps } from './line-chart.tsx';
import type { Drawing } from './plot.ts';
import { useTheme } from './theme.ts';
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
      range,
      marks: [],
      levels: [],
      dots: false,
      ...(spread && {
        under: (u: uPlot) => drawMap(u, spread, colour),
        ends: {
          x: [spread.x[0]!, Math.max(spread.x.at(-1)!, run!.news.end[x])],
          y: [spread.low, spread.high],
        },
      }),
    }),
    [spread, range, colour],
  );
  const why =
    answer.state === 'failed'
      ? answer.why
      : answer.state === 'asking'
        ? 'Reading the traces…'
        : 'No trace has rewards.';
  return (
    <div ref={place}>
      <Chart
        id={spec.id}
        title={runs.length > 1 ? `${spec.title}: ${run!.name}` : spec.title}
        about={spec.about}
        drawing={drawing}
        choices={choices}
        choose={choose}
        pick={pick}
        instead={spread ? undefined : <p class="instead">{why}</p>}
        table={spread ? <Percentiles title={spec.title} spread={spread} /> : <p class="instead">{why}</p>}
      />
    </div>
  );
}

/** A cell for each column and bin, reaching to the next column. */
function drawMap(u: uPlot, { x, low, high, bins, shares }: SpreadAnswer, colour: string): void {
  const { ctx, bbox } = u;
  const left = (value: number) => u.valToPos(value, 'x', true);
  const top = (value: number) => u.valToPos(value, 'y', true);
  const gap = x.length > 1 ? (x.at(-1)! - x[0]!) / (x.length - 1) : 1;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.fillStyle = colour;
  for (let c = 0; c < x.length; c++) {
    const from = Math.floor(left(x[c]!));
    const to = Math.ceil(left(x[c + 1] ?? x[c]! + gap));
    for (let bin = 0; bin < bins; bin++) {
      const share = shares[c * bins + bin]!;
      if (share === 0) continue;
      const upper = Math.floor(top(low + ((bin + 1) / bins) * (high - low)));
      const lower = Math.ceil(top(low + (bin / bins) * (high - low)));
      // The eye tells small shares apart better than large ones.
      ctx.globalAlpha = 0.08 + 0.92 * Math.sqrt(share);
      ctx.fillRect(from, upper, Math.max(to - from, 1), lower - upper);
    }
  }
  ctx.restore();
}

const ROWS = 6;

function Percentiles({ title, spread }: { title: string; spread: SpreadAnswer }) {
  const { steps, percentiles } = spread;
  const first = Math.max(0, steps.length - ROWS);
  return (
    <div class="table">
      <table>
        <caption class="unseen">{title}: the latest traced steps</caption>
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
      </table>
    </div>
  );
}
