import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { PairId } from '../../../src/core/run-data/trace-summary.ts';
import type { Wall } from '../../../src/core/run-data/wall.ts';
import type { VirtualList } from '../../ui/virtual-list.ts';
import type { WallLayout } from './layout.ts';
import { idAt, keyOf, placeOf, toggled, withRange, type Selection } from './selection.ts';

interface Options {
  wall: Wall;
  layout: WallLayout;
  lines: Pick<VirtualList, 'reveal' | 'page'>;
  /** The element with the tiles, which has the focus. */
  box: RefObject<HTMLElement | null>;
  selection: Selection;
  /** The pair that was opened last. */
  opened: PairId | null;
  onSelect: (selection: Selection) => void;
  onOpen: (id: PairId) => void;
}

/** Moves over the wall by keys and clicks: one tile is active, and others are selected from it. */
export function useMoves({ wall, layout, lines, box, selection, opened, onSelect, onOpen }: Options) {
  const total = wall.steps.length;
  const [at, setAt] = useState(0);
  const anchor = useRef(0);
  const active = Math.min(at, total - 1);

  // The active pair stays active in another order or filter.
  const activeId = useRef<PairId | null>(opened);
  useLayoutEffect(() => {
    const place = activeId.current ? placeOf(wall, activeId.current) : -1;
    setAt(Math.max(place, 0));
    anchor.current = Math.max(place, 0);
    if (place >= 0) lines.reveal(layout.lineOf(place));
    else box.current!.scrollTop = 0;
  }, [wall]);
  // Whoever is at a control of the wall, such as the slider that brought these tiles, stays there.
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
