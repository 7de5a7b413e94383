import { thousands } from '../../src/core/labels.ts';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { oneLine } from '../../src/core/escape.ts';
import type { RowLine } from '../../src/core/protocol/annotate.ts';
import type { VariantName } from '../../src/core/view-list.ts';
import { usePicture } from '../ui/pictures.ts';
import { useVirtualList } from '../ui/virtual-list.ts';
import { signOf, type Actions } from './panel-state.ts';
import { placeOf } from './queue.tsx';

/** That of a small picture and the space around it (annotate.css). */
const ROW_HEIGHT = 36;
const PAGE = 50;
const REST_MS = 400;

interface Props {
  /** How many rows are listed, and which ones; null for all. */
  rows: number;
  listed: Int32Array | null;
  /** The variant whose state the lines show. */
  variant: VariantName;
  version: number;
  /** True if the change came from typing: then the list is updated when the user pauses. */
  typing: boolean;
  row: number;
  actions: Actions;
}

/** The rows of the file. Only visible ones are requested and drawn. */
export function List({ rows, listed, variant, version, typing, row: open, actions }: Props) {
  const row = placeOf(listed, open);
  const rowAt = (place: number) =>
    listed ? (listed[Math.max(0, Math.min(place, rows - 1))] ?? open) : place;
  const box = useRef<HTMLDivElement>(null);
  const { drawn, first, last, offset, page, onScroll, reveal } = useVirtualList({
    box,
    lineHeight: ROW_HEIGHT,
    countIn: () => rows,
  });

  useLayoutEffect(() => reveal(row), [row, rows]);

  const rested = useRested(version, typing);
  const lines = useLines({ actions, variant, version: rested, listed }, first, last - first);
  return (
    <div
      class="list"
      ref={box}
      onScroll={onScroll}
      role="listbox"
      tabIndex={0}
      aria-label="Rows"
      aria-activedescendant={`row-${row}`}
      onKeyDown={(event) => {
        const by = MOVES[event.key]?.(page, rows);
        if (by === undefined) return;
        event.preventDefault();
        actions.goTo(rowAt(Math.max(0, Math.min(row + by, rows - 1))));
      }}
    >
      <div style={{ height: `${drawn}px` }}>
        <div style={{ transform: `translateY(${offset}px)` }}>
          {Array.from({ length: last - first }, (_, i) => {
            const index = first + i;
            const line = lines.get(index);
            return (
              <div
                key={index}
                id={`row-${index}`}
                class="line"
                role="option"
                aria-selected={rowAt(index) === open}
                aria-posinset={index + 1}
                aria-setsize={rows}
                onClick={() => actions.goTo(rowAt(index))}
              >
                <span class="number">{thousands(rowAt(index) + 1)}</span>
                <span class="sign" title={line ? signOf(variant, line.state).label : ''}>
                  {line ? signOf(variant, line.state).sign : ''}
                  <span class="unseen">{line && signOf(variant, line.state).label}</span>
                </span>
                <Small image={line?.image} actions={actions} />
                <span class="what" dir="auto">
                  {line ? oneLine(line.question, 300) : '…'}
                </span>
                {line && line.problems > 0 && (
                  <span class="wrong" title={`${line.problems} problems`}>
                    ⚠<span class="unseen">{line.problems} problems</span>
                  </span>
                )}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** The row's picture, small. Its place stays free while it is loading, or if there is none to show. */
function Small({ image, actions }: { image: RowLine['image'] | undefined; actions: Actions }) {
  const key = image && 'key' in image ? image.key : null;
  const loaded = usePicture(key, () => actions.host.call('image', { ref: image!.ref }));
  return (
    <span class="small">
      {/* No alternative text: the question beside it says what is asked about the picture. */}
      {loaded.state === 'shown' && <img src={loaded.picture.url} alt="" draggable={false} />}
    </span>
  );
}

const MOVES: Record<string, (page: number, rows: number) => number> = {
  ArrowDown: () => 1,
  ArrowUp: () => -1,
  PageDown: (page) => page,
  PageUp: (page) => -page,
  Home: (_, rows) => -rows,
  End: (_, rows) => rows,
};

/** The version to show; while the user is typing, it follows after a pause. */
function useRested(version: number, typing: boolean): number {
  const [rested, setRested] = useState(version);
  useEffect(() => {
    const timer = setTimeout(() => setRested(version), typing ? REST_MS : 0);
    return () => clearTimeout(timer);
  }, [version, typing]);
  return rested;
}

interface Source {
  actions: Actions;
  variant: VariantName;
  version: number;
  listed: Int32Array | null;
}

/** The visible lines, by place. Requested pages are kept until the file or the filter changes. */
function useLines(of: Source, first: number, count: number): Map<number, RowLine> {
  const { actions, variant, version, listed } = of;
  const cache = useRef({ of, pages: new Map<number, RowLine[] | null>() });
  const last = useRef(new Map<number, RowLine>());
  const [, redraw] = useState(0);
  const { of: before } = cache.current;
  const others = before.listed !== listed || before.variant !== variant;
  if (others) last.current = new Map();
  if (others || before.version !== version) cache.current = { of, pages: new Map() };
  const { pages } = cache.current;
  useEffect(() => {
    for (let page = Math.floor(first / PAGE); page * PAGE < first + count; page++) {
      if (pages.has(page)) continue;
      pages.set(page, null);
      const end = Math.min((page + 1) * PAGE, listed?.length ?? Infinity);
      const rows = listed
        ? [...listed.subarray(page * PAGE, end)]
        : Array.from({ length: PAGE }, (_, i) => page * PAGE + i);
      void actions.host.call('lines', { rows, variant }).then(
        (lines) => {
          pages.set(page, lines);
          redraw((n) => n + 1);
        },
        () => pages.delete(page),
      );
    }
  }, [version, variant, listed, first, count]);
  const lines = new Map<number, RowLine>();
  for (let place = first; place < first + count; place++) {
    // While a changed page is requested again, show the old lines.
    const line = pages.get(Math.floor(place / PAGE))?.[place % PAGE] ?? last.current.get(place);
    if (line) lines.set(place, line);
  }
  last.current = lines;
  return lines;
}
