import type { ComponentChildren } from 'preact';
import type { Channel } from '../../src/core/protocol/channel.ts';
import type { ReportAnswer, ReportHost } from '../../src/core/protocol/report-panel.ts';
import { unbroken, type Section } from '../../src/core/reports/document.ts';
import { Cited } from '../ui/cited.tsx';
import { ChartView } from './chart.tsx';
import { TableView } from './table.tsx';

interface Props {
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
}: Props) {
  return (
    <section id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`} tabIndex={-1}>
        {title}
      </h2>
      {text.map((paragraph) => (
        <p key={paragraph}>
          <Cited text={unbroken(paragraph)} />
        </p>
      ))}
      {children}
      {tables
        // The rows of a comparison have a list of their own, to open them from.
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
