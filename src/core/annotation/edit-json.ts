import { parseTree, type Node, type ParseError } from 'jsonc-parser';

/** Keys and list indices that lead from the row to a value, such as `['boxes', 2, 0]`. */
export type JsonPath = readonly (string | number)[];

/** A new value at a path in the row; undefined removes the value. */
export interface FieldChange {
  path: JsonPath;
  value: unknown;
}

/** Error for a text that is not valid JSON from an offset on. */
export class NotJson extends Error {
  constructor(readonly at: number) {
    super('Not valid JSON.');
  }
}

/** Parses a JSON text into a tree; offsets count UTF-16 units. @throws NotJson */
export function jsonTree(text: string): Node {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { disallowComments: true });
  if (!tree || errors.length > 0) throw new NotJson(errors[0]?.offset ?? 0);
  return tree;
}

/**
 * Returns the value under a key or index. Of equal keys, the last key counts, as in JSON.parse (`findNodeAtLocation`
 * uses the first key).
 */
export function valueAt(node: Node, step: string | number): Node | undefined {
  const entry = node.children?.findLast((_, i) => isAt(node, i, step));
  return node.type === 'object' ? entry?.children![1] : entry;
}

const isAt = ({ type, children }: Node, i: number, step: string | number): boolean =>
  String(type === 'object' ? children![i]!.children![0]!.value : i) === String(step);

const endOf = ({ offset, length }: Node): number => offset + length;

/**
 * Sets a value in a row's JSON text without changing other characters. So diffs are minimal, and numbers outside
 * JavaScript's range (`1e400`, long ids) are preserved. New entries are added at the end of their object or list, with
 * the spacing of the text; missing objects along the path are created. `undefined` removes a key.
 * jsonc-parser's `modify` is not suitable: it edits the first of equal keys, breaks lists (`[1,2]` without its last
 * entry becomes `[12]`), and uses several lines or its own spacing.
 * @throws NotJson if the text is not JSON; Error if the path leads through a plain value or past a list's end.
 */
export function setInJson(text: string, path: JsonPath, value: unknown): string {
  let node = jsonTree(text);
  for (const [depth, step] of path.entries()) {
    if (!node.children)
      throw new Error(
        `Cannot set "${path.join('.')}": ${depth === 0 ? 'the row' : `"${path.slice(0, depth).join('.')}"`} is neither an object nor a list.`,
      );
    const inner = valueAt(node, step);
    if (!inner) {
      if (value === undefined) return text;
      const rest = path.slice(depth + 1).reduceRight((inside, key) => ({ [key]: inside }), value);
      return append(text, node, step, rest);
    }
    if (value === undefined && depth === path.length - 1) return remove(text, node, step);
    node = inner;
  }
  return text.slice(0, node.offset) + write(text, value) + text.slice(endOf(node));
}

function append(text: string, into: Node, step: string | number, value: unknown): string {
  const entries = into.children!;
  const isList = into.type === 'array';
  if (isList && step !== entries.length)
    throw new Error(`Entry ${step} does not exist in a list of ${entries.length}.`);
  const [comma, colon] = spacing(text);
  const key = isList ? '' : JSON.stringify(String(step)) + colon;
  const last = entries.at(-1);
  const at = last ? endOf(last) : into.offset + 1;
  return text.slice(0, at) + (last ? comma : '') + key + write(text, value) + text.slice(at);
}

/** Removes all entries with the same key: removing only the last entry would restore an older value. */
function remove(text: string, from: Node, step: string | number): string {
  const entries = from.children!;
  const first = entries.findIndex((_, i) => !isAt(from, i, step));
  // Removes the comma before each removed entry; the first remaining entry moves to the start.
  const kept = entries.map((entry, i) =>
    isAt(from, i, step) ? '' : text.slice(i === first ? entry.offset : endOf(entries[i - 1]!), endOf(entry)),
  );
  return text.slice(0, entries[0]!.offset) + kept.join('') + text.slice(endOf(entries.at(-1)!));
}

/** Returns the comma and the colon with the white space that the JSON text uses: `", "` as in Python, or `","`. */
function spacing(text: string): [comma: string, colon: string] {
  const spaced = /^\s*[{[]\s*"(?:[^"\\]|\\.)*"\s*:( ?)/.exec(text)?.[1] !== '';
  return spaced ? [', ', ': '] : [',', ':'];
}

/** Writes a value as JSON on one line, with the white space style of the text. */
function write(text: string, value: unknown): string {
  const [comma, colon] = spacing(text);
  if (Array.isArray(value)) return `[${value.map((item) => write(text, item)).join(comma)}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries.map(([key, item]) => JSON.stringify(key) + colon + write(text, item)).join(comma)}}`;
}
