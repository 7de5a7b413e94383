import type { ComponentChildren } from 'preact';

/** A table that may be wider than its place: it can be scrolled by keys. */
export function Scrollable({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="table" role="region" aria-label={label} tabIndex={0}>
      <table>{children}</table>
    </div>
  );
}
