import type { Channel } from '../../src/core/protocol/channel.ts';
import type { ReportAnswer, ReportChoices, ReportHost } from '../../src/core/protocol/report-panel.ts';
import type { ReportDocument, Table } from '../../src/core/reports/document.ts';

/** What the parts of the page can do. */
export interface Actions {
  host: Channel<ReportHost>;
  choose: (change: Partial<ReportChoices>) => void;
}

/** The whole report, with the comparison in front. */
export const documentOf = ({ document, comparison }: ReportAnswer): ReportDocument => ({
  ...document,
  sections: [...(comparison ? [comparison.section] : []), ...document.sections],
});

/** By which column a table is sorted; null for the order in which it came. */
export interface Sort {
  column: number;
  descending: boolean;
}

/** The rows in order of a column: figures by size, texts by letters; what has no figure comes last. */
export function sorted({ rows }: Table, sort: Sort | null): Table['rows'] {
  if (!sort) return rows;
  const sign = sort.descending ? -1 : 1;
  return [...rows].sort((one, other) => {
    const [a, b] = [one.cells[sort.column]!, other.cells[sort.column]!];
    if (a.value !== undefined && b.value !== undefined) return sign * (a.value - b.value);
    if (a.value !== undefined || b.value !== undefined) return a.value === undefined ? 1 : -1;
    return sign * a.text.localeCompare(b.text, 'en', { numeric: true });
  });
}

/** After figures, the largest comes first; after texts, the first letter. */
export function nextSort(table: Table, sort: Sort | null, column: number): Sort | null {
  const first = table.columns[column]!.align === 'right';
  if (sort?.column !== column) return { column, descending: first };
  return sort.descending === first ? { column, descending: !first } : null;
}
