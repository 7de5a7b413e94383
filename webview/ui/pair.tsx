import type { ComponentChildren } from 'preact';

interface Props {
  original: ComponentChildren;
  mirror: ComponentChildren;
  flipped: boolean;
}

/** The same thing of both views, side by side. Flipped, the mirror stands in both places. */
export function Pair({ original, mirror, flipped }: Props) {
  return (
    <div class="pair">
      <div class="cell" data-view={flipped ? 'mirror' : 'original'}>
        {flipped ? mirror : original}
      </div>
      <div class="cell" data-view="mirror">
        {mirror}
      </div>
    </div>
  );
}
