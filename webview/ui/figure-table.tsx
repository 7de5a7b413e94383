import { useRef } from 'preact/hooks';
import { besideText, type Cell, type Table } from '../../src/core/reports/document.ts';
import { useScrollStop } from './hooks.ts';
import './figure-table.css';

interface FigureTableProps {
  table: Table;
  /** Opens the target of a row on Enter or Space. */
  open?: (key: string) => void;
}

/**
 * Table of a document, next to charts and controls. If the table is too wide, every row becomes a list, so that no text
 * is truncated. Only a map of shades, which can have gaps, scrolls next to the names of its rows.
 */
export function FigureTable({ table, open }: FigureTableProps) {
  const { caption, columns, rows, notes } = table;
  const frame = useRef<HTMLDivElement>(null);
  const isShaded = ({ shade, text }: Cell) => shade !== undefined || text === '';
  const isMap =
    rows.some(({ cells }) => cells.some(({ shade }) => shade !== undefined)) &&
    rows.every(({ cells }) => cells.slice(1).every(isShaded));
  useScrollStop(frame, (box) => {
    box.classList.remove('listed');
    box.classList.toggle('listed', !isMap && box.scrollWidth > box.clientWidth);
  });
  return (
    <div ref={frame} class="table" role="region" aria-label={caption}>
      <table class="figures">
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ title, align, note }, c) =>
              title === '' ? (
                <td key={c} />
              ) : (
                <th key={c} scope="col" class={align} title={note}>
                  {title}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ cells, key }, r) => (
            <tr key={key ?? r}>
              {cells.map((cell, c) =>
                c === 0 ? (
                  <th key={c} scope="row">
                    {key !== undefined && open ? (
                      <button type="button" class="link" onClick={() => open(key)}>
                        {cell.text}
                      </button>
                    ) : (
                      cell.text
                    )}
                  </th>
                ) : (
                  <Figure key={c} cell={cell} column={columns[c]!} />
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {notes.map((note) => (
        <p key={note} class="quiet">
          {note}
        </p>
      ))}
    </div>
  );
}

/** Cell of a table with its interval. A larger shade gives a stronger background. */
function Figure({ cell, column: { align, title } }: { cell: Cell; column: Table['columns'][number] }) {
  const { text, shade, note } = cell;
  const beside = besideText(cell, ', ');
  const strength = Math.round(100 * Math.min(1, Math.max(0, shade ?? 0)));
  return (
    <td
      class={align}
      data-title={title}
      dir={align === 'left' ? 'auto' : undefined}
      title={note}
      style={shade === undefined ? undefined : { '--strength': `${strength}%` }}
    >
      {text}
      {/* Do not use pale text on a shaded cell, because it would be hard to read. */}
      {beside && <span class={shade === undefined ? 'quiet' : undefined}> [{beside}]</span>}
    </td>
  );
}
