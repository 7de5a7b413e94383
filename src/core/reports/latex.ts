import { latexPrelude, latexText } from '../../base/latex-text.ts';
import { Notes } from './cells.ts';
import { besideText, tablesOf, withoutDrawings, type ReportDocument, type Table } from './document.ts';

/** Ids of the main table for a paper: a comparison, otherwise the accuracies on originals, mirrors and pairs. */
const MAIN = /^(?:compare-outcomes|consistency-0)$/;

/** Returns the main table for a paper; undefined if the report has no tables. */
export function mainTable(document: ReportDocument): Table | undefined {
  const tables = tablesOf(document);
  return tables.find(({ id }) => MAIN.test(id)) ?? tables[0];
}

/** Horizontal rules of booktabs if the paper loads this LaTeX package; otherwise lines across the table. */
const RULES = [
  '% No package required. With \\usepackage{booktabs}, the tables use the rules of booktabs.',
  ...['top', 'mid', 'bottom'].map((rule) => `\\providecommand{\\${rule}rule}{\\hline}`),
];

function fileOf(title: string, parts: readonly string[]): string {
  const body = parts.join('\n\n');
  const comment = `% ${title.replace(/[^ -~]/g, '?')}`;
  return `${[comment, ...RULES, ...latexPrelude(body)].join('\n')}\n\n${body}\n`;
}

/** Writes a whole report for a LaTeX paper. Charts become tables of their points. */
export const reportLatex = ({ title, lead, sections }: ReportDocument): string =>
  fileOf(latexText(title), [
    ...lead.map(latexText),
    ...withoutDrawings(sections).flatMap(({ title: heading, text, tables }) => [
      `\\section*{${latexText(heading)}}`,
      ...text.map(latexText),
      ...tables.map(tableLatex),
    ]),
  ]);

/** Writes one table of a report as a separate file. The caption of a comparison contains both sides. */
export function tableFile(table: Table, { sections }: Pick<ReportDocument, 'sections'>): string {
  const compared = sections.find(({ id, tables }) => id === 'compare' && tables.includes(table));
  const caption = compared ? `${table.caption}: ${compared.title}` : table.caption;
  return fileOf(latexText(caption), [tableLatex({ ...table, caption })]);
}

/** Writes a table with one line per row, and with intervals and row counts in parentheses. */
export function tableLatex(table: Table): string {
  const { id, caption, columns } = table;
  const raise = (number: number) => `\\textsuperscript{${number}}`;
  const { head, rows, below } = Notes.partsOf(table, latexText, raise, (cell) => {
    const beside = besideText(cell);
    const text = latexText(beside ? `${cell.text} (${beside})` : cell.text);
    return cell.best ? `\\textbf{${text}}` : text;
  });
  const line = (cells: readonly string[]) => `${cells.join(' & ')} \\\\`;
  return [
    '\\begin{table}',
    '\\centering',
    `\\caption{${latexText(caption)}}`,
    `\\label{tab:${id}}`,
    `\\begin{tabular}{${columns.map(({ align }) => align[0]).join('')}}`,
    '\\toprule',
    line(head),
    '\\midrule',
    ...rows.map(line),
    '\\bottomrule',
    '\\end{tabular}',
    ...(below.length > 0 ? ['', `\\par\\smallskip\\raggedright\\footnotesize ${below.join(' \\\\\n')}`] : []),
    '\\end{table}',
  ].join('\n');
}
