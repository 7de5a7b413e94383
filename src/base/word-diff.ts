import { diffWordsWithSpace } from 'diff';

/** A piece of a text; `changed` if the other text has something else there. */
export interface Piece {
  text: string;
  changed: boolean;
}

/** Texts that differ in more words are not marked: it would take long, and nobody reads them word by word. */
const MOST_CHANGES = 1000;

/**
 * Splits two texts into pieces that they share, word by word, and pieces that only one of them has. Joining a text's
 * pieces gives the text.
 */
export function wordDiff(before: string, after: string): { before: Piece[]; after: Piece[] } {
  const changes = diffWordsWithSpace(before, after, { maxEditLength: MOST_CHANGES });
  if (!changes) return { before: whole(before), after: whole(after) };
  const piecesWithout = (other: 'added' | 'removed') =>
    changes
      .filter((change) => !change[other])
      .map(({ value, added, removed }) => ({ text: value, changed: added || removed }));
  return { before: piecesWithout('added'), after: piecesWithout('removed') };
}

const whole = (text: string): Piece[] => [{ text, changed: false }];
