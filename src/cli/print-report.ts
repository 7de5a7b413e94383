import { jsonText } from '../core/json.ts';
import { extname, join, resolve } from 'node:path';
import { Notes } from '../core/reports/cells.ts';
import {
  besideText,
  tablesOf,
  withoutDrawings,
  type ReportDocument,
  type Table,
} from '../core/reports/document.ts';
import { mainTable, reportLatex, tableFile } from '../core/reports/latex.ts';
import { raisedNumber, reportMarkdown, tableCsv } from '../core/reports/table-text.ts';
import { chartFile, reportHtml } from '../core/reports/html.ts';
import { writeAtomically } from '../lab/files/atomic.ts';
import { makeFolder } from '../lab/files/folders.ts';
import { drawingToPng } from '../lab/images/sharp.ts';
import { UsageError } from './errors.ts';
import { formatTable, note, print, printDocument, printJson } from './print.ts';
import type { Format, PrintOptions, FormatOptions } from './options.ts';
const ENDINGS: Record<string, Format> = {
  '.txt': 'text',
  '.md': 'markdown',
  '.tex': 'latex',
  '.csv': 'csv',
  '.html': 'html',
  '.json': 'json',
};

/** Prints a report or writes it to a file. @throws UsageError if it has no such table. */
export async function printReport(document: ReportDocument, options: PrintOptions): Promise<void> {
  const { output, table, all, figures } = options;
  const format = options.format ?? ENDINGS[extname(output ?? '').toLowerCase()] ?? 'markdown';
  if (table !== undefined && format !== 'csv' && format !== 'latex')
    throw new UsageError(
      `--table has no effect with --format ${format}: only csv and latex take a single table.`,
    );
  if (all && format !== 'latex')
    throw new UsageError(
      `--all has no effect with --format ${format}, which has the whole report or one table.`,
    );
  if (all && table !== undefined)
    throw new UsageError('--all and --table cannot be combined: leave one out.');
  const text = textOf(document, format, { table, all });
  if (figures !== undefined) await writeFigures(document, figures);
  if (output !== undefined) {
    await writeAtomically(resolve(output), (file) => file.writeFile(text));
    note(`Written to ${output}.`);
    return;
  }
  if (format === 'json') printJson(document, { indent: 2 });
  else if (format === 'text') print(text);
  else printDocument(text);
}

/** Writes every chart as a drawing and as a picture of it, twice as large as on the screen. */
async function writeFigures({ sections }: ReportDocument, folder: string): Promise<void> {
  const charts = sections.flatMap((section) => section.charts);
  await makeFolder(resolve(folder));
  for (const chart of charts) {
    const path = join(resolve(folder), chart.id);
    const drawing = chartFile(chart);
    const picture = await drawingToPng(drawing);
    await writeAtomically(`${path}.svg`, (file) => file.writeFile(drawing), { follow: false });
    await writeAtomically(`${path}.png`, (file) => file.writeFile(picture), { follow: false });
  }
  note(charts.length > 0 ? `${charts.length} figures: ${folder}.` : 'The report has no figures.');
}

function textOf(
  document: ReportDocument,
  format: Format,
  { table, all }: Pick<FormatOptions, 'table' | 'all'>,
): string {
  if (format === 'text') return reportText(document);
  if (format === 'markdown') return reportMarkdown(document);
  if (format === 'latex' && all) return reportLatex(document);
  if (format === 'html') return reportHtml(document);
  if (format === 'json') return jsonText(document);
  const tables = tablesOf(document);
  const named = table === undefined ? undefined : tables.find(({ id }) => id === table);
  const ids = tables.map(({ id }) => id).join(', ');
  if (table !== undefined && !named)
    throw new UsageError(`--table: there is no table "${table}". There are: ${ids || 'none'}.`);
  if (format === 'latex') {
    const shown = named ?? mainTable(document);
    return shown ? tableFile(shown, document) : reportLatex(document);
  }
  if (named) return tableCsv(named);
  throw new UsageError(`A CSV file holds one table. Name it with --table: ${ids}.`);
}

/** A report as a terminal shows it, with aligned columns; charts become tables of their points. */
const reportText = ({ title, lead, sections }: ReportDocument): string =>
  [
    [title, ...lead].join('\n'),
    ...withoutDrawings(sections).flatMap(({ title, text, tables }) => [
      // A heading without a text says no more than the captions below it.
      ...(text.length > 0 ? [[title, ...text].join('\n')] : []),
      ...tables.map(tableText),
    ]),
  ].join('\n\n');

function tableText(table: Table): string {
  const { caption, columns, rows } = table;
  const notes = new Notes(table);
  const raised = (note: string | undefined) => raisedNumber(notes.numberOf(note));
  const lines = formatTable(
    columns.map(({ title, note }) => title + raised(note)),
    rows.map(({ cells }) =>
      cells.map((cell) => {
        const beside = besideText(cell, ', ');
        return `${cell.text}${beside && ` [${beside}]`}${raised(cell.note)}`;
      }),
    ),
  );
  return [caption, lines, ...notes.list.map((note) => `${raised(note)} ${note}`), ...table.notes].join('\n');
}
