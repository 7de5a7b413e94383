import { diffWordsWithSpace } from 'diff';

/** A piece of a text; `changed` if the other text has something else there. */
export interface Piece {
  text: string;
  changed: boolean;
}

/**
 * Splits two texts into pieces that they share, word by word, and pieces that only one of them has. Joining a text's
 * pieces gives the text. If the comparison takes too long, nothing is marked.
 */
export function wordDiff(before: string, after: string): { before: Piece[]; after: Piece[] } {
  const changes = diffWordsWithSpace(before, after, { timeout: 100 });
  if (!changes) return { before: whole(before), after: whole(after) };
  const piecesWithout = (other: 'added' | 'removed') =>
    changes
      .filter((change) => !change[other])
      .map(({ value, added, removed }) => ({ text: value, changed: added || removed }));
  return { before: piecesWithout('added'), after: piecesWithout('removed') };
}

const whole = (text: string): Piece[] => [{ text, changed: false }];
