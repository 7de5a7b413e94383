import { useEffect, useRef, useState } from 'preact/hooks';
import type { PairId, TraceSummary } from '../../../src/core/run-data/summary.ts';
import type { TraceList } from '../../../src/core/protocol/traces.ts';
import { openingsOf } from './openings.ts';

/** Where the rows of a list come from. */
export interface RowSource {
  rows(list: number, from: number, count: number): Promise<TraceSummary[]>;
  /** −1 where the list does not hold the pair. */
  place(list: number, id: PairId): Promise<number>;
}

const PAGE = 100;
/** Pages that are kept: a hundred screens. */
const PAGES = 60;

/** What of a list is here. */
class Pages {
  readonly pages = new Map<number, TraceSummary[]>();
  /** How its questions begin: learnt from the rows that came first, so that no row changes while one scrolls. */
  openings: readonly string[] | null = null;
  private readonly asked = new Set<number>();

  constructor(
    readonly list: TraceList,
    private readonly source: RowSource,
  ) {}

  row(place: number): TraceSummary | undefined {
    return this.pages.get(Math.floor(place / PAGE))?.[place % PAGE];
  }

  /** Fetches what is missing of a range; resolves to whether anything came. */
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
      this.openings ??= openingsOf(rows.map(({ question }) => question));
      this.pages.set(page, rows);
      if (this.pages.size > PAGES) this.pages.delete(this.pages.keys().next().value!);
    } catch {
      // The list is outdated: a newer one is on its way.
    } finally {
      this.asked.delete(page);
    }
  }
}

/**
 * The rows of a list, page by page as they are looked at. A new list is shown when its rows are here, so that nothing
 * flickers meanwhile.
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
