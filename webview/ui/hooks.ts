import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { RefObject } from 'preact';

type Answer<T> = { state: 'asking' } | { state: 'answered'; value: T } | { state: 'failed'; why: string };

/**
 * Requests an answer whenever the key changes, one request at a time: of several changes during a request, only the
 * last is requested. The previous answer stays until the new answer arrives. Requests nothing while `wanted` is false.
 */
export function useAnswer<T>(key: string, wanted: boolean, ask: () => Promise<T>): Answer<T> {
  const [answer, setAnswer] = useState<Answer<T>>({ state: 'asking' });
  const work = useRef({ asked: '', busy: false, alive: true, latest: ask, key });
  Object.assign(work.current, { latest: ask, key });

  const start = () => {
    const now = work.current;
    if (now.busy || now.asked === now.key) return;
    now.asked = now.key;
    now.busy = true;
    now
      .latest()
      .then(
        (value): Answer<T> => ({ state: 'answered', value }),
        (error: unknown): Answer<T> => ({ state: 'failed', why: (error as Error).message }),
      )
      .then((settled) => {
        now.busy = false;
        if (!now.alive) return;
        setAnswer(settled);
        start();
      });
  };
  useEffect(() => {
    if (wanted) start();
  }, [key, wanted]);
  useEffect(
    () => () => {
      work.current.alive = false;
    },
    [],
  );
  return answer;
}

/** Returns whether an element is visible or close to the visible part of the page. */
export function useInView(element: RefObject<Element | null>): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => setSeen(entry!.isIntersecting), {
      root: element.current!.closest('main'),
      rootMargin: '300px',
    });
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, []);
  return seen;
}

/**
 * Lets keys scroll an element that is larger than its container. Elements that fit take no focus, because users expect
 * a focused element to have an action.
 * @param layOut lays out the content before the content is measured
 */
export function useScrollStop(
  element: RefObject<HTMLElement | null>,
  layOut: (box: HTMLElement) => void = () => undefined,
): void {
  const chosen = useRef(layOut);
  chosen.current = layOut;
  useLayoutEffect(() => {
    const box = element.current!;
    const look = () => {
      chosen.current(box);
      const scrolls = box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1;
      if (scrolls) box.tabIndex = 0;
      else box.removeAttribute('tabindex');
    };
    const size = new ResizeObserver(look);
    size.observe(box);
    const content = new MutationObserver(look);
    content.observe(box, { childList: true, characterData: true, subtree: true });
    look();
    return () => {
      size.disconnect();
      content.disconnect();
    };
  }, []);
}

/** Returns the width of an element's content in CSS pixels; 0 before the width is measured. */
export function useWidth(element: RefObject<Element | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(entry!.contentRect.width));
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, []);
  return width;
}

/** Delays work until no newer work has been requested for some time. */
class Later {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly ms: number) {}

  after(work: () => void): void {
    this.cancel();
    this.timer = setTimeout(work, this.ms);
  }

  /** Performs the work immediately, and drops waiting work. */
  now(work: () => void): void {
    this.cancel();
    work();
  }

  cancel(): void {
    clearTimeout(this.timer);
  }
}

/** @param ms delay of the work, in ms. When the component is removed, waiting work is dropped */
export function useLater(ms: number): Later {
  const [later] = useState(() => new Later(ms));
  useEffect(() => () => later.cancel(), []);
  return later;
}

/** Use the width in the panels' style sheets, because the columns are stacked in narrower windows. */
const narrowWindows = () => matchMedia('(width < 720px)');

/** Returns whether the window has space for only one column now. */
export const isNarrow = (): boolean => narrowWindows().matches;

/** Returns whether the window has space for only one column. Updates when the window's width changes. */
export function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(isNarrow);
  useEffect(() => {
    const list = narrowWindows();
    const tell = () => setNarrow(list.matches);
    list.addEventListener('change', tell);
    return () => list.removeEventListener('change', tell);
  }, []);
  return narrow;
}
