import { thousands } from '../../src/core/labels.ts';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { oneLine } from '../../src/core/escape.ts';
import type { Channel } from '../../src/core/protocol/channel.ts';
import type { DataCard, DataHost } from '../../src/core/protocol/data-panel.ts';
import { Button } from '../ui/controls.tsx';
import { Thumbnail } from '../ui/thumbnail.tsx';
import { useVirtualList } from '../ui/virtual-list.ts';

const CARD_WIDTH = 190;
const CARD_HEIGHT = 236;
const PAGE = 24;

interface Props {
  /** The rows shown; null for all. */
  rows: Int32Array | null;
  count: number;
  host: Channel<DataHost>;
}

/** The rows as pictures. Only visible ones are requested and drawn. */
export function CardGrid({ rows, count, host }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [wanted, setActive] = useState(0);
  const active = Math.min(wanted, count - 1);
  const columnsIn = (width: number) => Math.max(1, Math.floor(width / CARD_WIDTH));
  const lines = useVirtualList({
    box,
    lineHeight: CARD_HEIGHT,
    countIn: (width) => Math.ceil(count / columnsIn(width)),
  });
  const columns = columnsIn(lines.width);
  const first = lines.first * columns;
  const last = Math.min(lines.last * columns, count);

  const before = useRef(rows);
  useLayoutEffect(() => {
    if (before.current === rows) return;
    before.current = rows;
    box.current!.scrollTop = 0;
    setActive(0);
  }, [rows]);

  const goTo = (place: number) => {
    const next = Math.max(0, Math.min(place, count - 1));
    setActive(next);
    lines.reveal(Math.floor(next / columns));
  };
  const cards = useCards(rows, count, first, last, host);
  const chosen = cards.get(active);
  const open = (card: DataCard | undefined) => card && host.notify('openRow', { line: card.line });
  return (
    <>
      <div
        class="grid"
        ref={box}
        role="listbox"
        tabIndex={0}
        aria-label="Rows"
        aria-activedescendant={active >= first && active < last ? `card-${active}` : undefined}
        onScroll={lines.onScroll}
        onKeyDown={(event) => {
          if (event.ctrlKey || event.altKey || event.metaKey) return;
          const by = MOVES[event.key]?.({ columns, page: lines.page, count });
          if (event.key === 'Enter') open(chosen);
          else if (by !== undefined) goTo(active + by);
          else return;
          event.preventDefault();
        }}
      >
        <div style={{ height: `${lines.drawn}px` }}>
          <div class="cards" style={{ transform: `translateY(${lines.offset}px)`, '--columns': columns }}>
            {Array.from({ length: last - first }, (_, i) => {
              const place = first + i;
              const card = cards.get(place);
              return (
                <Card
                  key={place}
                  {...{ place, count, card, host }}
                  active={place === active}
                  choose={() => {
                    setActive(place);
                    open(card);
                  }}
                />
              );
            })}
          </div>
        </div>
      </div>
      <footer>
        <span class="quiet">{chosen && `Line ${thousands(chosen.line)}`}</span>
        <Button k="Enter" title="Show the row and its mirror" disabled={!chosen} onClick={() => open(chosen)}>
          Show Pair
        </Button>
        <Button
          id="try-row"
          k="t"
          title="Ask a model about the row in the Playground"
          disabled={!chosen?.usable}
          onClick={() => chosen && host.notify('tryRow', { line: chosen.line })}
        >
          Try in Playground
        </Button>
      </footer>
    </>
  );
}

const MOVES: Record<string, (grid: { columns: number; page: number; count: number }) => number> = {
  ArrowRight: () => 1,
  ArrowLeft: () => -1,
  ArrowDown: ({ columns }) => columns,
  ArrowUp: ({ columns }) => -columns,
  PageDown: ({ columns, page }) => columns * page,
  PageUp: ({ columns, page }) => -columns * page,
  Home: ({ count }) => -count,
  End: ({ count }) => count,
};

interface CardProps {
  place: number;
  count: number;
  /** Undefined while it is loading. */
  card: DataCard | undefined;
  active: boolean;
  choose: () => void;
  host: Channel<DataHost>;
}

function Card({ place, count, card, active, choose, host }: CardProps) {
  return (
    <div
      id={`card-${place}`}
      class={`card${card && !card.image ? ' plain' : ''}`}
      role="option"
      aria-selected={active}
      aria-posinset={place + 1}
      aria-setsize={count}
      onClick={choose}
    >
      {(!card || card.image) && (
        <div class="picture">
          {card?.image && <Thumbnail image={card.image} load={(ref) => host.call('image', { ref })} />}
        </div>
      )}
      <div class="question" dir="auto">
        {card && !card.usable && <span aria-hidden="true">⚠ </span>}
        {card ? oneLine(card.question, 400) : '…'}
      </div>
      <div class="answer" dir="auto">
        {card && oneLine(card.answer, 200)}
      </div>
      <div class="quiet">{card ? `line ${thousands(card.line)}` : ''}</div>
    </div>
  );
}

/** The visible cards, by place. Requested pages are kept until the filter changes, or more of their rows are there. */
function useCards(
  rows: Int32Array | null,
  count: number,
  first: number,
  last: number,
  host: Channel<DataHost>,
): Map<number, DataCard> {
  const cache = useRef({ rows, pages: new Map<number, { length: number; cards: DataCard[] }>() });
  const [, redraw] = useState(0);
  if (cache.current.rows !== rows) cache.current = { rows, pages: new Map() };
  const { pages } = cache.current;
  useEffect(() => {
    for (let page = Math.floor(first / PAGE); page * PAGE < last; page++) {
      const start = page * PAGE;
      const length = Math.min(PAGE, count - start);
      const before = pages.get(page);
      if (before && before.length >= length) continue;
      pages.set(page, { length, cards: before?.cards ?? [] });
      const numbers = Array.from({ length }, (_, i) => rows?.[start + i] ?? start + i);
      host.call('cards', { rows: numbers }).then(
        (cards) => {
          pages.set(page, { length, cards });
          redraw((n) => n + 1);
        },
        () => pages.delete(page),
      );
    }
  }, [rows, count, first, last]);
  const cards = new Map<number, DataCard>();
  for (let place = first; place < last; place++) {
    const card = pages.get(Math.floor(place / PAGE))?.cards[place % PAGE];
    if (card) cards.set(place, card);
  }
  return cards;
}
