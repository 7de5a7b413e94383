import { useEffect, useRef, useState } from 'preact/hooks';
import type { PairId, TraceQuery, TraceSummary } from '../../../src/core/run-data/trace-summary.ts';
import type { TraceList } from '../../../src/core/protocol/trace-panel.ts';
import { valueOf } from '../../../src/core/run-data/fields.ts';
import { SortButton, sortedBy } from '../../ui/columns.tsx';
import { useVirtualList } from '../../ui/virtual-list.ts';
import { useWidth } from '../../ui/width.ts';
import { type Column, verdictLabel } from './columns.tsx';
import { useRows, type RowSource } from './rows.ts';

/** Heights in pixels: of a row, of the header, and of the line for questions in a narrow list. */
const ROW = 26;
const HEAD = 28;
const LINE = 20;
/** In a narrower list, questions do not fit into a column. */
const ROOM = 480;

const NO_OPENINGS: readonly string[] = [];

export interface PairGridProps {
  query: TraceQuery;
  /** The answer to the query, or to the previous one until it arrives; null if there is none yet. */
  list: TraceList | null;
  /** The open pair. */
  selected: PairId | null;
  source: RowSource;
  columns: readonly Column[];
  onOpen: (id: PairId) => void;
  /** Called on Enter or a double click, to go to the pair. */
  onEnter: () => void;
  onSort: (sort: TraceQuery['sort']) => void;
}

/** The visible rows, under a header that sorts. The grid has the focus; the open pair is its active row. */
export function PairGrid({ query, list, selected, source, columns, onOpen, onEnter, onSort }: PairGridProps) {
  const element = useRef<HTMLDivElement>(null);
  const [total, setTotal] = useState(0);
  const width = useWidth(element);
  const below = width > 0 && width < ROOM && columns.length > 1 && columns.some(isQuestion);
  const rowHeight = below ? ROW + LINE : ROW;
  const { drawn, first, last, offset, page, onScroll, reveal } = useVirtualList({
    box: element,
    lineHeight: rowHeight,
    headHeight: HEAD,
    countIn: () => total,
  });
  const shown = useRows(source, list, first, last - 1);
  useEffect(() => setTotal(shown?.list.total ?? 0), [shown]);
  const [at, setAt] = useSelectedIndex(source, shown, selected, reveal);

  const go = async (to: number) => {
    const place = Math.max(0, Math.min(to, total - 1));
    if (!shown || total === 0 || place === at) return;
    setAt(place);
    reveal(place);
    const row = shown.row(place) ?? (await source.rows(shown.list.list, place, 1).catch(() => []))[0];
    if (row) onOpen({ step: row.step, pair: row.pair });
  };
  const keys: Record<string, () => void> = {
    ArrowDown: () => void go(at + 1),
    ArrowUp: () => void go(Math.max(at, 1) - 1),
    PageDown: () => void go(at + page),
    PageUp: () => void go(at - page),
    Home: () => void go(0),
    End: () => void go(total - 1),
    Enter: onEnter,
  };
  const active = at >= first && at < last ? `trace-row-${at}` : undefined;
  const open = at < 0 ? undefined : shown?.row(at);
  const level = below ? columns.filter((column) => !isQuestion(column)) : columns;
  const tracks = level.map(({ width, grow }) => (grow ? `minmax(${width}, ${10 * grow}fr)` : width));
  return (
    <>
      <div
        ref={element}
        class={`grid${below ? ' below' : ''}`}
        role="grid"
        aria-label="Pairs"
        aria-rowcount={total + 1}
        aria-colcount={columns.length}
        aria-activedescendant={active}
        tabIndex={0}
        style={{
          '--columns': tracks.join(' '),
          '--least': `calc(${level.map(({ width }) => width).join(' + ')})`,
          '--row': `${rowHeight}px`,
          '--head': `${HEAD}px`,
          '--line': `${LINE}px`,
        }}
        onScroll={onScroll}
        onKeyDown={(event) => {
          const act = event.target === event.currentTarget ? keys[event.key] : undefined;
          if (!act || event.ctrlKey || event.altKey || event.metaKey) return;
          event.preventDefault();
          act();
        }}
      >
        <Head columns={columns} below={below} sort={query.sort} onSort={onSort} />
        <div class="body" role="rowgroup" style={{ height: `${drawn}px` }}>
          {Array.from({ length: last - first }, (_, i) => first + i).map((index) => (
            <Row
              key={index}
              index={index}
              top={offset + (index - first) * rowHeight}
              row={shown?.row(index)}
              columns={columns}
              openings={shown?.openings ?? NO_OPENINGS}
              selected={index === at}
              onClick={() => void go(index)}
              onEnter={onEnter}
            />
          ))}
        </div>
      </div>
      <p class="unseen" role="status">
        {open && `${at + 1} of ${total}, ${verdictLabel(open.verdict)}`}
      </p>
    </>
  );
}

const isQuestion = ({ name }: Column) => name === 'question';

/** The open pair's place in the list, −1 if it is not there. If it was opened elsewhere, scrolls to it. */
function useSelectedIndex(
  source: RowSource,
  shown: ReturnType<typeof useRows>,
  selected: PairId | null,
  reveal: (place: number) => void,
): [number, (place: number) => void] {
  const [at, setAt] = useState(-1);
  useEffect(() => {
    if (!shown || !selected) return setAt(-1);
    const row = at < 0 ? undefined : shown.row(at);
    if (row?.step === selected.step && row.pair === selected.pair) return;
    let wanted = true;
    source.place(shown.list.list, selected).then(
      (place) => {
        if (!wanted) return;
        setAt(place);
        if (place >= 0) reveal(place);
      },
      () => undefined,
    );
    return () => {
      wanted = false;
    };
  }, [shown, selected?.step, selected?.pair]);
  return [at, setAt];
}

function Head(props: {
  columns: readonly Column[];
  /** Whether questions have lines of their own, which need no heading. */
  below: boolean;
  sort: TraceQuery['sort'];
  onSort: PairGridProps['onSort'];
}) {
  const { columns, below, sort, onSort } = props;
  return (
    <div class="head" role="rowgroup">
      <div class="row" role="row" aria-rowindex={1}>
        {columns.map((column, i) => {
          if (below && isQuestion(column)) return null;
          const { name, label, doc, type } = column;
          const order = sort?.field === name ? sort : null;
          return (
            <div
              role="columnheader"
              class={type}
              data-column={name}
              aria-sort={sortedBy(order)}
              aria-colindex={i + 1}
            >
              <SortButton
                {...{ label, doc, order }}
                set={(next) => onSort(next && { ...next, field: name })}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface RowProps {
  index: number;
  top: number;
  row: TraceSummary | undefined;
  columns: readonly Column[];
  openings: readonly string[];
  selected: boolean;
  onClick: () => void;
  onEnter: () => void;
}

function Row({ index, top, row, columns, openings, selected, onClick, onEnter }: RowProps) {
  return (
    <div
      id={`trace-row-${index}`}
      class="row"
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      aria-busy={row === undefined}
      style={{ transform: `translateY(${top}px)` }}
      onClick={onClick}
      onDblClick={onEnter}
    >
      {columns.map((column, i) => (
        <div
          role="gridcell"
          class={column.type}
          data-column={column.name}
          aria-colindex={i + 1}
          title={row && column.type === 'text' ? String(valueOf(row, column) ?? '') : undefined}
        >
          {row ? column.show(row, openings) : i === 0 ? '…' : ''}
        </div>
      ))}
    </div>
  );
}
