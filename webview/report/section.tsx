import type { ComponentChildren } from 'preact';
import type { Channel } from '../../src/base/channel.ts';
import type { ReportAnswer, ReportHost } from '../../src/panels/report/report.contract.ts';
import { type Section, chartTable, type Chart } from '../../src/core/reports/document.ts';
import { Button } from '../ui/controls.tsx';
import { Cited } from '../ui/cited.tsx';
import { DrawnChart } from '../ui/drawn-chart.tsx';
import { TableView } from './report-table.tsx';
import { savePng, drawFigure } from './report-export.ts';

interface SectionViewProps {
  section: Section;
  evaluations: ReportAnswer['evaluations'];
  host: Channel<ReportHost>;
  /** Controls of the section, below its text. */
  children?: ComponentChildren;
}

export function SectionView({
  section: { id, title, text, tables, charts },
  evaluations,
  host,
  children,
}: SectionViewProps) {
  return (
    <section id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`} tabIndex={-1}>
        {title}
      </h2>
      {text.map((paragraph) => (
        <p key={paragraph}>
          <Cited text={paragraph} />
        </p>
      ))}
      {children}
      {tables
        // Exclude the rows of a comparison, because a separate list contains them, with entries that the user can open.
        .filter((table) => !/^compare-only/.test(table.id))
        .map((table) => (
          <TableView key={table.id} table={table} evaluations={evaluations} host={host} />
        ))}
      {charts.map((chart) => (
        <ChartView key={chart.id} chart={chart} host={host} />
      ))}
    </section>
  );
}

function ChartView({ chart, host }: { chart: Chart; host: Channel<ReportHost> }) {
  const { id, caption, notes } = chart;
  const { columns, rows } = chartTable(chart);
  return (
    <figure id={id}>
      <div class="caption flow">
        <h3 id={`${id}-caption`}>{caption}</h3>
        <span class="tools" role="group" aria-label={`Export ${caption}`}>
          <Button title="Save as image" onClick={() => void savePng(host, `${id}.png`, drawFigure(chart))}>
            PNG
          </Button>
        </span>
      </div>
      <DrawnChart chart={chart} labelledBy={`${id}-caption`} />
      {notes.map((note) => (
        <p key={note} class="note">
          <Cited text={note} />
        </p>
      ))}
      <details class="note">
        <summary>Table</summary>
        <table>
          <thead>
            <tr>
              {columns.map(({ title, align }, c) => (
                <th key={c} scope="col" class={align}>
                  {title || 'series'}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ cells }, r) => (
              <tr key={r}>
                {cells.map(({ text }, c) => (
                  <td key={c} class={columns[c]!.align}>
                    {text}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}
