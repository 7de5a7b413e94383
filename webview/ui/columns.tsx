import { Button, Checkbox } from './controls.tsx';
import { Menu } from './toolbar.tsx';

/** The columns of tables and grids: their heads, and the menu that chooses them. */

/** A table's heads that only name their columns. */
export const Heads = ({ of }: { of: readonly string[] }) => (
  <thead>
    <tr>
      {of.map((head) => (
        <th key={head} scope="col">
          {head}
        </th>
      ))}
    </tr>
  </thead>
);

/** How a grid is sorted by a column; null if it is not. */
type Order = { descending: boolean } | null;

/** An order as `aria-sort` says it. */
export const sortedBy = (order: Order) =>
  order === null ? 'none' : order.descending ? 'descending' : 'ascending';

interface SortProps {
  label: string;
  doc: string;
  order: Order;
  set: (next: Order) => void;
}

/** The head of a column by which a grid can be sorted: ascending, then descending, then in its own order again. */
export const SortButton = ({ label, doc, order, set }: SortProps) => (
  <button
    type="button"
    title={`${doc} Click to sort.`}
    onClick={() => set(order?.descending ? null : { descending: order !== null })}
  >
    <span class="label">{label}</span>
    <span class="arrow" aria-hidden="true">
      {{ none: '', ascending: '▲', descending: '▼' }[sortedBy(order)]}
    </span>
  </button>
);

interface MenuProps {
  columns: readonly { name: string; label: string; doc: string }[];
  /** The names of the columns that are shown. */
  shown: readonly string[];
  /** The column that cannot be hidden. */
  needed?: string | undefined;
  /** Null stands for the default ones. */
  set: (shown: string[] | null) => void;
}

/** Lets the user choose columns. */
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
      <Button onClick={() => set(null)}>Default Columns</Button>
    </fieldset>
  </Menu>
);
