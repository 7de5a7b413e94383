const [QUOTE, BACKSLASH, COLON, COMMA] = [0x22, 0x5c, 0x3a, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
/** A longer name is not looked for. */
const MAX_NAME = 256;

/**
 * The bytes of one member's value in a JSON object, `{…, "name": [these], …}`, in bounded memory. Nothing comes if the
 * object has no such member; a repeated one comes once.
 */
export async function* jsonMember(stream: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  let depth = 0;
  let inString = false;
  let escaped = false;
  let isName = false;
  let letters: number[] = [];
  let isMember = false;
  for await (const chunk of stream) {
    let start = isMember ? 0 : -1;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inString = false;
        if (inString && isName && letters.length < MAX_NAME) letters.push(byte);
      } else if (byte === QUOTE) {
        inString = true;
        if (isName) letters = [];
      } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        depth += 1;
        if (depth === 1) isName = true;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        depth -= 1;
        if (depth === 0 && start >= 0) {
          yield chunk.subarray(start, i);
          return;
        }
      } else if (depth === 1 && byte === COLON && isName) {
        isName = false;
        isMember = Buffer.from(letters).toString('utf8') === name;
        if (isMember) start = i + 1;
      } else if (depth === 1 && byte === COMMA) {
        if (start >= 0) {
          yield chunk.subarray(start, i);
          return;
        }
        isName = true;
      }
    }
    if (start >= 0) yield chunk.subarray(start);
  }
}
