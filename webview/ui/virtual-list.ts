import type { RefObject } from 'preact';
import { useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';

/*
 * Lists whose lines all have one height. Browsers draw no element much higher than MAX_HEIGHT, about 350,000 lines, and
 * the libraries for virtual lists end there: in longer lists, a scrolled pixel is here more than one.
 */
const MAX_HEIGHT = 8_000_000;
/** Pixels beyond what is in sight that are drawn, too. */
const BEYOND = 200;

interface Options {
  /** The box that scrolls: a header, if any, that sticks to its top, and below it an element of the height `drawn`. */
  box: RefObject<HTMLElement | null>;
  lineHeight: number;
  headHeight?: number;
  /** The lines of a box of that width. */
  countIn: (width: number) => number;
}

interface VirtualList {
  /** Pixels of the box. */
  width: number;
  /** Pixels of what is scrolled in it, without the header. */
  drawn: number;
  /** The lines that are drawn: from the first to before the last. */
  first: number;
  last: number;
  /** Where the first of them is drawn, in pixels from the header. */
  offset: number;
  /** The lines that PageDown goes on by. */
  page: number;
  onScroll: () => void;
  /** Scrolls to a line as soon as the list has it, unless it is in sight as a whole. */
  reveal: (line: number) => void;
}

/** The lines of a box that are in sight, and a few around them, however many there are. */
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
  // Whole pixels, as `scrollTop` has them: else the end of a very long list could not be scrolled to.
  const height = Math.max(Math.ceil(size.height) - headHeight, 0);
  const count = countIn(width);
  const full = count * lineHeight;
  const drawn = Math.min(full, MAX_HEIGHT);
  // A list that became shorter is not scrolled beyond its end, whatever it was before.
  const top = Math.min(scrolled, Math.max(drawn - height, 0));
  // Share of what can be scrolled, so that the ends are the ends however long the list is.
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
    // Browsers scroll by whole pixels, each of which may be several of the list's: rounded so that the line is seen whole.
    if (from < exact) box.current!.scrollTop = Math.floor(scrollTopAt(from));
    else if (until > exact) box.current!.scrollTop = Math.ceil(scrollTopAt(until));
  });
  return {
    ...{ width, drawn, first, last },
    offset: top - (exact - first * lineHeight),
    page: Math.max(Math.ceil(height / lineHeight) - 1, 1),
    onScroll: () => setScrolled(box.current!.scrollTop),
    reveal: (line) => {
      wanted.current = line;
      redraw(null);
    },
  };
}
