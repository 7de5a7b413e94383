import { UNKNOWN } from '../../base/format.ts';
import { latexPrelude, latexText } from '../../base/latex-text.ts';
import { Notes } from './cells.ts';
import { layoutOf } from './latex-layout.ts';
import {
  besideText,
  tablesOf,
  withoutDrawings,
  type Cell,
  type Column,
  type ReportDocument,
  type Row,
  type Table,
} from './document.ts';

/** What a paper shows of a report: a comparison, or else how often originals, mirrors and both are right. */
const MAIN = /^(?:compare-outcomes|consistency-0)$/;

/** The table of a report that a paper would show; undefined if it has none. */
export function mainTable(document: ReportDocument): Table | undefined {
  const tables = tablesOf(document);
  return tables.find(({ id }) => MAIN.test(id)) ?? tables[0];
}

/** Rules of booktabs where a paper loads it; lines across the table where it does not. */
const RULES = [
  '% Needs no package. With \\usepackage{booktabs}, its rules are used.',
  ...['top', 'mid', 'bottom'].map((rule) => `\\providecommand{\\${rule}rule}{\\hline}`),
];

/** A file for a paper: what it needs, and its parts. */
function fileOf(title: string, parts: readonly string[]): string {
  const body = parts.join('\n\n');
  const comment = `% ${title.replace(/[^ -~]/g, '?')}`;
  return `${[comment, ...RULES, ...latexPrelude(body)].join('\n')}\n\n${body}\n`;
}

/** A paragraph whose lines may have wide spaces, since figures and intervals cannot be broken. */
const paragraph = (text: string): string => `\\begin{sloppypar}\n${latexText(text)}\n\\end{sloppypar}`;

/** Writes a whole report for a LaTeX paper; charts become tables of their points. */
export const reportLatex = ({ title, lead, sections }: ReportDocument): string =>
  fileOf(latexText(title), [
    ...lead.map(paragraph),
    ...withoutDrawings(sections).flatMap(({ title: heading, text, tables }) => [
      `\\section*{\\raggedright ${latexText(heading)}}`,
      ...text.map(paragraph),
      ...tables.map(tableLatex),
    ]),
  ]);

/** Writes one table of a report, as a file by itself: of a comparison, it names who is compared. */
export function tableFile(table: Table, { sections }: Pick<ReportDocument, 'sections'>): string {
  const compared = sections.find(({ id, tables }) => id === 'compare' && tables.includes(table));
  const caption = compared ? `${table.caption}: ${compared.title}` : table.caption;
  return fileOf(latexText(caption), [tableLatex({ ...table, caption })]);
}

/** Whether a text is a figure; papers write its minus in mathematics. */
const isNumeral = (shown: string): boolean => /^[−-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?$/.test(shown);

const decimalsOf = (shown: string): number => (shown.split('.')[1] ?? '').length;

/** How many decimals the figures of a column have at most; null if some cell is neither a figure nor –. */
function decimalsIn(texts: readonly string[]): number | null {
  const numerals = texts.filter((text) => text !== '' && text !== UNKNOWN);
  if (numerals.length === 0 || !numerals.every(isNumeral)) return null;
  return Math.max(...numerals.map(decimalsOf));
}

/** What stands in for the missing decimals of a figure, so that figures of a column have their points below each other. */
function padding(shown: string, decimals: number | null): string {
  const missing = isNumeral(shown) ? (decimals ?? 0) - decimalsOf(shown) : 0;
  if (missing <= 0) return '';
  return `\\phantom{${shown.includes('.') ? '' : '.'}${'0'.repeat(missing)}}`;
}

/**
 * Writes a table for a column of a paper: figures below each other by their points, what follows a figure (its
 * interval, its n) small on a line below it, and headings broken at their commas.
 */
export function tableLatex(table: Table): string {
  const { id, caption, columns, rows } = table;
  const { size, headings, broken, parts, chunks, apart } = layoutOf(table);
  const notes = new Notes(table);
  const raised = (note: string | undefined) => {
    const number = notes.numberOf(note);
    return number === null ? '' : `\\textsuperscript{${number}}`;
  };
  const decimals = columns.map(({ align }, c) =>
    align === 'right' ? decimalsIn(rows.map(({ cells }) => cells[c]!.text)) : null,
  );
  const inLines = (text: string, c: number) => (broken[c] === null ? text : `\\raggedright ${text}`);
  const heading = ({ note, align }: Column, c: number): string => {
    const lines = headings[c]!.map(latexText);
    const text = lines.length > 1 ? `\\shortstack[${align[0]}]{\\strut ${lines.join('\\\\')}}` : lines[0]!;
    return inLines(`${text}${raised(note)}`, c);
  };
  const cellText = (cell: Cell, c: number) => {
    const text = latexText(cell.text);
    const whole = `${cell.best ? `\\textbf{${text}}` : text}${padding(cell.text, decimals[c]!)}`;
    const number = raised(cell.note);
    // A number beside a figure must not move its point.
    return inLines(
      decimals[c] === null || number === '' ? `${whole}${number}` : `${whole}\\rlap{${number}}`,
      c,
    );
  };
  // Unlike \\, this ends a row also behind a cell of several lines.
  const line = (cells: readonly string[]) => `${cells.join(' & ')} \\tabularnewline`;
  const rowLines = (cells: readonly (readonly [Cell, number])[]): string[] => {
    const beside = cells.map(([cell]) => besideText(cell));
    return [
      line(cells.map(([cell, c]) => cellText(cell, c))),
      ...(beside.some(Boolean)
        ? [line(beside.map((text) => (text ? `{${size.small} ${latexText(text)}}` : '')))]
        : []),
    ];
  };
  const tabular = (part: readonly number[], chunk: readonly Row[]): string =>
    [
      `\\begin{tabular}{${part.map((c) => (broken[c] === null ? columns[c]!.align[0] : `p{${Math.floor(broken[c]! - size.space)}pt}`)).join('')}}`,
      '\\toprule',
      line(part.map((c) => heading(columns[c]!, c))),
      '\\midrule',
      ...chunk.flatMap((row) => rowLines(part.map((c) => [row.cells[c]!, c]))),
      '\\bottomrule',
      '\\end{tabular}',
    ].join('\n');
  const below = [
    ...notes.list.map((note) => `${raised(note)} ${latexText(note)}`),
    ...table.notes.map(latexText),
  ];
  const bodies = chunks.flatMap((chunk) => {
    const tabulars = parts.map((part) => tabular(part, chunk));
    return apart ? tabulars : [tabulars.join('\n\n\\medskip\n')];
  });
  const floats = bodies.map((body, i) =>
    [
      '\\begin{table}',
      '\\centering',
      i === 0
        ? `\\caption{${latexText(caption)}}\n\\label{tab:${id}}`
        : `{\\small ${latexText(caption)} (continued)\\par}\\smallskip`,
      ...(size.command === '' ? [body] : [`{${size.command}`, `${body}\\par}`]),
      ...(i === bodies.length - 1 && below.length > 0
        ? ['', `\\par\\smallskip\\raggedright\\footnotesize ${below.join(' \\\\\n')}`]
        : []),
      '\\end{table}',
    ].join('\n'),
  );
  return floats.join('\n\n');
}
