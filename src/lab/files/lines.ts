/** A line of a text file without its ending (`\n` or `\r\n`), and its number from 1. */
export interface Line {
  number: number;
  text: string;
}

/**
 * Splits a byte stream into lines in bounded memory. A byte-order mark is dropped. A line longer than `maxBytes` is
 * cut to nothing and reported as `null`, so that one broken line cannot exhaust memory.
 */
export async function* lines(
  stream: AsyncIterable<Buffer>,
  { maxBytes = 64 * 2 ** 20 } = {},
): AsyncGenerator<Line | { number: number; text: null }> {
  const decoder = new TextDecoder('utf-8');
  let number = 0;
  let parts: Buffer[] = [];
  let length = 0;
  const take = (): { number: number; text: string | null } => {
    number += 1;
    const long = length > maxBytes;
    let text = long ? null : decoder.decode(parts.length === 1 ? parts[0] : Buffer.concat(parts));
    if (text?.endsWith('\r')) text = text.slice(0, -1);
    parts = [];
    length = 0;
    return { number, text };
  };
  for await (const chunk of stream) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      parts.push(chunk.subarray(start, end));
      length += end - start;
      yield take() as Line;
      start = end + 1;
    }
    length += chunk.length - start;
    if (length <= maxBytes) parts.push(chunk.subarray(start));
    else parts = [];
  }
  if (length > 0) yield take() as Line;
}
