import type { ComponentChildren } from 'preact';
import { PAIR, viewOf, type ViewId } from '../../src/core/spatial/views/list.ts';

interface Props {
  original: ComponentChildren;
  mirror: ComponentChildren;
  flipped: boolean;
}

/** The same content for both views, side by side. Flipped, the mirror is shown in both places. */
export function Pair({ original, mirror, flipped }: Props) {
  return (
    <div class="pair">
      <Cell view={flipped ? PAIR[1] : PAIR[0]}>{flipped ? mirror : original}</Cell>
      <Cell view={PAIR[1]}>{mirror}</Cell>
    </div>
  );
}

/** One side of a pair, or something that looks like one. */
export function Cell({ view, children }: { view: ViewId; children: ComponentChildren }) {
  return (
    <div class="cell" data-view={view} data-label={viewOf(view).label}>
      {children}
    </div>
  );
}
