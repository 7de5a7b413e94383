import type { Piece } from '../../src/core/word-diff.ts';
import { thousands } from '../../src/core/labels.ts';
import { visible } from '../../src/core/escape.ts';

/** How many characters to show, since laying out a line of a megabyte would block the page. */
const SHOWN = 20_000;

/**
 * A text with its changed words marked. Shown as text, never as markup, and isolated from the direction of the text
 * around it.
 */
export function MarkedText({ parts }: { parts: readonly Piece[] }) {
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
