import type { ComponentChildren, JSX, RefObject } from 'preact';
import { Button, Checkbox, Menu } from './controls.tsx';
import type { VirtualList } from './virtual-list.ts';
import './grid.css';

/** Height of a row with one line, and (next constant) height of the head, in pixels. */
export const ROW = 26;
export const HEAD = 28;

export interface GridColumn {
  name: string;
  label: string;
  doc: string;
  /** Width as a CSS length: the minimum width and, for a column that does not grow, also the maximum width. */
  width: string;
  /** Share of the remaining width that the column gets. */
  grow?: number;
  /** Type of the column's values. Numbers are right-aligned. */
  type?: string;
  /** Whether the user cannot sort by the column. */
  fixed?: boolean;
}

interface GridProps {
  label: string;
  box: RefObject<HTMLDivElement | null>;
  columns: readonly GridColumn[];
  /** Column whose cells are on a separate line below the other cells, without a head. */
  below?: string | undefined;
  /** Number of rows. `lines`: the range of rows to draw. */
  count: number;
  lines: VirtualList;
  rowHeight?: number;
  /** Index of the active row; −1 if no row is active. */
  active: number;
  multiple?: boolean;
  sort: { column: string; descending: boolean } | null;
  onSort: (sort: GridProps['sort']) => void;
  onKeyDown: (event: KeyboardEvent) => void;
  /** Drawn rows as elements. */
  children: ComponentChildren;
}

/** Visible rows of a list, under a head for sorting. The grid has the focus, and one row is active. */
export function Grid(props: GridProps) {
  const { label, box, columns, below, count, lines, rowHeight = ROW, active, multiple, children } = props;
  const level = columns.filter(({ name }) => name !== below);
  const tracks = level.map(({ width, grow }) => (grow ? `minmax(${width}, ${10 * grow}fr)` : width));
  return (
    <div
      ref={box}
      class={`grid${below === undefined ? '' : ' below'}`}
      role="grid"
      aria-label={label}
      aria-multiselectable={multiple}
      aria-rowcount={count + 1}
      aria-colcount={columns.length}
      aria-activedescendant={active >= lines.first && active < lines.last ? rowId(active) : undefined}
      tabIndex={0}
      style={{
        '--columns': tracks.join(' '),
        '--least': `calc(${level.map(({ width }) => width).join(' + ')})`,
        '--row': `${rowHeight}px`,
        '--head': `${HEAD}px`,
      }}
      onScroll={lines.onScroll}
      onKeyDown={props.onKeyDown}
    >
      <div class="head" role="rowgroup">
        <div class="row" role="row" aria-rowindex={1}>
          {columns.map((column, i) => (
            <Head key={column.name} hidden={column.name === below} {...{ column, i }} {...props} />
          ))}
        </div>
      </div>
      <div class="body" role="rowgroup" style={{ height: `${lines.drawn}px` }}>
        {children}
      </div>
    </div>
  );
}

const rowId = (row: number) => `row-${row}`;

/** Head of a column. Clicks sort by the column: ascending, then descending, then in the list's original order. */
function Head(
  props: { column: GridColumn; i: number; hidden: boolean } & Pick<GridProps, 'sort' | 'onSort'>,
) {
  const { column, i, hidden, sort, onSort } = props;
  const { name, label, doc, type, fixed } = column;
  if (hidden) return null;
  const order = sort?.column !== name ? 'none' : sort.descending ? 'descending' : 'ascending';
  return (
    <div
      role="columnheader"
      class={type}
      aria-sort={fixed ? undefined : order}
      aria-colindex={i + 1}
      title={doc}
    >
      {fixed ? (
        <span class="label">{label}</span>
      ) : (
        <button
          type="button"
          title={`${doc} Click to sort.`}
          onClick={() =>
            onSort(order === 'descending' ? null : { column: name, descending: order === 'ascending' })
          }
        >
          <span class="label">{label}</span>
          <span class="arrow" aria-hidden="true">
            {{ none: '', ascending: '▲', descending: '▼' }[order]}
          </span>
        </button>
      )}
    </div>
  );
}

type RowProps = Omit<JSX.IntrinsicElements['div'], 'selected'> & {
  row: number;
  lines: VirtualList;
  rowHeight?: number;
  selected: boolean;
};

export const GridRow = ({ row, lines, rowHeight = ROW, selected, ...rest }: RowProps) => (
  <div
    id={rowId(row)}
    class="row"
    role="row"
    aria-rowindex={row + 2}
    aria-selected={selected}
    style={{ transform: `translateY(${lines.offset + (row - lines.first) * rowHeight}px)` }}
    {...rest}
  />
);

interface MenuProps {
  columns: readonly { name: string; label: string; doc: string }[];
  shown: readonly string[];
  /** Column that the user cannot hide. */
  needed?: string | undefined;
  /** Receives the names of the selected columns; null for the default columns. */
  set: (shown: string[] | null) => void;
}

export const ColumnMenu = ({ columns, shown, needed, set }: MenuProps) => (
  <Menu label="Columns">
    <fieldset>
      <legend class="unseen">Columns</legend>
      {columns.map(({ name, label, doc }) => (
        <Checkbox
          key={name}
          title={doc}
          checked={shown.includes(name)}
          disabled={name === needed}
          set={(checked) => set(checked ? [...shown, name] : shown.filter((other) => other !== name))}
        >
          {label}
        </Checkbox>
      ))}
      <Button onClick={() => set(null)}>Restore Default Columns</Button>
    </fieldset>
  </Menu>
);
