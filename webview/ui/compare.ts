import { diffWordsWithSpace } from 'diff';

export interface Part {
  text: string;
  changed: boolean;
}

/** Both texts in parts: what they share, and what is only in one of them. */
export function compare(original: string, mirror: string): { original: Part[]; mirror: Part[] } {
  // Without a common reading in reasonable time, nothing is marked.
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
