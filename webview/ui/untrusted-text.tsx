import { thousands } from '../../src/core/labels.ts';
import { useState } from 'preact/hooks';
import { visible } from '../../src/core/escape.ts';

/** How many characters to show at a time, since laying out a line of a megabyte would block the page. */
const SHOWN = 20_000;

/** A part of a text with its own style: [start, end), not overlapping, in order. */
export interface MarkedRange {
  start: number;
  end: number;
  kind: string;
  title: string;
}

interface Props {
  text: string;
  /** Finds the ranges to mark in the part that is shown. */
  mark?: (text: string) => readonly MarkedRange[];
}

/**
 * A text from a model or a file. Shown as text, never as markup, and isolated from the direction of the text around it.
 */
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
          Show more of {thousands(text.length)} characters
        </button>
      )}
    </>
  );
}
