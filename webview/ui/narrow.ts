import { useEffect, useState } from 'preact/hooks';

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
