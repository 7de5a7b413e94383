import { jsonText } from '../../base/json.ts';
import { tablesOf, type ReportDocument } from './document.ts';
import { reportHtml } from './html.ts';
import { mainTable, reportLatex, tableFile } from './latex.ts';
import { reportMarkdown, reportText, tableCsv, tableMarkdown, tableText } from './table-text.ts';

/** Writes a whole report. In formats without drawings, charts become tables of their points. */
export function reportFile(
  report: ReportDocument,
  format: 'text' | 'markdown' | 'latex' | 'html' | 'json',
): string {
  // Without a mapping of evaluation sets, this section only introduces the panel's fields for a mapping.
  const sections = report.sections.filter(
    ({ id, text, tables }) => id !== 'published' || text.length + tables.length > 1,
  );
  const document = { ...report, sections };
  switch (format) {
    case 'text':
      return reportText(document);
    case 'markdown':
      return reportMarkdown(document);
    case 'latex':
      return reportLatex(document);
    case 'html':
      return reportHtml(document);
    case 'json':
      return jsonText(document);
  }
}

/**
 * Writes one table of a report. For LaTeX, the default is the main table; a report without tables is written as a
 * whole.
 * @returns null if the report has no table with this name, or if the format requires a table name
 */
export function reportTable(
  document: ReportDocument,
  format: 'text' | 'markdown' | 'csv' | 'latex',
  name: string | undefined,
): string | null {
  const table = tablesOf(document).find(({ id }) => id === name);
  if (format === 'csv') return table ? tableCsv(table) : null;
  if (format === 'text') return table ? tableText(table) : null;
  if (format === 'markdown') return table ? `${tableMarkdown(table)}\n` : null;
  if (name !== undefined) return table ? tableFile(table, document) : null;
  const main = mainTable(document);
  return main ? tableFile(main, document) : reportLatex(document);
}
