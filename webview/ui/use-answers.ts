import { useEffect, useRef, useState } from 'preact/hooks';
import type { RefObject } from 'preact';

type Answer<T> = { state: 'asking' } | { state: 'answered'; value: T } | { state: 'failed'; why: string };

/**
 * Requests an answer again whenever the key changes, but one at a time: of the changes during a request, only the last
 * is requested. The previous answer stays until the new one arrives. Requests nothing while `wanted` is false.
 */
export function useAnswer<T>(key: string, wanted: boolean, ask: () => Promise<T>): Answer<T> {
  const [answer, setAnswer] = useState<Answer<T>>({ state: 'asking' });
  const work = useRef({ asked: '', busy: false, alive: true, latest: ask, key });
  Object.assign(work.current, { latest: ask, key });

  const start = () => {
    const now = work.current;
    if (now.busy || now.asked === now.key) return;
    now.asked = now.key;
    now.busy = true;
    now
      .latest()
      .then(
        (value): Answer<T> => ({ state: 'answered', value }),
        (error: unknown): Answer<T> => ({ state: 'failed', why: (error as Error).message }),
      )
      .then((settled) => {
        now.busy = false;
        if (!now.alive) return;
        setAnswer(settled);
        start();
      });
  };
  useEffect(() => {
    if (wanted) start();
  }, [key, wanted]);
  useEffect(
    () => () => {
      work.current.alive = false;
    },
    [],
  );
  return answer;
}

/** Whether an element is visible, or soon will be. */
export function useInView(of: RefObject<Element | null>): boolean {
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
