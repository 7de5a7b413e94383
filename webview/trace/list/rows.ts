import { useEffect, useRef, useState } from 'preact/hooks';
import type { PairId, TraceSummary } from '../../../src/core/run-data/summary.ts';
import type { TraceList } from '../../../src/core/protocol/traces.ts';

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

/** Questions that begin with the same words are taken for those of one template. */
const FIRST_WORDS = 3;
/** What fewer questions share is no template's, and what is shorter is read at a glance. */
const LEAST_QUESTIONS = 5;
const LEAST_SHARE = 2 / 3;
const LEAST_LENGTH = 24;
/** No template begins with more words. */
const MOST_WORDS = 30;

/**
 * How the questions of a template begin, the longest first: the whole words that most of them share. In a
 * column a beginning that many rows share says nothing, and takes the room of what they differ in.
 */
export function openingsOf(questions: readonly string[]): string[] {
  const beginnings = [...new Set(questions)].map(beginningsOf);
  const counts = new Map<string, number>();
  for (const opening of beginnings.flat()) counts.set(opening, (counts.get(opening) ?? 0) + 1);
  const openings = beginnings.flatMap(([first = '', ...more]) => {
    const least = Math.max(LEAST_QUESTIONS, LEAST_SHARE * counts.get(first)!);
    return more.findLast((opening) => opening.length >= LEAST_LENGTH && counts.get(opening)! >= least) ?? [];
  });
  return [...new Set(openings)].sort((a, b) => b.length - a.length);
}

/** A question from where it differs from others of its template. */
export function withoutOpening(question: string, openings: readonly string[]): string {
  const opening = openings.find((text) => question.startsWith(text));
  return opening === undefined || opening === question ? question : `…${question.slice(opening.length)}`;
}

/** Its beginnings in whole words, with the blank that follows, from the first words on; the whole of it is none. */
function beginningsOf(question: string): string[] {
  return [...question.slice(0, 500).matchAll(/\s+/g)]
    .map(({ index, 0: blank }) => question.slice(0, index + blank.length))
    .slice(FIRST_WORDS - 1, MOST_WORDS)
    .filter((opening) => opening.length < question.length);
}
