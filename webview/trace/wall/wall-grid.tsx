import { useMemo, useRef, useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { PairId } from '../../../src/core/run-data/trace-summary.ts';
import type { Wall, WallGroup } from '../../../src/panels/trace/wall.contract.ts';
import type { TraceList } from '../../../src/panels/trace/trace.contract.ts';
import type { ImageBytes } from '../../../src/panels/pair/pair.contract.ts';
import { useVirtualList, type VirtualList } from '../../ui/virtual-list.ts';
import { useRows, type RowSource } from '../list/list-rows.ts';
import { WallLayout } from './layout.ts';
import { idAt, keyOf, type Selection, placeOf, toggled, withRange } from './selection.ts';
import { valueLabel, wallStates } from './wall-words.ts';
import { Heading, Tile } from './tile.tsx';
import type { RefObject } from 'preact';

/** Width and height of a tile, including the space after it, in pixels, as in wall.css. */
const WIDTH = 116;
const HEIGHT = 112;

interface WallGridProps {
  list: TraceList;
  wall: Wall;
  /** Field that groups the pairs; null without groups. */
  group: WallGroup | null;
  source: RowSource;
  /** Whether mirrors replace originals in all tiles. */
  swapped: boolean;
  selection: Selection;
  /** Pair that the user opened last; null before the first opening. */
  opened: PairId | null;
  onSelect: (selection: Selection) => void;
  onOpen: (id: PairId) => void;
  load: (id: PairId, frame: number) => Promise<ImageBytes>;
  /** Returns a key for the image of a row. */
  pictureOf: (sample: string) => string;
}

/** Tiles of the grid. Loads and draws only visible tiles. The container has the focus, and one tile is active. */
export function WallGrid(props: WallGridProps) {
  const { list, wall, group, source, swapped, selection, opened, onSelect, onOpen, load, pictureOf } = props;
  const box = useRef<HTMLDivElement>(null);
  const total = wall.steps.length;
  /** Whether the user reached the active tile with the keyboard, so that the tile's clip plays. */
  const [byKeys, setByKeys] = useState(false);
  const layoutIn = (width: number) =>
    new WallLayout(
      wall.groups.map(({ count }) => count),
      Math.max(1, Math.floor(width / WIDTH)),
      group !== null,
    );
  const lines = useVirtualList({ box, lineHeight: HEIGHT, countIn: (width) => layoutIn(width).lines });
  const layout = useMemo(() => layoutIn(lines.width), [wall, group, Math.floor(lines.width / WIDTH)]);
  const drawn = Array.from({ length: lines.last - lines.first }, (_, i) => layout.line(lines.first + i));
  const places = drawn.flat().flatMap((slot) => (slot.kind === 'pair' ? slot.place : []));
  const shown = useRows(source, list, places[0] ?? 0, places.at(-1) ?? 0);
  const kinds = wallStates(list.compared !== null, list.partners);
  const kind = (place: number) => kinds[wall.states[place]!]!;

  const counts = useMemo(() => countsByGroup(wall, kinds.length), [wall]);

  const { active, onKeyDown, onClick } = useMoves({
    wall,
    layout,
    lines,
    box,
    selection,
    opened,
    onSelect,
    onOpen,
  });
  const here = wall.groups[layout.groupOf(active)];
  // If all pairs of a group have one state, the group is named after it, so announce the name only once.
  const named = here && group && valueLabel(group, here.value) !== kind(active).label ? group : null;
  return (
    <>
      <div
        ref={box}
        // A tile under the pointer shows the mirror or, if all tiles show mirrors, the original.
        class={`tiles${list.partners === 'mirrors' ? ' of-mirrors' : ''}${swapped ? ' swapped' : ''}`}
        role="listbox"
        aria-multiselectable
        aria-label="Pairs"
        aria-activedescendant={places.includes(active) ? `tile-${active}` : undefined}
        tabIndex={0}
        onScroll={lines.onScroll}
        onKeyDown={(event) => {
          setByKeys(true);
          onKeyDown(event);
        }}
        onPointerDown={() => setByKeys(false)}
        onBlur={() => setByKeys(false)}
      >
        <div style={{ height: `${lines.drawn}px` }}>
          <div class="wall-lines stack" style={{ transform: `translateY(${lines.offset}px)` }}>
            {drawn.map((slots, i) => (
              <div
                key={lines.first + i}
                class={`wall-line${layout.indented && slots[0]?.kind === 'pair' ? ' continued' : ''}`}
                role="presentation"
              >
                {slots.map((slot) => {
                  if (slot.kind === 'heading') {
                    const { value, count } = wall.groups[slot.group]!;
                    return (
                      <Heading
                        key={`group ${slot.group}`}
                        label={valueLabel(group!, value)}
                        count={count}
                        states={kinds.map((kind, i) => ({ ...kind, count: counts[slot.group]![i]! }))}
                      />
                    );
                  }
                  const { place } = slot;
                  const id = idAt(wall, place);
                  const row = shown?.list.list === list.list ? shown.row(place) : undefined;
                  return (
                    <Tile
                      key={place}
                      {...{ place, total, row, ...kind(place) }}
                      active={place === active}
                      chosen={selection.has(keyOf(id))}
                      picture={row ? pictureOf(row.sample) : null}
                      plays={byKeys && place === active}
                      load={(frame) => load(id, frame)}
                      onClick={(event) => onClick(place, event)}
                      onDblClick={() => onOpen(id)}
                    />
                  );
                })}
              </div>
            ))}
          </div>
        </div>
      </div>
      <p class="unseen" role="status">
        {here &&
          `${active + 1} of ${total}, ${kind(active).label}${named ? `, ${valueLabel(named, here.value)}` : ''}${selection.size > 0 ? `, ${selection.size} selected` : ''}`}
      </p>
    </>
  );
}

function countsByGroup({ groups, states }: Wall, kinds: number): number[][] {
  let place = 0;
  return groups.map(({ count }) => {
    const counts = Array<number>(kinds).fill(0);
    for (const end = place + count; place < end; place++) counts[states[place]!]! += 1;
    return counts;
  });
}

interface Options {
  wall: Wall;
  layout: WallLayout;
  lines: Pick<VirtualList, 'reveal' | 'page'>;
  /** Element that contains the tiles and has the focus. */
  box: RefObject<HTMLElement | null>;
  selection: Selection;
  /** Pair that the user opened last; null before the first opening. */
  opened: PairId | null;
  onSelect: (selection: Selection) => void;
  onOpen: (id: PairId) => void;
}

/** Moves over the grid by keys and clicks. One tile is active, and a selection starts from the active tile. */
function useMoves({ wall, layout, lines, box, selection, opened, onSelect, onOpen }: Options) {
  const total = wall.steps.length;
  const [at, setAt] = useState(0);
  const anchor = useRef(0);
  const active = Math.min(at, total - 1);

  // Keep the active pair active after sorting or filtering.
  const activeId = useRef<PairId | null>(opened);
  useLayoutEffect(() => {
    const place = activeId.current ? placeOf(wall, activeId.current) : -1;
    setAt(Math.max(place, 0));
    anchor.current = Math.max(place, 0);
    if (place >= 0) lines.reveal(layout.lineOf(place));
    else box.current!.scrollTop = 0;
  }, [wall]);
  // Do not take the focus from a control of the grid, such as the slider whose change loaded the tiles.
  useEffect(() => {
    if (!document.activeElement?.closest('.wall')) box.current!.focus();
  }, []);

  const goTo = (place: number, extend = false) => {
    const next = Math.max(0, Math.min(place, total - 1));
    setAt(next);
    activeId.current = idAt(wall, next);
    lines.reveal(layout.lineOf(next));
    if (extend) onSelect(withRange(selection, wall, anchor.current, next));
    else anchor.current = next;
  };
  const moves: Record<string, () => number> = {
    ArrowRight: () => active + 1,
    ArrowLeft: () => active - 1,
    ArrowDown: () => layout.below(active, 1),
    ArrowUp: () => layout.below(active, -1),
    PageDown: () => layout.below(active, lines.page),
    PageUp: () => layout.below(active, -lines.page),
    Home: () => 0,
    End: () => total - 1,
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const move = moves[event.key];
    if (move) goTo(move(), event.shiftKey);
    else if (event.key === 'Enter') onOpen(idAt(wall, active));
    else if (event.key === ' ') {
      onSelect(toggled(selection, idAt(wall, active)));
      anchor.current = active;
    } else if (event.key === 'Escape' && selection.size > 0) onSelect(new Map());
    else return;
    event.preventDefault();
  };
  const onClick = (place: number, { shiftKey, ctrlKey, metaKey }: MouseEvent) => {
    if (shiftKey) return goTo(place, true);
    const id = idAt(wall, place);
    onSelect(ctrlKey || metaKey ? toggled(selection, id) : new Map([[keyOf(id), id]]));
    goTo(place);
  };
  return { active, onKeyDown, onClick };
}
