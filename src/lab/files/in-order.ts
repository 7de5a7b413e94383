/**
 * Runs `work` on items, at most `atOnce` concurrently, and yields the results in the order of the items. Calls also
 * start in this order, so that the code before the first await runs item by item.
 */
export async function* inOrder<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  atOnce: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  for await (const item of items) {
    const result = work(item);
    result.catch(() => undefined); // The failure is reported when the result is yielded.
    running.push(result);
    if (running.length >= atOnce) yield await running.shift()!;
  }
  for (const result of running) yield await result;
}
