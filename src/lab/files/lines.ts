/** A line of a text file without its line break (`\n` or `\r\n`), and its number from 1. */
export interface Line {
  number: number;
  text: string;
}

/** A line with its offset in the stream and its length without `\n`, in bytes. */
type LineAt = (Line | { number: number; text: null }) & { at: number; bytes: number };

/** Maximum length of a line, in bytes. Text of a longer line is dropped to limit memory. */
const MAX_BYTES = 64 * 2 ** 20;

/**
 * Splits a byte stream into lines in bounded memory, without the byte-order mark. The text of an overlong line is null.
 * @param before number of lines before the stream
 */
export async function* lines(
  stream: AsyncIterable<Buffer> | Iterable<Buffer>,
  before = 0,
): AsyncGenerator<LineAt> {
  const decoder = new TextDecoder('utf-8');
  let number = before;
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

/** Whole lines of a file, with the number of lines and of rows (non-blank lines) before them. */
export interface LineChunk {
  bytes: Uint8Array;
  lines: number;
  rows: number;
}

/** Sizes in bytes of the first and the largest chunks. Small chunks come first, so all worker threads start early. */
const [FIRST_CHUNK, MAX_CHUNK] = [1 << 14, 1 << 18];

/**
 * Splits a byte stream after its first lines into chunks of whole lines. @param from number of earlier lines and rows
 */
export async function* lineChunks(
  stream: AsyncIterable<Buffer>,
  from: Pick<LineChunk, 'lines' | 'rows'>,
): AsyncGenerator<LineChunk> {
  let { lines, rows } = from;
  let skipped = 0;
  let parts: Buffer[] = [];
  let size = 0;
  let limit = FIRST_CHUNK;
  const take = (): LineChunk => {
    const chunk = { bytes: Buffer.concat(parts), lines, rows };
    for (let start = 0, end; start < size; start = end + 1) {
      end = chunk.bytes.indexOf(10, start);
      if (end < 0) end = size;
      lines += 1;
      rows += Number(!isBlank(chunk.bytes, start, end));
    }
    parts = [];
    size = 0;
    limit = Math.min(2 * limit, MAX_CHUNK);
    return chunk;
  };
  for await (let buffer of stream) {
    for (; skipped < from.lines && buffer.length > 0; buffer = buffer.subarray(buffer.indexOf(10) + 1)) {
      if (buffer.includes(10)) skipped += 1;
      else buffer = buffer.subarray(buffer.length);
    }
    while (buffer.length > 0) {
      const end = buffer.indexOf(10, Math.max(0, limit - size - 1));
      const part = end < 0 ? buffer : buffer.subarray(0, end + 1);
      // The text of a longer line is dropped when the line is read.
      if (size <= MAX_BYTES + MAX_CHUNK) {
        parts.push(part);
        size += part.length;
      } else if (end >= 0) {
        parts.push(part.subarray(-1));
        size += 1;
      }
      buffer = buffer.subarray(part.length);
      if (end >= 0) yield take();
    }
  }
  if (size > 0) yield take();
}

/** Whether a line contains only white space, as for `trim`. For most lines, one byte is enough to decide. */
function isBlank(bytes: Buffer, start: number, end: number): boolean {
  const first = bytes[start]!;
  if ((start < end && first > 32 && first < 128) || end - start > MAX_BYTES) return false;
  return bytes.toString('utf8', start, end).trim() === '';
}
