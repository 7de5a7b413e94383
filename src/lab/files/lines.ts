/** A line of a text file without its ending (`\n` or `\r\n`), and its number from 1. */
export interface Line {
  number: number;
  text: string;
}

/** A line with its place in the stream: the offset of its first byte, and its length without `\n`. */
type LineAt = (Line | { number: number; text: null }) & { at: number; bytes: number };

/** The text of a longer line is dropped, so that one broken line cannot exhaust memory. */
const MAX_BYTES = 64 * 2 ** 20;

/**
 * Splits a byte stream into lines in bounded memory. Drops a byte-order mark; the text of a line that is too long is
 * null.
 */
export async function* lines(stream: AsyncIterable<Buffer>): AsyncGenerator<LineAt> {
  const decoder = new TextDecoder('utf-8');
  let number = 0;
  let at = 0;
  let parts: Buffer[] = [];
  let length = 0;
  const take = (): LineAt => {
    number += 1;
    const long = length > MAX_BYTES;
    let text = long ? null : decoder.decode(parts.length === 1 ? parts[0] : Buffer.concat(parts));
    if (text?.endsWith('\r')) text = text.slice(0, -1);
    const line = { number, text, at, bytes: length };
    at += length + 1;
    parts = [];
    length = 0;
    return line;
  };
  for await (const chunk of stream) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      parts.push(chunk.subarray(start, end));
      length += end - start;
      yield take();
      start = end + 1;
    }
    length += chunk.length - start;
    if (length <= MAX_BYTES) parts.push(chunk.subarray(start));
    else parts = [];
  }
  if (length > 0) yield take();
}
