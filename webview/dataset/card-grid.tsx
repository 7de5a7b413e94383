import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { thousands } from '../../src/base/format.ts';
import { oneLine } from '../../src/base/escape.ts';
import type { Channel } from '../../src/base/channel.ts';
import { stateLabel } from '../../src/base/labels.ts';
import type { DataCard, DataHost } from '../../src/panels/dataset/dataset.contract.ts';
import { Button } from '../ui/controls.tsx';
import { Thumbnail } from '../ui/thumbnail.tsx';
import { SeenSwitch } from '../ui/seen.tsx';
import { usePages } from '../ui/pages.ts';
import { placeAfter, useVirtualList } from '../ui/virtual-list.ts';
import { wordDiff } from '../../src/base/word-diff.ts';
import type { ImageRef } from '../../src/rows/sample/sample.ts';
import { ChangedLegend, MarkedText } from '../ui/untrusted-text.tsx';
import { inEnglish } from '../../src/core/worlds/questions/in-english.ts';

/** Minimum size of a card in px: with one image, and (next constant) with a pair of images. */
const CARD = { width: 190, height: 236 };
const PAIR = { width: 350, height: 282 };
const PAGE = 24;
/** One legend explains the marks in all cards. */
const CHANGED = [{ text: '', changed: true }];

interface CardGridProps {
  /** Rows that the grid shows; null to show all rows. */
  rows: Int32Array | null;
  count: number;
  /** Whether the file contains mirrors, which the grid then shows next to the originals. */
  paired: boolean;
  host: Channel<DataHost>;
}

/** Grid of rows as images, each next to its mirror if the file contains mirrors. Loads and draws only visible rows. */
export function CardGrid({ rows, count, paired, host }: CardGridProps) {
  const size = paired ? PAIR : CARD;
  const box = useRef<HTMLDivElement>(null);
  const [wanted, setActive] = useState(0);
  const active = Math.min(wanted, count - 1);
  /** Whether the user reached the active card with the keyboard, so that the card's clip plays. */
  const [byKeys, setByKeys] = useState(false);
  const columnsIn = (width: number) => Math.max(1, Math.floor(width / size.width));
  const lines = useVirtualList({
    box,
    lineHeight: size.height,
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
    setActive(place);
    lines.reveal(Math.floor(place / columns));
  };
  const cards = usePages({
    list: [rows],
    size: PAGE,
    count,
    first,
    last,
    load: (places) => host.call('cards', { rows: places.map((place) => rows?.[place] ?? place) }),
  });
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
          const to = placeAfter(event, active, { columns, page: lines.page, count });
          if (event.key === 'Enter') open(chosen);
          else if (to !== undefined) goTo(to);
          else return;
          setByKeys(true);
          event.preventDefault();
        }}
        onPointerDown={() => setByKeys(false)}
        onBlur={() => setByKeys(false)}
      >
        <div style={{ height: `${lines.drawn}px` }}>
          <div
            class="cards"
            style={{
              transform: `translateY(${lines.offset}px)`,
              '--columns': columns,
              '--height': `${size.height}px`,
            }}
          >
            {Array.from({ length: last - first }, (_, i) => {
              const place = first + i;
              const card = cards.get(place);
              return (
                <Card
                  key={place}
                  {...{ place, count, card, paired, host }}
                  active={place === active}
                  plays={byKeys && place === active}
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
        <span class="quiet">
          {paired && (
            <>
              original, then mirror <ChangedLegend parts={CHANGED} />
              {chosen && ' · '}
            </>
          )}
          {chosen && `Line ${thousands(chosen.line)}`}
        </span>
        <Button k="Enter" title="Show row and mirror" disabled={!chosen} onClick={() => open(chosen)}>
          Show Pair
        </Button>
        <Button
          id="try-row"
          k="t"
          title="Open row in the Playground"
          disabled={!chosen?.usable}
          onClick={() => chosen && host.notify('tryRow', { line: chosen.line })}
        >
          Try in Playground
        </Button>
        <SeenSwitch />
      </footer>
    </>
  );
}

interface CardProps {
  place: number;
  count: number;
  /** Data of the card; undefined while the card is loading. */
  card: DataCard | undefined;
  paired: boolean;
  active: boolean;
  /** Whether the clip plays. Every clip also plays under the pointer. */
  plays: boolean;
  choose: () => void;
  host: Channel<DataHost>;
}

function Card({ place, count, card, paired, active, plays, choose, host }: CardProps) {
  const mirror = card?.mirror;
  const texts = (key: 'question' | 'answer') => {
    const [one, other] = [card?.[key] ?? '', mirror?.[key] ?? ''].map((text) =>
      oneLine(inEnglish(text), 400),
    );
    return mirror ? wordDiff(one!, other!) : { before: [{ text: one!, changed: false }], after: [] };
  };
  const [question, answer] = [texts('question'), texts('answer')];
  const load = (ref: ImageRef) => host.call('image', { ref });
  /** Returns one view of a row: the view's image, question and answer. */
  const view = (side: 'before' | 'after') => (
    <div class={`view stack ${side === 'after' ? 'second' : 'first'}`}>
      {(!card || card.image) && (
        <div class="picture">
          {card?.image && <Thumbnail image={card.image} {...card.clip} {...{ plays, load }} />}
        </div>
      )}
      <div class="question" dir="auto" title={textOf(question[side])}>
        {card && !card.usable && <span aria-hidden="true">⚠ </span>}
        {card ? <MarkedText parts={question[side]} /> : '…'}
      </div>
      <div class="answer" dir="auto" title={textOf(answer[side])}>
        {card && <MarkedText parts={answer[side]} />}
      </div>
    </div>
  );
  return (
    <div
      id={`card-${place}`}
      class={`card stack${card && !card.image ? ' plain' : ''}`}
      role="option"
      aria-selected={active}
      aria-posinset={place + 1}
      aria-setsize={count}
      onClick={choose}
    >
      {paired ? (
        <div class="views">
          {view('before')}
          {mirror && mirror.state !== 'discarded' ? (
            view('after')
          ) : (
            <p class="quiet">{card?.usable && (mirror?.why ?? 'No mirror in the file')}</p>
          )}
        </div>
      ) : (
        view('before')
      )}
      <div class="quiet" title={mirror?.why}>
        {card ? `line ${thousands(card.line)}` : ''}
        {mirror && ` · ${stateText(mirror)}`}
      </div>
    </div>
  );
}

/** Returns the whole text, which the card can cut. */
const textOf = (parts: readonly { text: string }[]): string => parts.map(({ text }) => text).join('');

/** Returns the state of a row's mirror, and the reason why the rules abstain, as text. */
const stateText = ({ state, why }: NonNullable<DataCard['mirror']>): string =>
  state === 'deferred'
    ? `deferred: ${why}`
    : [stateLabel(state), state === 'mirrored' && why].filter(Boolean).join(', ');
