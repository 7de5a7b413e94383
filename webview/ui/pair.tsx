import type { ComponentChildren } from 'preact';
import { PAIR, viewOf, type ViewId } from '../../src/core/spatial/views/list.ts';

interface Props {
  original: ComponentChildren;
  mirror: ComponentChildren;
  flipped: boolean;
  /** The second view, if it is not the mirror. */
  partner?: ViewId | undefined;
}

/** The same content for both views, side by side. Flipped, the second view is shown in both places. */
export function Pair({ original, mirror, flipped, partner = PAIR[1] }: Props) {
  return (
    <div class="pair">
      <Cell view={flipped ? partner : PAIR[0]}>{flipped ? mirror : original}</Cell>
      <Cell view={partner}>{mirror}</Cell>
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
