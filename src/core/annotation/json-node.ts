/** A JSON value with its place in the text: UTF-16 offsets, the end exclusive. */
export interface JsonNode {
  from: number;
  to: number;
  /** Of an object or a list, in the order of the text. */
  members?: Member[];
}

/** An entry of an object, or of a list with its index as the key. `at` is where its key, or the value, begins. */
export interface Member {
  key: string;
  at: number;
  node: JsonNode;
}

/** The value under a key; of equal keys the last one counts, as in JSON.parse. */
export const member = (node: JsonNode, key: string): JsonNode | undefined =>
  node.members?.findLast((m) => m.key === key)?.node;

/** The text stops being JSON at an offset. */
export class NotJson extends Error {
  constructor(readonly at: number) {
    super('Not valid JSON.');
  }
}

/** One token of JSON after white space. */
const TOKEN =
  // eslint-disable-next-line no-control-regex -- which JSON strings may not hold
  /[ \t\r\n]*(?<token>"(?:[^"\\\0-\x1f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\]:,])/y;

/**
 * The tree of a JSON text with places; `JSON.parse` tells neither places nor, in all engines, where it stopped.
 * @throws NotJson
 */
export function parseJson(text: string): JsonNode {
  let end = 0;
  let token = '';
  const next = () => {
    TOKEN.lastIndex = end;
    const match = TOKEN.exec(text);
    if (!match) throw new NotJson(text.slice(end).search(/[^ \t\r\n]|$/) + end);
    token = match.groups!.token!;
    end = TOKEN.lastIndex;
  };
  const expect = (wanted: string) => {
    if (token !== wanted) throw new NotJson(end - token.length);
  };
  const list = (open: number, close: string, item: (index: number) => Member): JsonNode => {
    const members: Member[] = [];
    next();
    for (let index = 0; token !== close; index++) {
      if (index > 0) {
        expect(',');
        next();
      }
      members.push(item(index));
      next();
    }
    return { from: open, to: end, members };
  };
  const value = (): JsonNode => {
    const from = end - token.length;
    if (token === '[')
      return list(from, ']', (index) => ({ key: String(index), at: end - token.length, node: value() }));
    if (token === '{') {
      return list(from, '}', () => {
        if (!token.startsWith('"')) expect('a key');
        const at = end - token.length;
        const key = JSON.parse(token) as string;
        next();
        expect(':');
        next();
        return { key, at, node: value() };
      });
    }
    if (/^[}\]:,]/.test(token)) expect('a value');
    return { from, to: end };
  };
  next();
  const row = value();
  if (text.slice(end).trim() !== '') throw new NotJson(text.slice(end).search(/\S/) + end);
  return row;
}
