import type { Problem } from '../../base/problem.ts';
import { parseJson, type JsonResult } from './parse-json.ts';
import type { RawRow } from './rows.ts';

const [QUOTE, BACKSLASH, COLON, COMMA, NEWLINE] = [0x22, 0x5c, 0x3a, 0x2c, 0x0a];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
/** Maximum length of a name that is compared with `member`, in bytes. */
const MAX_NAME = 256;
const isSpace = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/**
 * Yields the elements of one JSON list (as in LLaVA files), in bounded memory. With `member`, yields the elements of the
 * member's list in one object (`{…, "questions": […]}` as in CLEVR files), and nothing for a missing member. With
 * `keyed`, yields the objects of one object (`{"1": {…}, …}` as in GQA files), each with its key under `key`. `line` is
 * the line where an element begins. This function parses only commas and brackets of the list. Elements are decoded
 * separately, so that a bad element does not affect other elements. (Streaming parsers stop at the first bad element,
 * and stream-json and @streamparser/json were slower.) An element longer than `maxBytes`, or an incomplete last element,
 * is a row with an error.
 */
export async function* jsonElements(
  stream: AsyncIterable<Buffer>,
  {
    maxBytes = 64 * 2 ** 20,
    keyed = false,
    member,
  }: { maxBytes?: number; keyed?: boolean; member?: string } = {},
): AsyncGenerator<RawRow & { line: number }> {
  let line = 1;
  const [OPEN, CLOSE] = keyed ? [OPEN_OBJECT, CLOSE_OBJECT] : [OPEN_LIST, CLOSE_LIST];
  /** Number of open brackets: 0 before and after the list, 1 between the list's elements. */
  let depth = 0;
  let closed = false;
  /** Number of open brackets around the list. */
  let around = 0;
  /** Bytes of the last string around the list, and whether the list, or the member with the list, has been found. */
  let name: number[] = [];
  let isMember = member === undefined;
  let inString = false;
  let escaped = false;
  let element: { line: number; parts: Buffer[]; length: number } | null = null;

  const take = (piece: Buffer): RawRow & { line: number } => {
    const { line: at, parts, length } = element!;
    element = null;
    if (length + piece.length > maxBytes)
      return failed(at, 'long-element', 'The element is longer than 64 MiB.');
    const text = Buffer.concat([...parts, piece]).toString('utf8');
    return { line: at, ...(keyed ? withKey(parseJson(`{${text}}`)) : parseJson(text)) };
  };

  for await (const chunk of stream) {
    let start = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (byte === NEWLINE) line += 1;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inString = false;
        if (depth === 0 && inString && name.length < MAX_NAME) name.push(byte);
        continue;
      }
      if (depth === 0) {
        if (isMember && byte === OPEN && !closed) depth = 1;
        else if (closed || (isMember && member !== undefined)) {
          if (isSpace(byte)) continue;
          const what = closed ? 'Unexpected text after the end of the list.' : 'The value is not a list.';
          yield failed(line, 'json', what);
          return;
        } else if (byte === QUOTE) {
          inString = true;
          name = [];
        } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) around += 1;
        else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) around -= 1;
        else if (byte === COLON && around === 1) isMember ||= Buffer.from(name).toString('utf8') === member;
        continue;
      }
      if (depth === 1 && (byte === COMMA || byte === CLOSE)) {
        if (element) yield take(chunk.subarray(start, i));
        if (byte === CLOSE) {
          if (member !== undefined) return;
          depth = 0;
          closed = true;
        }
        continue;
      }
      if (!element && !isSpace(byte)) {
        element = { line, parts: [], length: 0 };
        start = i;
      }
      if (byte === QUOTE) inString = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth += 1;
      else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) depth -= 1;
    }
    if (element) {
      const rest = chunk.subarray(start);
      element.length += rest.length;
      if (element.length <= maxBytes) element.parts.push(rest);
      else element.parts = [];
    }
  }
  if (closed || !isMember) return;
  if (element) yield failed((element as { line: number }).line, 'json', 'The file ends inside this element.');
  else yield failed(line, 'json', depth === 0 ? 'The file contains no list.' : 'The list is not closed.');
}

/** Converts `{"12": {…}}` to `{key: "12", …}`. */
function withKey(result: JsonResult): JsonResult {
  const [entry] = Object.entries((result.value ?? {}) as Record<string, unknown>);
  if (!entry || typeof entry[1] !== 'object' || entry[1] === null) return result;
  return { ...result, value: { key: entry[0], ...entry[1] } };
}

function failed(line: number, code: string, message: string): RawRow & { line: number } {
  const problem: Problem = { severity: 'error', code, message };
  return { line, problem };
}
