import type { ComponentChildren } from 'preact';
import { UNKNOWN, thousands } from '../../src/core/labels.ts';
import type { SeriesAnswer } from '../../src/core/protocol/run-panel.ts';
import { Heads } from '../ui/columns.tsx';
import { figure } from './format.ts';
import type { ChartSpec } from './section-table.ts';

/** A chart as a table of numbers, for screen readers and everybody who prefers it. */
export function Numbers(props: { spec: ChartSpec; names: string[]; answers: readonly SeriesAnswer[] }) {
  const { spec, names, answers } = props;
  return (
    <Scrollable label={spec.title}>
      <Heads
        of={[names.length > 1 ? 'Run, figure' : 'Figure', 'Latest', 'Mean of last 10', 'Lowest', 'Highest']}
      />
      <tbody>
        {answers.flatMap(({ summaries }, run) =>
          spec.lines.map((line, i) => {
            const found = summaries[i];
            return (
              <tr key={`${run} ${line.metric}`}>
                <th scope="row">{names.length > 1 ? `${names[run]}, ${line.label}` : line.label}</th>
                <Cell value={found?.last} step={found?.lastRow} />
                <Cell value={found?.recent} />
                <Cell value={found?.lowest} step={found?.lowestRow} />
                <Cell value={found?.highest} step={found?.highestRow} />
              </tr>
            );
          }),
        )}
      </tbody>
    </Scrollable>
  );
}

function Cell({ value, step }: { value: number | undefined; step?: number | undefined }) {
  return (
    <td>
      {figure(value)}
      {step !== undefined && <span class="quiet"> at {thousands(step)}</span>}
    </td>
  );
}

/** A table does not draw more rows than this. */
export const MOST_ROWS = 100;

/** A table that may be wider than its place, and can be scrolled with keys. */
export function Scrollable({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="table" role="region" aria-label={label} tabIndex={0}>
      <table>{children}</table>
    </div>
  );
}

/** A figure with its confidence interval, if it has one. */
export function WithInterval(props: {
  figure: { value: number | null; interval?: readonly number[] | undefined } | undefined;
  text: (value: number) => string;
}) {
  const { figure, text } = props;
  if (figure?.value == null) return <>{UNKNOWN}</>;
  return (
    <>
      {text(figure.value)}
      {figure.interval && <span class="quiet"> [{figure.interval.map(text).join(', ')}]</span>}
    </>
  );
}

/** A cell whose background is the stronger the larger its share, 0–1. */
export function HeatCell(props: { share: number; title?: string; children: ComponentChildren }) {
  const strength = Math.round(100 * Math.min(1, Math.max(0, props.share)));
  return (
    <td class="heat" style={{ '--strength': `${strength}%` }} title={props.title}>
      {props.children}
    </td>
  );
}
