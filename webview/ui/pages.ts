import { useEffect, useRef, useState } from 'preact/hooks';

interface Options<T> {
  /** Key of the list. Items with another key are not shown. */
  list: readonly unknown[];
  /** Value that changes when items of the list change. The old items remain until the new items are loaded. */
  version?: unknown;
  /** Number of items per page of the list. */
  size: number;
  /** Number of items in the list, which can grow. */
  count: number;
  /** Range of the visible items: from `first` to before `last`. */
  first: number;
  last: number;
  load: (places: number[]) => Promise<T[]>;
}

/** Returns the visible items of a list, by index. Loads the items page by page. */
export function usePages<T>({ list, version, size, count, first, last, load }: Options<T>): Map<number, T> {
  const cache = useRef({ list, version, pages: new Map<number, { length: number; items: T[] }>() });
  const shown = useRef(new Map<number, T>());
  const [, redraw] = useState(0);
  const before = cache.current;
  const isOther = list.some((part, i) => part !== before.list[i]);
  if (isOther) shown.current = new Map();
  if (isOther || version !== before.version) cache.current = { list, version, pages: new Map() };
  const { pages } = cache.current;
  useEffect(() => {
    for (let page = Math.floor(first / size); page * size < last; page++) {
      const start = page * size;
      const length = Math.min(size, count - start);
      const old = pages.get(page);
      if (old && old.length >= length) continue;
      pages.set(page, { length, items: old?.items ?? [] });
      load(Array.from({ length }, (_, i) => start + i)).then(
        (items) => {
          pages.set(page, { length, items });
          redraw((n) => n + 1);
        },
        () => pages.delete(page),
      );
    }
  }, [...list, version, count, first, last]);
  const items = new Map<number, T>();
  for (let place = first; place < last; place++) {
    const item = pages.get(Math.floor(place / size))?.items[place % size] ?? shown.current.get(place);
    if (item) items.set(place, item);
  }
  return (shown.current = items);
}
