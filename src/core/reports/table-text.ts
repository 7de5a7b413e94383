import { markdownText, visible } from '../../base/escape.ts';
import { formatTable } from '../../base/printable.ts';
import { besideText, type ReportDocument, type Table, withoutDrawings } from './document.ts';
import { Notes } from './cells.ts';

/** Writes a report as Markdown. Notes are numbered below their table, and charts become tables of their points. */
export function reportMarkdown({ title, lead, sections }: ReportDocument): string {
  const parts = [`# ${markdownText(title)}`, ...lead.map(sentenceMarkdown)];
  for (const { title: heading, text, tables } of withoutDrawings(sections))
    parts.push(`## ${markdownText(heading)}`, ...text.map(sentenceMarkdown), ...tables.map(tableMarkdown));
  return `${parts.join('\n\n')}\n`;
}

/** Escapes a sentence for Markdown. Commands in backticks remain code. */
const sentenceMarkdown = (text: string): string =>
  text
    .split(/(`[^`]+`)/)
    .map((part, i) => (i % 2 === 1 ? visible(part) : markdownText(part)))
    .join('');

const raisedNumber = (number: number): string =>
  String(number).replace(/\d/g, (digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]!);

/** Formats a report for a terminal with aligned columns. Charts become tables of their points. */
export const reportText = ({ title, lead, sections }: ReportDocument): string =>
  [
    [title, ...lead].join('\n'),
    ...withoutDrawings(sections).flatMap(({ title, text, tables }) => [
      // A section without text has no heading, because the heading would only repeat the captions.
      ...(text.length > 0 ? [[title, ...text].join('\n')] : []),
      ...tables.map(tableText),
    ]),
  ].join('\n\n');

/** Formats a table for a terminal, with the caption above and the notes below the table. */
export function tableText(table: Table): string {
  const { head, rows, below } = Notes.partsOf(
    table,
    (shown) => shown,
    raisedNumber,
    (cell) => {
      const beside = besideText(cell, ', ');
      return `${cell.text}${beside && ` [${beside}]`}`;
    },
  );
  return [table.caption, formatTable(head, rows), ...below].join('\n');
}

export function tableMarkdown(table: Table): string {
  const { head, rows, below } = Notes.partsOf(table, markdownText, raisedNumber, (cell) => {
    const beside = besideText(cell);
    const text = markdownText(cell.text) + (beside && ` (${beside})`);
    const linked = cell.href ? `[${text}](${cell.href})` : text;
    return cell.best ? `**${linked}**` : linked;
  });
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = table.columns.map(({ align }) => (align === 'right' ? '---:' : '---'));
  return [
    `**${markdownText(table.caption)}**`,
    [head, rule, ...rows].map(line).join('\n'),
    ...(below.length > 0 ? [below.join('  \n')] : []),
  ].join('\n\n');
}

/**
 * Writes a table as CSV (RFC 4180), with all digits. Separate columns contain interval ends, numbers of rows and, if
 * rows are unscored, bounds. If published and own rows are mixed, another column contains their origin.
 */
export function tableCsv({ columns, rows }: Table): string {
  const mixed = rows.some(({ origin }) => origin === 'published');
  const hasInterval = columns.map((_, c) => rows.some(({ cells }) => cells[c]!.interval));
  const hasCount = columns.map((_, c) => rows.some(({ cells }) => cells[c]!.n !== undefined));
  const hasBounds = columns.map((_, c) => rows.some(({ cells }) => cells[c]!.bounds));
  const withMore = (c: number, own: string, bounds: string[], interval: string[], n: string) => [
    own,
    ...(hasBounds[c] ? bounds : []),
    ...(hasInterval[c] ? interval : []),
    ...(hasCount[c] ? [n] : []),
  ];
  const both = (ends: readonly [number, number] | undefined) => (ends ? ends.map(number) : ['', '']);
  const lines = [
    [
      ...columns.flatMap(({ title }, c) =>
        withMore(
          c,
          text(title),
          [text(`${title} least`), text(`${title} most`), text(`${title} not scored`)],
          [text(`${title} low`), text(`${title} high`)],
          text(`${title} n`),
        ),
      ),
      ...(mixed ? ['origin'] : []),
    ],
    ...rows.map(({ cells, origin }) => [
      ...cells.flatMap(({ text: shown, value, bounds, lacks, interval, n }, c) =>
        withMore(
          c,
          value !== undefined ? number(value) : bounds ? '' : text(shown),
          [...both(bounds), lacks ? String(lacks.not_judged) : ''],
          both(interval),
          n === undefined ? '' : String(n),
        ),
      ),
      ...(mixed ? [origin ?? ''] : []),
    ]),
  ];
  return lines.map((line) => `${line.map(quoted).join(',')}\r\n`).join('');
}

/** Rounds values, because the last digit of a percentage can be wrong: 100 · 0.55 is 55.00000000000001. */
const number = (value: number) => String(Number(value.toPrecision(15)));

/** Adds an apostrophe before texts that begin like a formula, because spreadsheets would execute them. */
const text = (shown: string) => visible(shown).replace(/^(?=[=+@\t-])/, "'");

const quoted = (field: string) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);
