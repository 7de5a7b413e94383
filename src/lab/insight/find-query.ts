import type { TextSpan } from '../../engines/inspector.ts';

/** A text of a prompt or completion, with its location. */
export interface PlacedText extends Pick<TextSpan, 'message' | 'part'> {
  text: string;
}

const WORD = /\p{L}[\p{L}\p{N}]*(?:[-'’_][\p{L}\p{N}]+)*|\d+(?:\.\d+)?|\S/gu;

/**
 * Finds a word or phrase as whole words, ignoring case. `word#2` is the second occurrence in the order of the texts.
 * Null if the texts do not contain the query.
 */
export function findQuery(texts: readonly PlacedText[], query: string): TextSpan | null {
  const [, phrase = query, number = '1'] = /^(.+)#(\d+)$/s.exec(query) ?? [];
  const wanted = phrase.trim().toLowerCase();
  if (wanted === '') return null;
  let left = Number(number);
  for (const { message, part, text } of texts) {
    const lower = text.toLowerCase();
    // In lower case, a few letters become longer, which would shift the offsets.
    const searched = lower.length === text.length ? lower : text;
    for (let at = searched.indexOf(wanted); at >= 0; at = searched.indexOf(wanted, at + 1)) {
      const end = at + wanted.length;
      if (isInsideWord(searched, at) || isInsideWord(searched, end)) continue;
      if (--left === 0) return { message, part, start: at, end };
    }
  }
  return null;
}

/** Returns the query for a token at its position. Returns '' for a token that is not a whole word. */
export function queryFor(texts: readonly PlacedText[], token: TextSpan & { text: string }): string {
  const word = token.text.trim();
  for (let n = 1; ; n++) {
    const query = n === 1 && !/#\d+$/.test(word) ? word : `${word}#${n}`;
    const span = findQuery(texts, query);
    if (!span) return '';
    const { message, part, start, end } = span;
    if (message === token.message && part === token.part && start >= token.start && end <= token.end)
      return query;
  }
}

const isInsideWord = (text: string, at: number): boolean =>
  /[\p{L}\p{N}]/u.test(text[at - 1] ?? '') && /[\p{L}\p{N}]/u.test(text[at] ?? '');

/**
 * Returns the span of a rewritten text that corresponds to a span of the original: the words with the same numbers, if
 * both texts have the same number of words. For example, "left" in the original corresponds to "right" in its mirror.
 */
export function correspondingSpan(original: string, span: TextSpan, rewritten: string): TextSpan | null {
  const [before, after] = [original, rewritten].map((text) => [...text.matchAll(WORD)]);
  if (before!.length !== after!.length) return null;
  const inside = before!.flatMap(({ index, 0: word }, i) =>
    index < span.end && index + word.length > span.start ? [i] : [],
  );
  if (inside.length === 0) return null;
  const [first, last] = [after![inside[0]!]!, after![inside.at(-1)!]!];
  return { ...span, start: first.index, end: last.index + last[0].length };
}
