import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

/** Browsers draw no element much higher than this: in longer lists, a scrolled pixel is more than one. */
const MAX_HEIGHT = 8_000_000;

interface Scaled {
  /** Pixels of the box. */
  width: number;
  height: number;
  /** Pixels of what is scrolled in it. */
  drawn: number;
  /** The first line in sight, and how many fit. */
  first: number;
  seen: number;
  /** Where the first line is drawn. */
  offset: number;
  onScroll: () => void;
  /** Scrolls to a line, unless it is in sight as a whole. */
  reveal: (line: number) => void;
}

/** The lines of a box that are in sight, however many there are. @param countIn the lines, in a box of that width. */
export function useScaled(
  box: RefObject<HTMLElement | null>,
  lineHeight: number,
  countIn: (width: number) => number,
): Scaled {
  const [scrolled, setTop] = useState(0);
  const [{ width, height }, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => setSize(entry!.contentRect));
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);

  const full = countIn(width) * lineHeight;
  const drawn = Math.min(full, MAX_HEIGHT);
  // A list that became shorter is not scrolled beyond its end, whatever it was before.
  const top = Math.min(scrolled, Math.max(drawn - height, 0));
  // Share of what can be scrolled, so that the ends are the ends however long the list is.
  const share = drawn > height ? top / (drawn - height) : 0;
  const exact = share * Math.max(full - height, 0);
  const first = Math.floor(exact / lineHeight);
  return {
    ...{ width, height, drawn, first },
    seen: Math.ceil(height / lineHeight) + 1,
    offset: top - (exact - first * lineHeight),
    onScroll: () => setTop(box.current!.scrollTop),
    reveal: (line) => {
      const from = line * lineHeight;
      const goal = from < exact ? from : from + lineHeight - height;
      if (height === 0 || (from >= exact && goal <= exact)) return;
      box.current!.scrollTop = (goal / Math.max(full - height, 1)) * (drawn - height);
    },
  };
}
