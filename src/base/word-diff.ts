import { diffWordsWithSpace } from 'diff';

/** A piece of a text. `changed`: whether the other text differs in this piece. */
export interface Piece {
  text: string;
  changed: boolean;
}

/** Maximum number of different words. Above this number, no words are marked: marks would be slow and unreadable. */
const MOST_CHANGES = 1000;

/** Splits two texts into common and different pieces, word by word. The joined pieces of a text are the whole text. */
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
