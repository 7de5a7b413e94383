import { endsOf } from '../../src/core/metrics/metric.ts';
import { useRef, useState } from 'preact/hooks';
import type {
  RunSummary,
  RunsAction,
  RunsDifference,
  RunsSort,
} from '../../src/panels/runs/runs.contract.ts';
import { oneLine } from '../../src/base/escape.ts';
import { Grid, GridRow, HEAD, ROW } from '../ui/grid.tsx';
import { placeAfter, useVirtualList, type VirtualList } from '../ui/virtual-list.ts';
import { textOf, type Column } from './runs-columns.ts';

/** Maximum length of a name that is shown in full, in characters. Names in a sweep differ only at the end. */
const LONGEST_NAME = 44;
export interface Compared {
  dirs: readonly string[];
  differences: readonly RunsDifference[];
}

interface RunsTableProps {
  rows: readonly RunSummary[];
  columns: readonly Column[];
  sort: RunsSort | null;
  chosen: ReadonlySet<string>;
  compared: Compared;
  act: (action: RunsAction, dirs?: readonly string[]) => void;
  onChoose: (chosen: ReadonlySet<string>) => void;
  onSort: (sort: RunsSort) => void;
}

/** Visible rows, under a header for sorting. The grid has the focus; one row is active, several can be selected. */
export function RunsTable(props: RunsTableProps) {
  const { rows, columns, sort, chosen, compared, act, onSort } = props;
  const box = useRef<HTMLDivElement>(null);
  const lines = useVirtualList({ box, lineHeight: ROW, headHeight: HEAD, countIn: () => rows.length });
  const { active, onKeyDown, onClick } = useMoves(props, lines);
  const tagsOf = (dir: string) => {
    const place = compared.dirs.indexOf(dir);
    if (place < 0 || !chosen.has(dir)) return 'not selected';
    return compared.differences
      .map(({ path, values }) => `${path} ${values[place] ?? 'not set'}`)
      .join(' · ');
  };
  const tagged = chosen.size > 1 && compared.differences.length > 0;
  const letters = Math.min(LONGEST_NAME, Math.max(0, ...rows.map(({ name }) => name.length)));
  const shown = columns.filter(({ name }) => tagged || name !== 'differs');
  const all = shown.map((column) =>
    column.name === 'name' ? { ...column, width: `max(${column.width}, ${letters} * 1.1ch + 10px)` } : column,
  );
  return (
    <Grid
      label="Runs"
      multiple
      {...{ box, lines, active, sort, onSort, onKeyDown }}
      columns={all}
      count={rows.length}
    >
      {rows.slice(lines.first, lines.last).map((run, i) => {
        const row = lines.first + i;
        return (
          <GridRow
            key={run.dir}
            {...{ row, lines }}
            class={`row${active === row ? ' active' : ''}`}
            selected={chosen.has(run.dir)}
            onClick={(event) => onClick(row, event)}
            onDblClick={() => act('open', [run.dir])}
          >
            {all.map((column, c) => (
              <div
                key={column.name}
                role="gridcell"
                class={`${column.name} ${column.type ?? ''}`}
                aria-colindex={c + 1}
                title={column.name === 'note' ? oneLine(run.note, 400) : undefined}
              >
                <Cell
                  run={run}
                  column={column}
                  text={column.name === 'differs' ? tagsOf(run.dir) : textOf(run, column)}
                />
              </div>
            ))}
          </GridRow>
        );
      })}
    </Grid>
  );
}

/** Moves over the rows by keys and clicks. One row is active (−1: none). A selection starts from the active row. */
function useMoves({ rows, chosen, act, onChoose }: RunsTableProps, lines: VirtualList) {
  const [activeDir, setActive] = useState<string | null>(null);
  const anchor = useRef(0);
  // Keep the active run active after sorting or filtering.
  const active = rows.findIndex(({ dir }) => dir === activeDir);
  const at = Math.max(active, 0);
  const dirOf = (row: number) => rows[row]!.dir;

  const go = (row: number, extend: boolean) => {
    setActive(dirOf(row));
    lines.reveal(row);
    if (!extend) anchor.current = row;
    const [from, until] = [Math.min(anchor.current, row), Math.max(anchor.current, row)];
    onChoose(new Set(rows.slice(from, until + 1).map(({ dir }) => dir)));
  };
  const toggle = (row: number) => {
    const next = new Set(chosen);
    if (!next.delete(dirOf(row))) next.add(dirOf(row));
    anchor.current = row;
    setActive(dirOf(row));
    onChoose(next);
  };
  const keys: Record<string, () => void> = {
    ' ': () => toggle(at),
    Escape: () => onChoose(new Set()),
    Enter: () => act('open', [dirOf(at)]),
    t: () => act('openTraces', [dirOf(at)]),
    n: () => act('notes', [dirOf(at)]),
    F2: () => act('rename', [dirOf(at)]),
    Delete: () => act('delete', chosen.size > 0 ? [...chosen] : [dirOf(at)]),
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.altKey) return;
    const move = placeAfter(event, active, { count: rows.length, page: lines.page });
    if (event.ctrlKey || event.metaKey) {
      if (event.key !== 'a') return;
      onChoose(new Set(rows.map(({ dir }) => dir)));
    } else if (move !== undefined) go(move, event.shiftKey);
    else if (keys[event.key]) keys[event.key]!();
    else return;
    event.preventDefault();
  };
  const onClick = (row: number, { ctrlKey, metaKey, shiftKey }: MouseEvent) =>
    ctrlKey || metaKey ? toggle(row) : go(row, shiftKey);
  return { active, onKeyDown, onClick };
}

function Cell({ run, column, text }: { run: RunSummary; column: Column; text: string }) {
  if (text === '') return <span class="quiet">–</span>;
  if (column.name === 'both') {
    const [share, most] = endsOf(run.meter!.both)!;
    return (
      <span class="measure" title={run.meter!.diverges ? 'Gap between originals and mirrors' : undefined}>
        <span
          class={`bar${run.meter!.diverges ? ' diverging' : ''}`}
          style={{ '--share': share, '--most': most }}
        />
        {text}
        {run.meter!.diverges && <span class="quiet"> view gap</span>}
      </span>
    );
  }
  return <bdi title={column.name === 'data' ? run.data[0] : text}>{text}</bdi>;
}
