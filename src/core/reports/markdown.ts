import { markdownText } from './export/escape.ts';
import { intervalText, withoutDrawings, type Cell, type ReportDocument, type Table } from './document.ts';
import { Notes } from './notes.ts';

/** Writes a report as Markdown. Notes are numbered below their table; charts become tables of their points. */
export function reportMarkdown({ title, lead, sections }: ReportDocument): string {
  const parts = [`# ${markdownText(title)}`, ...lead.map(markdownText)];
  for (const { title: heading, text, tables } of withoutDrawings(sections))
    parts.push(`## ${markdownText(heading)}`, ...text.map(markdownText), ...tables.map(tableMarkdown));
  return `${parts.join('\n\n')}\n`;
}

export function tableMarkdown(table: Table): string {
  const { caption, columns, rows } = table;
  const notes = new Notes(table);
  const raised = (note: string | undefined) =>
    String(notes.numberOf(note) ?? '').replace(/\d/g, (digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]!);
  const cellText = (cell: Cell) => {
    const interval = intervalText(cell);
    const text = markdownText(cell.text) + (interval && ` (${interval})`);
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
