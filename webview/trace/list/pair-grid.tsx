import { useEffect, useRef, useState } from 'preact/hooks';
import type { PairId, TraceQuery, ListedPair } from '../../../src/core/run-data/trace-summary.ts';
import type { TraceList } from '../../../src/panels/trace/trace.contract.ts';
import { Grid, GridRow, HEAD, ROW } from '../../ui/grid.tsx';
import { placeAfter, useVirtualList } from '../../ui/virtual-list.ts';
import { useWidth } from '../../ui/hooks.ts';
import { type Column, fieldOf, verdictLabel } from './trace-columns.tsx';
import { useRows, type RowSource } from './list-rows.ts';

/** Height in pixels of the line with the question in a narrow list (list.css). */
const LINE = 20;
/** Minimum width in pixels of a list that has a separate column for questions. */
const ROOM = 480;

export interface PairGridProps {
  query: TraceQuery;
  /** Result of the query or, until it arrives, of the previous query; null before the first result. */
  list: TraceList | null;
  selected: PairId | null;
  source: RowSource;
  columns: readonly Column[];
  onOpen: (id: PairId) => void;
  /** Called when the user has chosen a pair. Moving along the list does not choose a pair. */
  onChosen?: () => void;
  /** Called on Enter or a double click, to open the pair. */
  onEnter: () => void;
  onSort: (sort: TraceQuery['sort']) => void;
}

/** Visible rows, under a header for sorting. The grid has the focus; the open pair is the active row. */
export function PairGrid(props: PairGridProps) {
  const { query, list, selected, source, columns, onOpen, onChosen, onEnter, onSort } = props;
  const box = useRef<HTMLDivElement>(null);
  const [total, setTotal] = useState(0);
  const width = useWidth(box);
  const below = width > 0 && width < ROOM && columns.length > 1 && columns.some(isQuestion);
  const rowHeight = below ? ROW + LINE : ROW;
  const lines = useVirtualList({ box, lineHeight: rowHeight, headHeight: HEAD, countIn: () => total });
  const { first, last, page, reveal } = lines;
  const shown = useRows(source, list, first, last - 1);
  useEffect(() => setTotal(shown?.list.total ?? 0), [shown]);
  const [at, go] = usePlace(source, shown, selected, reveal, onOpen);
  const open = at < 0 ? undefined : shown?.row(at);
  return (
    <>
      <Grid
        label="Pairs"
        {...{ box, columns, lines, rowHeight }}
        below={below ? QUESTION : undefined}
        count={total}
        active={at}
        sort={query.sort && { column: query.sort.field, descending: query.sort.descending }}
        onSort={(sort) => onSort(sort && { field: sort.column, descending: sort.descending })}
        onKeyDown={(event) => {
          if (event.target !== event.currentTarget || event.ctrlKey || event.altKey || event.metaKey) return;
          const to = placeAfter(event, at, { count: total, page });
          if (event.key === 'Enter') {
            onChosen?.();
            onEnter();
          } else if (to !== undefined) void go(to);
          else return;
          event.preventDefault();
        }}
      >
        {Array.from({ length: last - first }, (_, i) => first + i).map((index) => {
          const row = shown?.row(index);
          return (
            <GridRow
              key={index}
              row={index}
              {...{ lines, rowHeight }}
              selected={index === at}
              aria-busy={row === undefined}
              onClick={() => {
                void go(index);
                onChosen?.();
              }}
              onDblClick={onEnter}
            >
              <Cells row={row} columns={columns} />
            </GridRow>
          );
        })}
      </Grid>
      <p class="unseen" role="status">
        {open && `${at + 1} of ${total}, ${verdictLabel(open.verdict)}`}
      </p>
    </>
  );
}

const QUESTION = 'question';
const isQuestion = ({ name }: Column) => name === QUESTION;

/**
 * Returns the open pair's position in the list (−1 if the list lacks the pair), and a function that opens another pair.
 * Scrolls to pairs that other parts of the page have opened.
 */
function usePlace(
  source: RowSource,
  shown: ReturnType<typeof useRows>,
  selected: PairId | null,
  reveal: (place: number) => void,
  onOpen: (id: PairId) => void,
): [number, (place: number) => Promise<void>] {
  const [at, setAt] = useState(-1);
  /** Counter of moves. Positions that were requested before the last move are outdated. */
  const moves = useRef(0);
  /** Pair that was last opened from this list, at position `at` of `list`. */
  const openedHere = useRef<{ id: PairId; list: object } | null>(null);
  const isSelected = ({ step, pair }: PairId) => step === selected?.step && pair === selected.pair;
  useEffect(() => {
    if (!shown || !selected) return setAt(-1);
    if (openedHere.current?.list === shown && isSelected(openedHere.current.id)) return;
    openedHere.current = null;
    const row = at < 0 ? undefined : shown.row(at);
    if (row && isSelected(row)) return;
    let wanted = true;
    const before = moves.current;
    source.place(shown.list.list, selected).then(
      (place) => {
        if (!wanted || moves.current !== before) return;
        setAt(place);
        if (place >= 0) reveal(place);
      },
      () => undefined,
    );
    return () => {
      wanted = false;
    };
  }, [shown, selected?.step, selected?.pair]);
  const go = async (place: number) => {
    if (!shown || shown.list.total === 0 || place === at) return;
    const move = ++moves.current;
    setAt(place);
    reveal(place);
    const row = shown.row(place) ?? (await source.rows(shown.list.list, place, 1).catch(() => []))[0];
    if (!row || moves.current !== move) return;
    const id = { step: row.step, pair: row.pair };
    openedHere.current = { id, list: shown };
    onOpen(id);
  };
  return [at, go];
}

interface CellsProps {
  /** Data of the row; undefined while the row is loading. */
  row: ListedPair | undefined;
  columns: readonly Column[];
}

const Cells = ({ row, columns }: CellsProps) => (
  <>
    {columns.map((column, i) => (
      <div
        role="gridcell"
        class={column.type}
        data-column={column.name}
        aria-colindex={i + 1}
        title={row && column.type === 'text' ? String(fieldOf(row, column) ?? '') : undefined}
      >
        {row ? column.show(row) : i === 0 ? '…' : ''}
      </div>
    ))}
  </>
);
