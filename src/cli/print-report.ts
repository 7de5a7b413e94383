import { several } from '../base/format.ts';
import { extname, join, resolve } from 'node:path';
import type { ReportDocument } from '../core/reports/document.ts';
import { chartFile } from '../core/reports/html.ts';
import { reportFile, reportTable } from '../core/reports/report-file.ts';
import { writeAtomically } from '../lab/files/atomic.ts';
import { makeFolder } from '../lab/files/folders.ts';
import { drawingToPng } from '../lab/images/sharp.ts';
import { UsageError } from './errors.ts';
import { note, print, printDocument, printJson } from './print.ts';
import type { Format, PrintOptions, FormatOptions } from './command-options.ts';

const ENDINGS: Record<string, Format> = {
  '.txt': 'text',
  '.md': 'markdown',
  '.tex': 'latex',
  '.csv': 'csv',
  '.html': 'html',
  '.json': 'json',
};

/** Prints a report or writes it to a file. @throws UsageError if the report lacks the requested table */
export async function printReport(document: ReportDocument, options: PrintOptions): Promise<void> {
  const { output, table, all, figures } = options;
  const format = options.format ?? ENDINGS[extname(output ?? '').toLowerCase()] ?? 'markdown';
  if (table !== undefined && (format === 'html' || format === 'json'))
    throw new UsageError(`--table has no effect with --format ${format}, which prints the whole report.`);
  if (all && format !== 'latex') throw new UsageError(`--all requires --format latex, not ${format}.`);
  if (all && table !== undefined)
    throw new UsageError('--all and --table cannot be combined. Remove one of them.');
  const text = textOf(document, format, { table, all });
  if (figures !== undefined) await writeFigures(document, figures);
  if (output !== undefined) {
    await writeAtomically(resolve(output), text);
    note(`Wrote ${output}.`);
    return;
  }
  if (format === 'json') printJson(document, { indent: 2 });
  else if (format === 'text') print(text);
  else printDocument(text);
}

/** Writes every chart as a drawing and as a raster image at twice the screen size. */
async function writeFigures({ sections }: ReportDocument, folder: string): Promise<void> {
  const charts = sections.flatMap((section) => section.charts);
  await makeFolder(resolve(folder));
  for (const chart of charts) {
    const path = join(resolve(folder), chart.id);
    const drawing = chartFile(chart);
    const picture = await drawingToPng(drawing);
    await writeAtomically(`${path}.svg`, drawing, { follow: false });
    await writeAtomically(`${path}.png`, picture, { follow: false });
  }
  note(
    charts.length > 0
      ? `Wrote ${several(charts.length, 'figure')} to ${folder}.`
      : 'The report has no figures.',
  );
}

function textOf(
  document: ReportDocument,
  format: Format,
  { table, all }: Pick<FormatOptions, 'table' | 'all'>,
): string {
  const isOne = format === 'csv' || table !== undefined || (format === 'latex' && !all);
  if (!isOne || format === 'html' || format === 'json') return reportFile(document, format);
  const text = reportTable(document, format, table);
  if (text !== null) return text;
  const ids = document.sections.flatMap(({ tables }) => tables.map(({ id }) => id)).join(', ');
  throw new UsageError(
    table === undefined
      ? `CSV output requires one table. Pass it with --table: ${ids}.`
      : `--table: table "${table}" does not exist. Tables: ${ids || 'none'}.`,
  );
}
