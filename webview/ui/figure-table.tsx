import { besideText, type Cell, type Table } from '../../src/core/reports/document.ts';

interface Props {
  table: Table;
  /** Opens what a row with a key stands for. */
  open?: (key: string) => void;
}

/** A table of a document beside charts and controls. It may be wider than its place, and can be scrolled with keys. */
export const FigureTable = ({ table: { caption, columns, rows, notes }, open }: Props) => (
  <div class="table" role="region" aria-label={caption} tabIndex={0}>
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
                <Figure key={c} cell={cell} align={columns[c]!.align} />
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

/** A cell with its interval; its background is the stronger the larger its shade. */
function Figure({ cell, align }: { cell: Cell; align: string }) {
  const { text, shade, note } = cell;
  const beside = besideText(cell, ', ');
  const strength = Math.round(100 * Math.min(1, Math.max(0, shade ?? 0)));
  return (
    <td
      class={align}
      dir={align === 'left' ? 'auto' : undefined}
      title={note}
      style={shade === undefined ? undefined : { '--strength': `${strength}%` }}
    >
      {text}
      {/* On a shade, quiet letters would be hard to read. */}
      {beside && <span class={shade === undefined ? 'quiet' : undefined}> [{beside}]</span>}
    </td>
  );
}
