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

/**
 * Writes a table for a column of a paper: figures below each other by their points, what stands beside a figure (its
 * interval, its n) small on a line below it, and headings broken at their commas.
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
  const heading = ({ title, note, align }: Column, c: number): string => {
    const lines = title.split(/(?<=,) (?!%)/).map(latexText);
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
  const lines = rows.flatMap(({ cells }) => {
    const beside = cells.map((cell) => besideText(cell));
    return [
      line(cells.map(cellText)),
      ...(beside.some(Boolean)
        ? [line(beside.map((one) => (one ? `{\\scriptsize ${latexText(one)}}` : '')))]
        : []),
    ];
  });
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
    `\\begin{tabular}{${columns.map(({ align }, c) => types[c] ?? align[0]).join('')}}`,
    '\\toprule',
    line(columns.map(heading)),
    '\\midrule',
    ...lines,
    '\\bottomrule',
    '\\end{tabular}',
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
 * Writes a table as CSV (RFC 4180): figures as numbers with all their digits, the ends of intervals and numbers of rows
 * in separate columns and, if rows of papers and own rows are mixed, the origin of the figures.
 */
export function tableCsv({ columns, rows }: Table): string {
  const mixed = rows.some(({ origin }) => origin === 'published');
  const hasInterval = columns.map((_, c) => rows.some(({ cells }) => cells[c]!.interval));
  const hasCount = columns.map((_, c) => rows.some(({ cells }) => cells[c]!.n !== undefined));
  const withMore = (c: number, own: string, low: string, high: string, n: string) => [
    own,
    ...(hasInterval[c] ? [low, high] : []),
    ...(hasCount[c] ? [n] : []),
  ];
  const lines = [
    [
      ...columns.flatMap(({ title }, c) =>
        withMore(c, text(title), text(`${title} low`), text(`${title} high`), text(`${title} n`)),
      ),
      ...(mixed ? ['origin'] : []),
    ],
    ...rows.map(({ cells, origin }) => [
      ...cells.flatMap(({ text: shown, value, interval, n }, c) =>
        withMore(
          c,
          value === undefined ? text(shown) : number(value),
          interval ? number(interval[0]) : '',
          interval ? number(interval[1]) : '',
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
