import { setMaxListeners } from 'node:events';
import { inOrder } from '../files/in-order.ts';

/**
 * Processes many items concurrently, and stores each result immediately, because endpoints charge for every call.
 * @param keep called for one result after the other, in order of arrival.
 * @throws the first failure, after `stop` was aborted and all running work has ended.
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
  // All running work listens to this signal. Node warns of a leak at more than ten listeners.
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
