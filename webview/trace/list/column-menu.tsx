import { Menu } from '../../ui/menu.tsx';
import { COLUMNS, type Column } from './columns.tsx';

interface Props {
  shown: readonly Column[];
  onColumns: (columns: string[] | null) => void;
}

/** Which columns are shown. At least one is. */
export function ColumnMenu({ shown, onColumns }: Props) {
  const names: string[] = shown.map(({ name }) => name);
  return (
    <Menu label="Columns">
      <fieldset>
        <legend class="unseen">Columns</legend>
        {COLUMNS.map(({ name, label, doc }) => (
          <label title={doc}>
            <input
              type="checkbox"
              checked={names.includes(name)}
              disabled={names.length === 1 && names[0] === name}
              onChange={({ currentTarget }) =>
                onColumns(currentTarget.checked ? [...names, name] : names.filter((other) => other !== name))
              }
            />
            {label}
          </label>
        ))}
        <button type="button" onClick={() => onColumns(null)}>
          The usual ones
        </button>
      </fieldset>
    </Menu>
  );
}
