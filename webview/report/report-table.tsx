import { useRef, useState } from 'preact/hooks';
import type { Channel } from '../../src/base/channel.ts';
import type { ReportAnswer, ReportHost } from '../../src/panels/report/report.contract.ts';
import { tableCsv, tableMarkdown } from '../../src/core/reports/table-text.ts';
import {
  besideText,
  shadeStep,
  type Cell,
  type CellRows,
  type Table,
} from '../../src/core/reports/document.ts';
import { Notes } from '../../src/core/reports/cells.ts';
import { Button } from '../ui/controls.tsx';
import { Cited } from '../ui/cited.tsx';
import { Scrolls } from '../ui/parts.tsx';
import { save, savePng, drawTable } from './report-export.ts';
import { ViewRows } from './report-rows.tsx';

interface TableViewProps {
  table: Table;
  evaluations: ReportAnswer['evaluations'];
  host: Channel<ReportHost>;
}

/** Table that the user can sort by its column heads. Names of Chirality evaluations link to their rows. */
export function TableView({ table, evaluations, host }: TableViewProps) {
  const [sort, setSort] = useState<Sort | null>(null);
  const [shown, setShown] = useState<CellRows | null>(null);
  const element = useRef<HTMLTableElement>(null);
  const notes = new Notes(table);
  const { id, caption, columns } = table;
  const rows = sorted(table, sort);
  const opener = (key: string | undefined) =>
    key !== undefined && evaluations.some((evaluation) => evaluation.key === key)
      ? () => void host.call('open', { key })
      : undefined;
  const revealer = ({ opens }: Cell) =>
    opens && evaluations.some((evaluation) => evaluation.key === opens.key)
      ? () => setShown(JSON.stringify(opens) === JSON.stringify(shown) ? null : opens)
      : undefined;
  return (
    <div class="table" id={id}>
      <div class="caption flow">
        <h3 id={`${id}-caption`}>{caption}</h3>
        <Export table={table} host={host} draw={() => drawTable(element.current!, caption)} />
      </div>
      <Scrolls as="div" class="wide" role="region" aria-labelledby={`${id}-caption`}>
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
                    <Raised note={note} notes={notes} />
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
                  const look = {
                    class: `${columns[c]!.align}${cell.best ? ' best' : ''}${cell.few ? ' few' : ''}`,
                    title: cell.few ? 'Based on few pairs' : cell.note,
                    ...(cell.shade !== undefined && { 'data-shade': shadeStep(cell) }),
                    ...(cell.right !== undefined && { 'data-right': String(cell.right) }),
                  };
                  return c === 0 ? (
                    <th key={c} scope="row" {...look}>
                      <Content cell={cell} notes={notes} open={opener(key)} />
                    </th>
                  ) : (
                    <td key={c} {...look}>
                      <Content cell={cell} notes={notes} open={revealer(cell)} />
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolls>
      {shown && (
        <ViewRows key={JSON.stringify(shown)} cell={shown} host={host} close={() => setShown(null)} />
      )}
      {table.notes.map((note) => (
        <p key={note} class="note">
          <Cited text={note} />
        </p>
      ))}
      {notes.list.length > 0 && (
        <details class="note">
          <summary>{notes.list.length === 1 ? 'Note' : `${notes.list.length} notes`}</summary>
          <ol>
            {notes.list.map((note) => (
              <li key={note}>
                <Cited text={note} />
              </li>
            ))}
          </ol>
        </details>
      )}
    </div>
  );
}

interface ExportProps {
  table: Table;
  host: TableViewProps['host'];
  draw: () => HTMLCanvasElement;
}

function Export({ table, host, draw }: ExportProps) {
  return (
    <span class="tools" role="group" aria-label={`Export ${table.caption}`}>
      <Button
        title="Copy as Markdown"
        onClick={() => void host.call('copy', { text: tableMarkdown(table), done: 'Copied as Markdown.' })}
      >
        Copy
      </Button>
      <Button title="Save as CSV" onClick={() => void save(host, `${table.id}.csv`, tableCsv(table))}>
        CSV
      </Button>
      <Button title="Save as image" onClick={() => void savePng(host, `${table.id}.png`, draw())}>
        PNG
      </Button>
    </span>
  );
}

interface ContentProps {
  cell: Cell;
  notes: Notes;
  /** Opens the panel that the cell links to; undefined without a link. */
  open?: (() => void) | undefined;
}

function Content({ cell, notes, open }: ContentProps) {
  const beside = besideText(cell);
  return (
    <>
      {cell.href ? (
        <a href={cell.href}>{cell.text}</a>
      ) : open ? (
        <button type="button" class="link" title="Show rows" onClick={open}>
          {cell.text}
        </button>
      ) : (
        cell.text
      )}
      {beside && (
        <>
          {' '}
          <small>{beside}</small>
        </>
      )}
      <Raised note={cell.note} notes={notes} />
    </>
  );
}

function Raised({ note, notes }: { note: string | undefined; notes: Notes }) {
  const number = notes.numberOf(note);
  return number === null ? null : <sup>{number}</sup>;
}

/** Sort order of a table by a column; null for the original order. */
interface Sort {
  column: number;
  descending: boolean;
}

/** Returns the rows sorted by a column: numbers by size, texts alphabetically. Rows without a value come last. */
function sorted({ rows }: Table, sort: Sort | null): Table['rows'] {
  if (!sort) return rows;
  const sign = sort.descending ? -1 : 1;
  return [...rows].sort((row, other) => {
    const [a, b] = [row.cells[sort.column]!, other.cells[sort.column]!];
    // If some answers are not scored, compare by the lower bound of the metric.
    const [x, y] = [a, b].map(({ value, bounds }) => value ?? bounds?.[0]);
    if (x !== undefined && y !== undefined) return sign * (x - y);
    if (x !== undefined || y !== undefined) return x === undefined ? 1 : -1;
    return sign * a.text.localeCompare(b.text, 'en', { numeric: true });
  });
}

/** Returns the sort order after a click. Numbers start with the largest, texts with the first in the alphabet. */
function nextSort(table: Table, sort: Sort | null, column: number): Sort | null {
  const first = table.columns[column]!.align === 'right';
  if (sort?.column !== column) return { column, descending: first };
  return sort.descending === first ? { column, descending: !first } : null;
}
