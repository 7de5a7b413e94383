import { thousands } from '../../src/core/labels.ts';
import { diffWordsWithSpace } from 'diff';
import { visible } from '../../src/core/reports/export/escape.ts';

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

/** How many characters to show, since laying out a line of a megabyte would block the page. */
const SHOWN = 20_000;

/**
 * A text with its changed words marked. Shown as text, never as markup, and isolated from the direction of the text
 * around it.
 */
export function MarkedText({ parts }: { parts: readonly Part[] }) {
  let left = SHOWN;
  const shown = parts.flatMap(({ text, changed }) => {
    const part = text.slice(0, left);
    left -= part.length;
    if (part === '') return [];
    return changed ? <mark>{visible(part)}</mark> : visible(part);
  });
  const length = parts.reduce((sum, { text }) => sum + text.length, 0);
  return (
    <p class="text">
      <bdi>{shown}</bdi>
      {length > SHOWN && <em> … {thousands(length)} characters in all</em>}
    </p>
  );
}
