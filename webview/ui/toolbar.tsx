import type { ComponentChildren } from 'preact';
import { useRef, useEffect, useState } from 'preact/hooks';

interface Props {
  label: string;
  children: ComponentChildren;
}

/** What opens below a word. A button in it closes it, and Escape: then the word has the focus. So does going on elsewhere. */
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

/** As in the style sheets of panels: below this, what stands side by side elsewhere stands one above the other. */
const NARROW = matchMedia('(width < 720px)');

/** Whether the window has room for one column only. */
export function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(NARROW.matches);
  useEffect(() => {
    const tell = () => setNarrow(NARROW.matches);
    NARROW.addEventListener('change', tell);
    return () => NARROW.removeEventListener('change', tell);
  }, []);
  return narrow;
}
