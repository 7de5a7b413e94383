import { useState } from 'preact/hooks';
import { visible } from '../../src/core/reports/export/visible.ts';

/** A longer text is shown in parts: the layout of a line of a megabyte would hold up the page. */
const SHOWN = 20_000;

/** A stretch of a text with a look of its own: [start, end), not overlapping, in order. */
export interface MarkedRange {
  start: number;
  end: number;
  kind: string;
  title: string;
}

interface Props {
  text: string;
  /** Finds what to mark, in the part that is shown. */
  mark?: (text: string) => readonly MarkedRange[];
}

/** What a model or a file says: as text, never as markup, with a direction of writing that ends with it. */
export function UntrustedText({ text, mark }: Props) {
  const [limit, setLimit] = useState({ text, shown: SHOWN });
  const shown = limit.text === text ? limit.shown : SHOWN;
  const part = text.slice(0, shown);
  const parts = [];
  let at = 0;
  for (const { start, end, kind, title } of mark?.(part) ?? []) {
    parts.push(visible(part.slice(at, start)));
    parts.push(
      <em class={`word ${kind}`} title={title}>
        {visible(part.slice(start, end))}
      </em>,
    );
    at = end;
  }
  parts.push(visible(part.slice(at)));
  return (
    <>
      <bdi class="text">{parts}</bdi>
      {text.length > shown && (
        <button type="button" class="more" onClick={() => setLimit({ text, shown: 10 * shown })}>
          Show more of {text.length.toLocaleString('en')} characters
        </button>
      )}
    </>
  );
}
