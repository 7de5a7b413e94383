import { visible } from './export/visible.ts';
import type { Table } from './document.ts';

/**
 * Writes a table as CSV (RFC 4180): figures as numbers with all their digits, the ends of intervals in separate columns
 * and, if rows of papers and own rows are mixed, the origin of the figures.
 */
export function tableCsv({ columns, rows }: Table): string {
  const mixed = rows.some(({ origin }) => origin === 'published');
  const hasInterval = columns.map((_, c) => rows.some(({ cells }) => cells[c]!.interval));
  const withEnds = (c: number, own: string, low: string, high: string) =>
    hasInterval[c] ? [own, low, high] : [own];
  const lines = [
    [
      ...columns.flatMap(({ title }, c) =>
        withEnds(c, text(title), text(`${title} low`), text(`${title} high`)),
      ),
      ...(mixed ? ['origin'] : []),
    ],
    ...rows.map(({ cells, origin }) => [
      ...cells.flatMap(({ text: shown, value, interval }, c) =>
        withEnds(
          c,
          value === undefined ? text(shown) : number(value),
          interval ? number(interval[0]) : '',
          interval ? number(interval[1]) : '',
        ),
      ),
      ...(mixed ? [origin ?? ''] : []),
    ]),
  ];
  return lines.map((line) => `${line.map(quoted).join(',')}\r\n`).join('');
}

/** Rounds, because the percentage of a share can be off in the last digit: 100 · 0.55 is 55.00000000000001. */
const number = (value: number) => String(Number(value.toPrecision(15)));

/**
 * Guards against spreadsheets, which run a text that begins like a formula, but not one that begins with an apostrophe.
 */
const text = (shown: string) => visible(shown).replace(/^(?=[=+@\t-])/, "'");

const quoted = (field: string) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);
