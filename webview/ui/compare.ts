import { diffWordsWithSpace } from 'diff';

export interface Part {
  text: string;
  changed: boolean;
}

/** Splits both texts into parts that they share, and parts that only one of them has. */
export function compare(original: string, mirror: string): { original: Part[]; mirror: Part[] } {
  // If the comparison takes too long, nothing is marked.
  const changes = diffWordsWithSpace(original, mirror, { timeout: 100 }) ?? [];
  const part = ({ value, added, removed }: (typeof changes)[number]): Part => ({
    text: value,
    changed: added || removed,
  });
  return changes.length > 0
    ? {
        original: changes.filter((change) => !change.added).map(part),
        mirror: changes.filter((change) => !change.removed).map(part),
      }
    : {
        original: [{ text: original, changed: false }],
        mirror: [{ text: mirror, changed: false }],
      };
}
