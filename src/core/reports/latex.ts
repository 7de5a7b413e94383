import { latexText } from './export/escape.ts';
import { intervalText, withoutDrawings, type Cell, type ReportDocument, type Table } from './document.ts';
import { Notes } from './notes.ts';

/**
 * Writes the tables of a report for a LaTeX paper, using the packages booktabs and hyperref; charts become tables of
 * their points.
 */
export function reportLatex({ title, lead, sections }: ReportDocument): string {
  const parts = [
    `% ${latexText(title)}`,
    '% \\usepackage{booktabs} \\usepackage{hyperref}',
    ...lead.map(latexText),
    ...withoutDrawings(sections).flatMap(({ title: heading, text, tables }) => [
      `\\section*{${latexText(heading)}}`,
      ...text.map(latexText),
      ...tables.map(tableLatex),
    ]),
  ];
  return `${parts.join('\n\n')}\n`;
}

export function tableLatex(table: Table): string {
  const { id, caption, columns, rows } = table;
  const notes = new Notes(table);
  const raised = (note: string | undefined) => {
    const number = notes.numberOf(note);
    return number === null ? '' : `\\textsuperscript{${number}}`;
  };
  const cellText = (cell: Cell) => {
    const interval = intervalText(cell);
    const text = latexText(cell.text) + (interval && ` {\\small(${latexText(interval)})}`);
    const linked = cell.href ? `\\href{${latexText(cell.href)}}{${text}}` : text;
    return `${cell.best ? `\\textbf{${linked}}` : linked}${raised(cell.note)}`;
  };
  const line = (cells: readonly string[]) => `${cells.join(' & ')} \\\\`;
  const below = [
    ...notes.list.map((note) => `${raised(note)} ${latexText(note)}`),
    ...table.notes.map(latexText),
  ];
  return [
    '\\begin{table}',
    '\\centering',
    `\\caption{${latexText(caption)}}`,
    `\\label{tab:${id}}`,
    `\\begin{tabular}{${columns.map(({ align }) => align[0]).join('')}}`,
    '\\toprule',
    line(columns.map(({ title, note }) => `${latexText(title)}${raised(note)}`)),
    '\\midrule',
    ...rows.map(({ cells }) => line(cells.map(cellText))),
    '\\bottomrule',
    '\\end{tabular}',
    ...(below.length > 0 ? ['', `\\smallskip\\footnotesize ${below.join(' \\\\\n')}`] : []),
    '\\end{table}',
  ].join('\n');
}
