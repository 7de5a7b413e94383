import { visible } from '../../src/core/reports/export/escape.ts';
import type { Part } from './compare.ts';

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
      {length > SHOWN && <em> … {length.toLocaleString('en')} characters in all</em>}
    </p>
  );
}
