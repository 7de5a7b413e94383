import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** Whether a thing is in the window or soon will be. */
export function useSeen(of: RefObject<Element | null>): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => setSeen(entry!.isIntersecting), {
      root: of.current!.closest('.columns'),
      rootMargin: '300px',
    });
    observer.observe(of.current!);
    return () => observer.disconnect();
  }, []);
  return seen;
}
