import type { Part } from './compare.ts';

/** A text with its changed words marked. The text is shown as it is: never as markup. */
export function MarkedText({ parts }: { parts: readonly Part[] }) {
  return <p class="text">{parts.map(({ text, changed }) => (changed ? <mark>{text}</mark> : text))}</p>;
}
