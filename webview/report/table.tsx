import { useRef, useState } from 'preact/hooks';
import type { Channel } from '../../src/core/protocol/channel.ts';
import type { ReportAnswer, ReportHost } from '../../src/core/protocol/report-panel.ts';
import { tableCsv } from '../../src/core/reports/csv.ts';
import { intervalText, unbroken, type Cell, type Table } from '../../src/core/reports/document.ts';
import { Notes } from '../../src/core/reports/notes.ts';
import { tableMarkdown } from '../../src/core/reports/markdown.ts';
import { Cited } from '../ui/cited.tsx';
import { save, savePng } from './export.ts';
import { drawTable } from './figure.ts';
import { nextSort, sorted, type Sort } from './view.ts';

interface Props {
  table: Table;
  evaluations: ReportAnswer['evaluations'];
  host: Channel<ReportHost>;
}

/** A table that sorts by its heads; names of own evaluations lead to their rows. */
export function TableView({ table, evaluations, host }: Props) {
  const [sort, setSort] = useState<Sort | null>(null);
  const element = useRef<HTMLTableElement>(null);
  const notes = new Notes(table);
  const { id, caption, columns } = table;
  const rows = sorted(table, sort);
  const raised = (note: string | undefined) => {
    const number = notes.numberOf(note);
    return number === null ? null : <sup>{number}</sup>;
  };
  const content = (cell: Cell, key?: string) => {
    const interval = intervalText(cell);
    const opens = key !== undefined && evaluations.some((one) => one.key === key);
    return (
      <>
        {cell.href ? (
          <a href={cell.href}>{cell.text}</a>
        ) : opens ? (
          <button
            type="button"
            class="link"
            title="Show its rows"
            onClick={() => void host.call('open', { key })}
          >
            {cell.text}
          </button>
        ) : (
          cell.text
        )}
        {interval && <small> {interval}</small>}
        {raised(cell.note)}
      </>
    );
  };
  return (
    <div class="table" id={id}>
      <div class="caption">
        <h3 id={`${id}-caption`}>{caption}</h3>
        <span class="tools" role="group" aria-label={`Export of ${caption}`}>
          <button
            type="button"
            title="Copy as Markdown"
            onClick={() =>
              void host.call('copy', { text: tableMarkdown(table), done: 'Copied as Markdown.' })
            }
          >
            Copy
          </button>
          <button
            type="button"
            title="Save as CSV"
            onClick={() => void save(host, `${id}.csv`, tableCsv(table))}
          >
            CSV
          </button>
          <button
            type="button"
            title="Save as a picture"
            onClick={() => void savePng(host, `${id}.png`, drawTable(element.current!, caption))}
          >
            PNG
          </button>
        </span>
      </div>
      <div class="wide" role="region" tabIndex={0} aria-labelledby={`${id}-caption`}>
        <table ref={element} class={rows.some(({ origin }) => origin === 'published') ? 'mixed' : undefined}>
          <thead>
            <tr>
              {columns.map(({ title, note, align }, c) => (
                <th
                  key={c}
                  scope="col"
                  class={align}
                  title={note}
                  aria-sort={sort?.column === c ? (sort.descending ? 'descending' : 'ascending') : 'none'}
                >
                  <button type="button" class="sort" onClick={() => setSort(nextSort(table, sort, c))}>
                    {title}
                    {raised(note)}
                    <span aria-hidden="true" class="arrow">
                      {sort?.column === c ? (sort.descending ? '↓' : '↑') : ''}
                    </span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ cells, origin, key }, r) => (
              <tr key={r} class={origin}>
                {cells.map((cell, c) => {
                  const look = { class: `${columns[c]!.align}${cell.best ? ' best' : ''}`, title: cell.note };
                  return c === 0 ? (
                    <th key={c} scope="row" {...look}>
                      {content(cell, key)}
                    </th>
                  ) : (
                    <td key={c} {...look}>
                      {content(cell)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {table.notes.map((note) => (
        <p key={note} class="note">
          <Cited text={unbroken(note)} />
        </p>
      ))}
      {notes.list.length > 0 && (
        <details class="note">
          <summary>{notes.list.length === 1 ? 'Note' : `${notes.list.length} notes`}</summary>
          <ol>
            {notes.list.map((note) => (
              <li key={note}>
                <Cited text={unbroken(note)} />
              </li>
            ))}
          </ol>
        </details>
      )}
    </div>
  );
}
