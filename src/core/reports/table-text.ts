import { latexText, markdownText, visible } from '../escape.ts';
import {
  type Cell,
  type Column,
  besideText,
  type ReportDocument,
  type Table,
  withoutDrawings,
} from './document.ts';
import { Notes } from './cells.ts';
import { UNKNOWN } from '../labels.ts';
import { sum } from '../numbers.ts';

/**
 * Writes the tables of a report for a LaTeX paper, using the packages booktabs, siunitx and hyperref; charts become
 * tables of their points.
 */
export function reportLatex({ title, lead, sections }: ReportDocument): string {
  const parts = [
    `% ${latexText(title)}`,
    '% \\usepackage{booktabs} \\usepackage{siunitx} \\usepackage{hyperref}',
    ...lead.map(latexText),
    ...withoutDrawings(sections).flatMap(({ title: heading, text, tables }) => [
      `\\section*{${latexText(heading)}}`,
      ...text.map(latexText),
      ...tables.map(tableLatex),
    ]),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** A figure as siunitx reads it; null for other texts. */
const numeral = (shown: string): string | null =>
  /^[−-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?$/.test(shown)
    ? shown.replaceAll(',', '').replace('−', '-')
    : null;

/** The column type of figures that stand below each other by their points; null if some cell is neither that nor –. */
function numberColumn(texts: readonly string[]): string | null {
  const numerals = texts.filter((one) => one !== '' && one !== UNKNOWN).map(numeral);
  if (numerals.length === 0 || numerals.includes(null)) return null;
  const [whole, decimals] = [0, 1].map((part) =>
    Math.max(...numerals.map((one) => (one!.replace('-', '').split('.')[part] ?? '').length)),
  );
  const sign = numerals.some((one) => one!.startsWith('-')) ? '-' : '';
  return `S[table-format=${sign}${whole}${decimals! > 0 ? `.${decimals}` : ''}]`;
}

/** The width of the text in LaTeX's `article`, in points; on a page of two columns, `table*` has more. */
const TEXT_WIDTH = 345;
/** About how wide a letter is, at the size of the text and of what follows figures, and the space of a column. */
const [LETTER, SMALL_LETTER, SPACE] = [4.7, 3.5, 12];

/** The lines of a heading, broken at its commas, or at every space. */
const headingLines = (title: string, narrow: boolean): string[] =>
  title.split(narrow ? / (?!%)/ : /(?<=,) (?!%)/);

/** About how wide each column of a table is, in points. */
const widthsOf = ({ columns, rows }: Table, narrow: boolean): number[] =>
  columns.map(({ title, align }, c) => {
    const longest = (texts: readonly string[]) => Math.max(0, ...texts.map((text) => text.length));
    const texts = [
      ...headingLines(title, narrow && align === 'right'),
      ...rows.map(({ cells }) => cells[c]!.text),
    ];
    const beside = rows.map(({ cells }) => besideText(cells[c]!));
    return SPACE + Math.max(LETTER * longest(texts), SMALL_LETTER * longest(beside));
  });

/**
 * The columns of the parts that a table is printed in, one below another, so that each fits the text: one part where
 * all fit; else the columns before the figures, which say what a row is about, begin every part.
 */
function partsOf({ columns }: Table, widths: readonly number[]): number[][] {
  const all = [...columns.keys()];
  const about = Math.max(
    1,
    columns.findIndex(({ align }) => align === 'right'),
  );
  const room = TEXT_WIDTH - sum(widths.slice(0, about));
  const parts: number[][] = [];
  for (const c of all.slice(about)) {
    const part = parts.at(-1);
    if (part && sum([...part, c].map((one) => widths[one]!)) <= room) part.push(c);
    else parts.push([c]);
  }
  const isText = columns.every(({ align }) => align === 'left');
  return isText || parts.length < 2 ? [all] : parts.map((part) => [...all.slice(0, about), ...part]);
}

/**
 * Writes a table for a column of a paper: figures below each other by their points, what follows a figure (its
 * interval, its n) small on a line below it, and headings broken at their commas. A table that is wider than the text
 * breaks its headings at every space, and if that is not enough, it is printed in parts.
 */
export function tableLatex(table: Table): string {
  const { id, caption, columns, rows } = table;
  const notes = new Notes(table);
  const raised = (note: string | undefined) => {
    const number = notes.numberOf(note);
    return number === null ? '' : `\\textsuperscript{${number}}`;
  };
  const types = columns.map(({ align }, c) =>
    align === 'right' ? numberColumn(rows.map(({ cells }) => cells[c]!.text)) : null,
  );
  const narrow = sum(widthsOf(table, false)) > TEXT_WIDTH;
  const heading = ({ title, note, align }: Column, c: number): string => {
    const lines = headingLines(title, narrow && align === 'right').map(latexText);
    const text =
      lines.length > 1 ? `\\shortstack[${types[c] ? 'c' : align[0]}]{${lines.join('\\\\')}}` : lines[0]!;
    const whole = `${text}${raised(note)}`;
    return types[c] ? `{${whole}}` : whole;
  };
  const cellText = (cell: Cell, c: number) => {
    const figure = types[c] ? numeral(cell.text) : null;
    if (figure !== null && !cell.href)
      return `${cell.best ? '\\bfseries ' : ''}${figure}${raised(cell.note)}`;
    const text = latexText(cell.text);
    const linked = cell.href ? `\\href{${latexText(cell.href)}}{${text}}` : text;
    const whole = `${cell.best ? `\\textbf{${linked}}` : linked}${raised(cell.note)}`;
    return types[c] ? `{${whole}}` : whole;
  };
  const line = (cells: readonly string[]) => `${cells.join(' & ')} \\\\`;
  const rowLines = (cells: readonly (readonly [Cell, number])[]): string[] => {
    const beside = cells.map(([cell]) => besideText(cell));
    return [
      line(cells.map(([cell, c]) => cellText(cell, c))),
      ...(beside.some(Boolean)
        ? [line(beside.map((one) => (one ? `{\\scriptsize ${latexText(one)}}` : '')))]
        : []),
    ];
  };
  const below = [
    ...notes.list.map((note) => `${raised(note)} ${latexText(note)}`),
    ...table.notes.map(latexText),
  ];
  return [
    '\\begin{table}',
    '\\centering',
    ...(types.some(Boolean) ? ['\\sisetup{detect-weight}'] : []),
    `\\caption{${latexText(caption)}}`,
    `\\label{tab:${id}}`,
    ...partsOf(table, widthsOf(table, narrow)).flatMap((part, p) => [
      ...(p > 0 ? ['', '\\medskip'] : []),
      `\\begin{tabular}{${part.map((c) => types[c] ?? columns[c]!.align[0]).join('')}}`,
      '\\toprule',
      line(part.map((c) => heading(columns[c]!, c))),
      '\\midrule',
      ...rows.flatMap((row) => rowLines(part.map((c) => [row.cells[c]!, c]))),
      '\\bottomrule',
      '\\end{tabular}',
    ]),
    ...(below.length > 0 ? ['', `\\smallskip\\raggedright\\footnotesize ${below.join(' \\\\\n')}`] : []),
    '\\end{table}',
  ].join('\n');
}

/** Writes a report as Markdown. Notes are numbered below their table; charts become tables of their points. */
export function reportMarkdown({ title, lead, sections }: ReportDocument): string {
  const parts = [`# ${markdownText(title)}`, ...lead.map(markdownText)];
  for (const { title: heading, text, tables } of withoutDrawings(sections))
    parts.push(`## ${markdownText(heading)}`, ...text.map(markdownText), ...tables.map(tableMarkdown));
  return `${parts.join('\n\n')}\n`;
}

/** The number of a note in raised digits; '' without one. */
export const raisedNumber = (number: number | null): string =>
  String(number ?? '').replace(/\d/g, (digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]!);

export function tableMarkdown(table: Table): string {
  const { caption, columns, rows } = table;
  const notes = new Notes(table);
  const raised = (note: string | undefined) => raisedNumber(notes.numberOf(note));
  const cellText = (cell: Cell) => {
    const beside = besideText(cell);
    const text = markdownText(cell.text) + (beside && ` (${beside})`);
    const linked = cell.href ? `[${text}](${cell.href})` : text;
    return `${cell.best ? `**${linked}**` : linked}${raised(cell.note)}`;
  };
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    `**${markdownText(caption)}**`,
    [
      line(columns.map(({ title, note }) => `${markdownText(title)}${raised(note)}`)),
      line(columns.map(({ align }) => (align === 'right' ? '---:' : '---'))),
      ...rows.map(({ cells }) => line(cells.map(cellText))),
    ].join('\n'),
    ...[
      [
        ...notes.list.map((note) => `${raised(note)} ${markdownText(note)}`),
        ...table.notes.map(markdownText),
      ].join('  \n'),
    ].filter(Boolean),
  ].join('\n\n');
}

/**
 * Writes a table as CSV (RFC 4180): figures as numbers with all their digits, in separate columns the ends of intervals,
 * numbers of rows and, of figures with rows that are not judged, the least and the greatest that they can be; and, if rows of papers and own rows are mixed, the origin of the figures.
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
          [text(`${title} least`), text(`${title} most`), text(`${title} not judged`)],
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

/** Rounds, because the percentage of a share can be off in the last digit: 100 · 0.55 is 55.00000000000001. */
const number = (value: number) => String(Number(value.toPrecision(15)));

/**
 * Guards against spreadsheets, which run a text that begins like a formula, but not one that begins with an apostrophe.
 */
const text = (shown: string) => visible(shown).replace(/^(?=[=+@\t-])/, "'");

const quoted = (field: string) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);
