import { useEffect, useRef, useState } from 'preact/hooks';
import { RecentMap } from '../../../src/base/recent-map.ts';
import type { PairId, ListedPair } from '../../../src/core/run-data/trace-summary.ts';
import type { TraceList } from '../../../src/panels/trace/trace.contract.ts';

export interface RowSource {
  rows(list: number, from: number, count: number): Promise<ListedPair[]>;
  /** Returns the position of a pair in a list; −1 if the list lacks the pair. */
  place(list: number, id: PairId): Promise<number>;
}

const PAGE = 100;
/** Maximum number of stored pages of rows, about a hundred screens. */
const PAGES = 60;

class Pages {
  readonly pages = new RecentMap<number, ListedPair[]>(PAGES);
  private readonly asked = new Set<number>();

  constructor(
    readonly list: TraceList,
    private readonly source: RowSource,
  ) {}

  row(place: number): ListedPair | undefined {
    return this.pages.get(Math.floor(place / PAGE))?.[place % PAGE];
  }

  /** Loads the missing rows of a range. @returns whether rows were loaded */
  async load(first: number, last: number): Promise<boolean> {
    const missing: number[] = [];
    for (let page = Math.floor(first / PAGE); page * PAGE <= Math.min(last, this.list.total - 1); page++) {
      if (!this.pages.has(page) && !this.asked.has(page)) missing.push(page);
    }
    await Promise.all(missing.map((page) => this.fetch(page)));
    return missing.length > 0;
  }

  private async fetch(page: number): Promise<void> {
    this.asked.add(page);
    try {
      const rows = await this.source.rows(this.list.list, page * PAGE, PAGE);
      this.pages.set(page, rows);
    } catch {
      // The list is outdated, so a newer list will follow.
    } finally {
      this.asked.delete(page);
    }
  }
}

/**
 * Returns the rows of a list. Loads pages of rows as they become visible. A new list replaces the old list only when
 * its rows are loaded, so that the display does not flicker.
 */
export function useRows(source: RowSource, list: TraceList | null, first: number, last: number) {
  const [shown, setShown] = useState<Pages | null>(null);
  const [, redraw] = useState(0);
  const range = useRef([first, last] as const);
  range.current = [first, last];
  useEffect(() => {
    if (!list) return setShown(null);
    let wanted = true;
    const pages = new Pages(list, source);
    const [from, to] = range.current;
    const inside = Math.min(from, Math.max(list.total - 1, 0));
    void pages.load(inside, Math.max(to, inside + 50)).then(() => wanted && setShown(pages));
    return () => {
      wanted = false;
    };
  }, [list?.list]);
  useEffect(() => {
    void shown?.load(first, last).then((came) => came && redraw((n) => n + 1));
  }, [shown, first, last]);
  return shown;
}
