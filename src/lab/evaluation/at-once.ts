import { setMaxListeners } from 'node:events';
import { inOrder } from '../files/in-order.ts';

/**
 * Works on many items at a time, and keeps each result as soon as it is there: an endpoint is paid for every one, and
 * none depends on the others.
 * @param keep called for one result after the other, in the order in which they arrive.
 * @throws the first failure, after it has aborted `stop` and all that was begun has ended.
 */
export async function eachAtOnce<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  atOnce: number,
  work: (item: T, stop: AbortSignal) => Promise<R>,
  keep: (item: T, result: R) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const failure = new AbortController();
  const stop = AbortSignal.any([failure.signal, ...(signal ? [signal] : [])]);
  // Everything under way listens to it; Node takes more than ten listeners for a leak, and prints a warning.
  setMaxListeners(0, stop);
  let kept = Promise.resolve();
  const running = new Set<Promise<void>>();
  const start = (item: T): Promise<void> => {
    const done = work(item, stop).then((result) => (kept = kept.then(() => keep(item, result))));
    running.add(done);
    done.then(
      () => running.delete(done),
      (error: unknown) => failure.abort(error),
    );
    return done;
  };
  try {
    const finished = inOrder(items, atOnce, start);
    while (!(await finished.next()).done) continue;
  } catch (error) {
    throw failure.signal.aborted ? failure.signal.reason : error;
  } finally {
    await Promise.allSettled(running);
  }
}
