import { member, parseJson, type JsonNode } from './json-node.ts';

/** Keys and list indices from the row down: `['boxes', 2, 0]`. */
export type JsonPath = readonly (string | number)[];

/** A value that stands at a place of the row from now on; undefined takes it out. */
export interface Put {
  path: JsonPath;
  value: unknown;
}

/**
 * Puts a value into a row's JSON text, and leaves every other character as it was, so that a diff shows what was
 * edited, and numbers that JavaScript cannot hold (`1e400`, long ids) survive. What is new comes last in its object or
 * list, in the text's own spacing; objects that are missing on the way are made. `undefined` takes a key out.
 * @throws NotJson for a text that is none; Error where the path leads through a plain value or past a list's end.
 */
export function putJson(text: string, path: JsonPath, value: unknown): string {
  const row = parseJson(text);
  let node = row;
  for (const [depth, step] of path.entries()) {
    if (!node.members)
      throw new Error(`"${path.slice(0, depth).join('.')}" is neither an object nor a list.`);
    const inner = member(node, String(step));
    if (!inner) {
      if (value === undefined) return text;
      const rest = path.slice(depth + 1).reduceRight((inside, key) => ({ [key]: inside }), value);
      return append(text, node, step, rest);
    }
    if (value === undefined && depth === path.length - 1) return remove(text, node, String(step));
    node = inner;
  }
  return text.slice(0, node.from) + write(text, value) + text.slice(node.to);
}

function append(text: string, into: JsonNode, step: string | number, value: unknown): string {
  const members = into.members!;
  const isList = text[into.from] === '[';
  if (isList && step !== members.length)
    throw new Error(`There is no entry ${step} in a list of ${members.length}.`);
  const [comma, colon] = spacing(text);
  const key = isList ? '' : JSON.stringify(String(step)) + colon;
  const last = members.at(-1);
  const at = last ? last.node.to : into.from + 1;
  return text.slice(0, at) + (last ? comma : '') + key + write(text, value) + text.slice(at);
}

/** All entries under a key: were only the last of equal ones taken out, an older value would come back. */
function remove(text: string, from: JsonNode, key: string): string {
  const members = from.members!;
  const kept = members.findIndex((m) => m.key !== key);
  let left = text;
  for (let i = members.length - 1; i > kept && i > 0; i--) {
    const before = members[i - 1]!.node.to; // its comma goes too
    if (members[i]!.key === key) left = left.slice(0, before) + left.slice(members[i]!.node.to);
  }
  if (kept === 0) return left;
  // The leading ones go with the comma behind them; where nothing is kept, the loop has left the first one only.
  return left.slice(0, members[0]!.at) + left.slice(kept < 0 ? members[0]!.node.to : members[kept]!.at);
}

/** Comma and colon as the text writes them: `", "` as Python does, or `","`. */
function spacing(text: string): [comma: string, colon: string] {
  const spaced = /^\s*[{[]\s*"(?:[^"\\]|\\.)*"\s*:( ?)/.exec(text)?.[1] !== '';
  return spaced ? [', ', ': '] : [',', ':'];
}

/** A value in the text's spacing, on one line. */
function write(text: string, value: unknown): string {
  const [comma, colon] = spacing(text);
  if (Array.isArray(value)) return `[${value.map((item) => write(text, item)).join(comma)}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries.map(([key, item]) => JSON.stringify(key) + colon + write(text, item)).join(comma)}}`;
}
