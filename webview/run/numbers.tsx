import type { ComponentChildren } from 'preact';
import { thousands } from '../../src/core/labels.ts';
import type { SeriesAnswer } from '../../src/core/protocol/run-panel.ts';
import { Heads } from '../ui/heads.tsx';
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
            const summary = summaries[i];
            return (
              <tr key={`${run} ${line.metric}`}>
                <th scope="row">{names.length > 1 ? `${names[run]}, ${line.label}` : line.label}</th>
                <Cell value={summary?.last} step={summary?.lastRow} />
                <Cell value={summary?.recent} />
                <Cell value={summary?.lowest} step={summary?.lowestRow} />
                <Cell value={summary?.highest} step={summary?.highestRow} />
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

/** A table that may be wider than its place, and can be scrolled with keys. */
export function Scrollable({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="table" role="region" aria-label={label} tabIndex={0}>
      <table>{children}</table>
    </div>
  );
}
