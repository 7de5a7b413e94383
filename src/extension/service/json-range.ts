/** A part of a line: UTF-16 columns from 0, the end exclusive. */
export interface Range {
  from: number;
  to: number;
}

/** A JSON value with its place; `members` are the values of an object by key, or of a list by index. */
interface Node extends Range {
  members?: Map<string, Node>;
}

/** The text stops being JSON at a column. */
class NotJson extends Error {
  constructor(readonly at: number) {
    super();
  }
}

/**
 * Where a problem at `path` (`boxes[2]`, `variants.mirror.status`) stands in a row's JSON text: the value itself, or
 * the nearest part around it that exists. A problem of the row as a whole stands at its id, so that the eye finds a
 * name and not a long underlined line. In a text that is not JSON, it is the first character that cannot stand there.
 */
export function problemRange(text: string, path: string | undefined): Range {
  const whole = { from: Math.max(text.search(/\S/), 0), to: text.trimEnd().length };
  let row: Node;
  try {
    row = parse(text);
  } catch (error) {
    if (!(error instanceof NotJson)) return whole; // nested too deeply to walk
    const from = Math.max(Math.min(error.at, whole.to - 1), 0);
    return { from, to: from + 1 };
  }
  let node = row;
  for (const step of path?.match(/[^.[\]]+/g) ?? []) {
    const inner = node.members?.get(step);
    if (!inner) break;
    node = inner;
  }
  if (node === row) node = row.members?.get('id') ?? row;
  return { from: node.from, to: node.to };
}

/** One token of JSON after white space. */
const TOKEN =
  // eslint-disable-next-line no-control-regex -- which JSON strings may not hold
  /[ \t\r\n]*(?<token>"(?:[^"\\\0-\x1f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\]:,])/y;

/** `JSON.parse` tells neither places nor, in all engines, where it stopped. */
function parse(text: string): Node {
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
  const list = (open: number, close: string, item: (index: number) => [string, Node]): Node => {
    const members = new Map<string, Node>();
    next();
    for (let index = 0; token !== close; index++) {
      if (index > 0) {
        expect(',');
        next();
      }
      members.set(...item(index)); // of equal keys the last one counts, as in JSON.parse
      next();
    }
    return { from: open, to: end, members };
  };
  const value = (): Node => {
    const from = end - token.length;
    if (token === '[') return list(from, ']', (index) => [String(index), value()]);
    if (token === '{') {
      return list(from, '}', () => {
        if (!token.startsWith('"')) expect('a key');
        const key = JSON.parse(token) as string;
        next();
        expect(':');
        next();
        return [key, value()];
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
