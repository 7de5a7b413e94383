/**
 * Runs `work` on every item, at most `atOnce` at a time, and yields the results in the order of the items. `work` is
 * also started in that order, so what it does before its first await happens one item after the other.
 */
export async function* inOrder<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  atOnce: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  for await (const item of items) {
    const result = work(item);
    result.catch(() => undefined); // a failure is reported when its turn comes
    running.push(result);
    if (running.length >= atOnce) yield await running.shift()!;
  }
  for (const result of running) yield await result;
}
