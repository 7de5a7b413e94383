import type { ComponentChildren } from 'preact';
import { PAIR, viewOf, type ViewId } from '../../src/rows/view-list.ts';

interface PairProps {
  original: ComponentChildren;
  mirror: ComponentChildren;
  flipped: boolean;
  /** Two views; if undefined, original and mirror. */
  views?: readonly [ViewId, ViewId] | undefined;
}

/** Content of the same kind for both views, side by side. When flipped, both sides show the second view. */
export function Pair({ original, mirror, flipped, views: [first, second] = PAIR }: PairProps) {
  return (
    <div class="pair">
      <Cell view={flipped ? second : first} isSecond={flipped}>
        {flipped ? mirror : original}
      </Cell>
      <Cell view={second} isSecond>
        {mirror}
      </Cell>
    </div>
  );
}

/** One side of a pair, or another cell with the same style. */
export function Cell(props: { view: ViewId; isSecond?: boolean; children: ComponentChildren }) {
  const { view, isSecond = false, children } = props;
  return (
    <div class={`cell${isSecond ? ' second' : ''}`} data-view={view} data-label={viewOf(view).label}>
      {children}
    </div>
  );
}
