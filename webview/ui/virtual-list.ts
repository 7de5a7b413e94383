import type { RefObject } from 'preact';
import { useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';

/*
 * Maximum height of a list in pixels. Browsers draw no element that is much higher (about 350,000 lines), and libraries
 * for virtual lists have this limit. In longer lists, a scrolled pixel covers more than one pixel of the content.
 */
const MAX_HEIGHT = 8_000_000;
/** Number of pixels to draw beyond the visible part of the list. */
const BEYOND = 200;

interface Options {
  /** Scrolling box. It contains a header (if any) that sticks to the top, and an element of height `drawn`. */
  box: RefObject<HTMLElement | null>;
  lineHeight: number;
  headHeight?: number;
  /** Returns the number of lines in a box of the given width. */
  countIn: (width: number) => number;
}

export interface VirtualList {
  /** Width of the scrolling box, in pixels. */
  width: number;
  /** Height of the scrolled content, without the header, in pixels. */
  drawn: number;
  /** Range of the lines to draw: from `first` to before `last`. */
  first: number;
  last: number;
  /** Position of the first drawn line below the header, in pixels. */
  offset: number;
  /** Number of lines by which PageDown scrolls. */
  page: number;
  onScroll: () => void;
  /** Scrolls to a line as soon as the list contains it, unless the line is completely visible. */
  reveal: (line: number) => void;
}

/**
 * Returns the index to which a key moves from the index `at` (−1 for none); undefined for a key without movement.
 * @param columns number of items per line, if the left and right keys also move
 */
export function placeAfter(
  { key }: KeyboardEvent,
  at: number,
  { count, page, columns }: { count: number; page: number; columns?: number },
): number | undefined {
  const line = columns ?? 1;
  const moves: Record<string, number> = {
    ArrowDown: line,
    ArrowUp: -line,
    PageDown: line * page,
    PageUp: -line * page,
    Home: -count,
    End: count,
    ...(columns && { ArrowRight: 1, ArrowLeft: -1 }),
  };
  const by = moves[key];
  return by === undefined ? undefined : Math.max(0, Math.min(at + by, count - 1));
}

/** Returns the visible lines of a box and a few lines around them, for lists of any length. */
export function useVirtualList({ box, lineHeight, headHeight = 0, countIn }: Options): VirtualList {
  const [scrolled, setScrolled] = useState(0);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const wanted = useRef<number | null>(null);
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => setSize(entry!.contentRect));
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);

  const { width } = size;
  // Use whole pixels, like `scrollTop`, because otherwise users could not reach the end of a very long list.
  const height = Math.max(Math.ceil(size.height) - headHeight, 0);
  const count = countIn(width);
  const full = count * lineHeight;
  const drawn = Math.min(full, MAX_HEIGHT);
  // If the list has become shorter, do not scroll beyond the end of the list.
  const top = Math.min(scrolled, Math.max(drawn - height, 0));
  // Use the share of the scrolled height, so that users can reach both ends of any list.
  const share = drawn > height ? top / (drawn - height) : 0;
  const exact = share * Math.max(full - height, 0);
  const first = Math.max(Math.floor((exact - BEYOND) / lineHeight), 0);
  const last = height > 0 ? Math.min(Math.ceil((exact + height + BEYOND) / lineHeight), count) : first;

  useLayoutEffect(() => {
    const line = wanted.current;
    if (line === null || line >= count || height === 0) return;
    wanted.current = null;
    const from = line * lineHeight;
    const scrollTopAt = (pixel: number) => (pixel / Math.max(full - height, 1)) * (drawn - height);
    const until = from + lineHeight - height;
    // Browsers scroll by whole pixels, and a pixel can stand for several pixels of the list; round so that the line is
    // completely visible.
    if (from < exact) box.current!.scrollTop = Math.floor(scrollTopAt(from));
    else if (until > exact) box.current!.scrollTop = Math.ceil(scrollTopAt(until));
  });
  return {
    width,
    drawn,
    first,
    last,
    offset: top - (exact - first * lineHeight),
    page: Math.max(Math.ceil(height / lineHeight) - 1, 1),
    onScroll: () => setScrolled(box.current!.scrollTop),
    reveal: (line) => {
      wanted.current = line;
      redraw(null);
    },
  };
}
