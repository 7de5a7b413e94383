import { findReasoningWords, type ReasoningCategory } from '../../src/core/metrics/reasoning-words.ts';
import type { Stretch } from '../ui/said.tsx';

const CATEGORIES: Record<ReasoningCategory, string> = {
  hedge: 'hedging',
  cause: 'cause and conclusion',
  sequence: 'sequence',
  certainty: 'certainty',
  condition: 'condition',
};

/** What paper B points at in its examples beside those words [B-60]; no keywords, and so not counted as such. */
const PHRASES = /\b(?:I['’]ll need to|would be|suggests? it)\b/gi;

/** Reasoning words and hedges [B-58], each with its category, and the phrases of the paper's examples. */
export const markWords = (text: string): Stretch[] =>
  [
    ...findReasoningWords(text).map(({ start, end, category }) => ({
      ...{ start, end },
      kind: category,
      title: CATEGORIES[category],
    })),
    ...Array.from(text.matchAll(PHRASES), ({ 0: phrase, index }) => ({
      ...{ start: index, end: index + phrase.length },
      kind: 'phrase',
      title: 'a phrase that the paper points at',
    })),
  ].sort((a, b) => a.start - b.start);

/** How many there are of each, in the look that they have in the text. */
export function WordLegend({ text }: { text: string }) {
  const words = findReasoningWords(text.slice(0, 1_000_000));
  return (
    <p class="legend">
      {words.length} reasoning {words.length === 1 ? 'word' : 'words'} (the paper: 0.8 per response)
      {(Object.keys(CATEGORIES) as ReasoningCategory[]).map((category) => {
        const n = words.filter((word) => word.category === category).length;
        return n > 0 ? (
          <span>
            <em class={`word ${category}`}>{CATEGORIES[category]}</em> {n}
          </span>
        ) : null;
      })}
    </p>
  );
}
