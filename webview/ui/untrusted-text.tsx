import { useState } from 'preact/hooks';
import { thousands } from '../../src/base/format.ts';
import { visible } from '../../src/base/escape.ts';
import type { Piece } from '../../src/base/word-diff.ts';

/** Number of characters to show at a time. The layout of a line with a megabyte of text would block the page. */
const SHOWN = 20_000;

/**
 * Text in which changed words are marked. It is shown as text, never as markup, and isolated from the direction of the
 * text around it.
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
      {length > SHOWN && <em>{` … ${thousands(length)} characters in total`}</em>}
    </p>
  );
}

/** Legend for the mark on changed words, shown if a text contains changed words. */
export const ChangedLegend = ({ parts }: { parts: readonly Piece[] }) =>
  parts.some(({ changed }) => changed) ? (
    <span class="quiet changed-legend">
      <mark>underlined</mark>: different words
    </span>
  ) : null;

/** Range [start, end) of a text with a separate style. Ranges are in order and do not overlap. */
export interface MarkedRange {
  start: number;
  end: number;
  kind: string;
  title: string;
}

interface UntrustedTextProps {
  text: string;
  /** Returns the ranges to mark in the displayed part of the text. */
  mark?: (text: string) => readonly MarkedRange[];
}

/**
 * Text from a model or a file, shown as text, never as markup, and isolated from the direction of the text around it.
 */
export function UntrustedText({ text, mark }: UntrustedTextProps) {
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
          {`Show More of ${thousands(text.length)} Characters`}
        </button>
      )}
    </>
  );
}
