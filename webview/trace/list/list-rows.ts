import { countsOf } from '../../../src/base/numbers.ts';
import { useEffect, useRef, useState } from 'preact/hooks';
import { RecentMap } from '../../../src/base/recent-map.ts';
import type { PairId, ListedPair } from '../../../src/core/run-data/trace-summary.ts';
import type { TraceList } from '../../../src/panels/trace/trace.contract.ts';
import { inEnglish } from '../../../src/core/worlds/questions/in-english.ts';

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
  /** Shared openings of questions. Only the first loaded rows determine them, so that scrolling changes no row. */
  openings: readonly string[] | null = null;
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
      this.openings ??= openingsOf(rows.map(({ question }) => inEnglish(question)));
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

/** Minimum number of first words that questions from one template have in common. */
const FIRST_WORDS = 3;
/**
 * Minimum number of questions that share an opening. The next constants are the minimum share of these questions among
 * questions with the same first words, and the minimum length of the opening in characters.
 */
const LEAST_QUESTIONS = 5;
const LEAST_SHARE = 2 / 3;
const LEAST_LENGTH = 24;
/** Maximum length of a shared opening, in words. */
const MOST_WORDS = 30;

/**
 * Returns the shared openings of questions, longest first, in whole words. In a column, openings would take space from
 * the words that differ.
 */
export function openingsOf(questions: readonly string[]): string[] {
  const beginnings = [...new Set(questions)].map(beginningsOf);
  const counts = countsOf(beginnings.flat());
  const openings = beginnings.flatMap(([first = '', ...more]) => {
    const least = Math.max(LEAST_QUESTIONS, LEAST_SHARE * counts.get(first)!);
    return more.findLast((opening) => opening.length >= LEAST_LENGTH && counts.get(opening)! >= least) ?? [];
  });
  return [...new Set(openings)].sort((a, b) => b.length - a.length);
}

/** Returns a question without the opening that it shares with other questions. */
export function withoutOpening(question: string, openings: readonly string[]): string {
  const opening = openings.find((text) => question.startsWith(text));
  return opening === undefined || opening === question ? question : `…${question.slice(opening.length)}`;
}

/**
 * Returns the beginnings of a question in whole words, each with the following space, from `FIRST_WORDS` words on.
 * Excludes the whole question.
 */
function beginningsOf(question: string): string[] {
  return [...question.slice(0, 500).matchAll(/\s+/g)]
    .map(({ index, 0: blank }) => question.slice(0, index + blank.length))
    .slice(FIRST_WORDS - 1, MOST_WORDS)
    .filter((opening) => opening.length < question.length);
}
