import { jsonText } from '../core/json.ts';
import { extname, join, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { reportLatex, reportMarkdown, tableCsv } from '../core/reports/table-text.ts';
import { tablesOf, type ReportDocument } from '../core/reports/document.ts';
import { chartFile, reportHtml } from '../core/reports/html.ts';
import { writeAtomically } from '../lab/files/atomic.ts';
import { makeFolder } from '../lab/files/folders.ts';
import { drawingToPng } from '../lab/images/sharp.ts';
import { UsageError } from './errors.ts';
import { note, printDocument, printJson } from './print.ts';

const FORMATS = ['markdown', 'latex', 'csv', 'html', 'json'] as const;
type Format = (typeof FORMATS)[number];
const ENDINGS: Record<string, Format> = {
  '.md': 'markdown',
  '.tex': 'latex',
  '.csv': 'csv',
  '.html': 'html',
  '.json': 'json',
};

export interface PrintOptions {
  format?: Format;
  output?: string;
  table?: string;
  figures?: string;
}

/** Adds the options of all commands that print a report. */
export const withPrinting = (command: Command): Command =>
  command
    .addOption(
      new Option('--format <format>', 'output format (default: by the file extension, or markdown)').choices(
        FORMATS,
      ),
    )
    .option('-o, --output <file>', 'output file (default: standard output)')
    .option('--table <id>', 'with csv, the table to print; --format json shows the ids')
    .option('--figures <folder>', 'also write every chart into this folder, as SVG and PNG');

/** Prints a report or writes it to a file. @throws UsageError if it has no such table. */
export async function printReport(document: ReportDocument, options: PrintOptions): Promise<void> {
  const { output, table, figures } = options;
  const format = options.format ?? ENDINGS[extname(output ?? '').toLowerCase()] ?? 'markdown';
  if (table !== undefined && format !== 'csv')
    throw new UsageError(`--table has no effect with --format ${format}: only csv takes a single table.`);
  const text = textOf(document, format, table);
  if (figures !== undefined) await writeFigures(document, figures);
  if (output !== undefined) {
    await writeAtomically(resolve(output), (file) => file.writeFile(text));
    note(`Written to ${output}.`);
    return;
  }
  if (format === 'json') printJson(document, { indent: 2 });
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

function textOf(document: ReportDocument, format: Format, table?: string): string {
  if (format === 'markdown') return reportMarkdown(document);
  if (format === 'latex') return reportLatex(document);
  if (format === 'html') return reportHtml(document);
  if (format === 'json') return jsonText(document);
  const tables = tablesOf(document);
  const found = tables.find(({ id }) => id === table);
  if (found) return tableCsv(found);
  throw new UsageError(
    `A CSV file holds one table. Name it with --table: ${tables.map(({ id }) => id).join(', ')}.`,
  );
}
