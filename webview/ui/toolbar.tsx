import type { ComponentChildren } from 'preact';
import { useRef, useEffect, useState } from 'preact/hooks';

interface Props {
  label: string;
  children: ComponentChildren;
}

/**
 * A menu that opens below a word. It closes when one of its buttons is pressed, on Escape, which focuses the word, and
 * when the user goes elsewhere.
 */
export function Menu({ label, children }: Props) {
  const details = useRef<HTMLDetailsElement>(null);
  const close = () => {
    if (details.current) details.current.open = false;
  };
  const back = () => {
    close();
    details.current?.querySelector('summary')!.focus();
  };
  return (
    <details
      ref={details}
      class="menu"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !details.current?.open) return;
        event.stopPropagation();
        back();
      }}
      onClick={({ target }) => (target as Element).closest('.button') && back()}
      onFocusOut={({ relatedTarget }) => {
        if (!details.current?.contains(relatedTarget as Node | null)) close();
      }}
    >
      <summary>{label}</summary>
      {children}
    </details>
  );
}

/** The same width as in the panels' style sheets; in narrower windows, columns are stacked. */
const NARROW = matchMedia('(width < 720px)');

/** Whether the window has room for only one column. */
export function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(NARROW.matches);
  useEffect(() => {
    const tell = () => setNarrow(NARROW.matches);
    NARROW.addEventListener('change', tell);
    return () => NARROW.removeEventListener('change', tell);
  }, []);
  return narrow;
}
