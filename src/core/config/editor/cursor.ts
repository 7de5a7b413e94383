import {
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  parseDocument,
  visit,
  type Document,
  type Node,
} from 'yaml';
import { isTooLong } from '../config-source.ts';

export interface Cursor {
  kind: 'key' | 'value';
  /** Keys that lead to the map that contains a key, or to a value, with its own key. Lists add no keys. */
  path: string[];
  /** Offset of the start of the word at the cursor, which a completion replaces; `to` is the offset of its end. */
  from: number;
  to: number;
  /** True if the word at the cursor is inside braces or brackets. */
  inFlow: boolean;
  /** True if the word at the cursor is an item of a list. */
  inList: boolean;
  /** True if a quote precedes the word at the cursor. */
  quoted: boolean;
  /** True if a colon follows the word at the cursor, so that the key already has a value. */
  hasColon: boolean;
  /** Text without the word at the cursor. The rest is usually valid YAML, even if the whole text is not. */
  rest: string;
}

/** Placeholder for the word that the user is typing. No config contains this text. */
const MARK = 'zzcursorzz';
const WORD = /[^\s,:{}[\]#"']/;

/**
 * Finds the cursor's position in the structure of a config. Above the cursor, only lines that enclose it by indentation
 * count, so the other lines can be invalid YAML.
 * @returns null in comments and multi-line strings, which have no completions.
 */
export function cursorAt(text: string, offset: number): Cursor | null {
  if (isTooLong(text)) return null;
  let from = offset;
  while (from > 0 && WORD.test(text[from - 1]!)) from--;
  let to = offset;
  while (to < text.length && WORD.test(text[to]!)) to++;
  const lineStart = text.lastIndexOf('\n', from - 1) + 1;
  const before = text.slice(lineStart, from);
  const after = /^[^\n]*/.exec(text.slice(to))![0];
  // A word alone on its line is a key that lacks its colon. A word after an opening quote lacks the closing quote.
  const alone = before.trim() === '';
  const quote = /["']$/.exec(before)?.[0] ?? '';
  const above = holdersOf(before, text.slice(0, lineStart).split(/\r?\n/).slice(0, -1));
  const mark = findMark(parseDocument([...above, `${before}${MARK}${alone ? ': 0' : quote}`].join('\n')));
  if (!mark) return null;
  const rest = text.slice(0, alone && after.trim() === '' ? lineStart : from) + text.slice(to);
  const hasColon = /^\s*:(?:\s|$)/.test(after);
  return { ...mark, from, to, quoted: quote !== '', hasColon, rest };
}

const indentOf = (line: string): number => /^ */.exec(line)![0].length;

/**
 * Returns the lines above a line that enclose it, each less indented than the next. A list can be indented like its
 * key.
 */
function holdersOf(line: string, above: readonly string[]): string[] {
  const reach = (each: string) => indentOf(each) + (/^ *- /.test(each) ? 1 : 0);
  const keys: string[] = [];
  let limit = line.trim() === '' ? line.length : reach(line);
  for (const each of above.toReversed()) {
    if (/^\s*(?:#|$)/.test(each) || indentOf(each) >= limit) continue;
    keys.unshift(each);
    limit = reach(each);
  }
  return keys;
}

type Mark = Pick<Cursor, 'kind' | 'path' | 'inFlow' | 'inList'>;

/** Finds the placeholder if it is a whole key or value, not a part of a longer string. */
function findMark(document: Document): Mark | null {
  let mark: Mark | null = null;
  visit(document, {
    Scalar(key, node, ancestors) {
      if (node.value !== MARK) return;
      const path = ancestors.flatMap((each) =>
        isPair(each) && isScalar(each.key) ? [String(each.key.value)] : [],
      );
      const inFlow = ancestors.some((each) => isCollection(each) && each.flow === true);
      const inList = isSeq(ancestors.at(-1));
      // In `{ a: 1, b`, the word `b` is a key whose value is still missing.
      if (key === 'key') mark = { kind: 'key', path: path.slice(0, -1), inFlow, inList };
      else if (path.length > 0) mark = { kind: 'value', path, inFlow, inList };
      return visit.BREAK;
    },
  });
  return mark;
}

/** Returns the path of the key or value at an offset for a hover, with its range in the text. */
export function fieldAt(text: string, offset: number): { path: string[]; from: number; to: number } | null {
  const path: string[] = [];
  if (isTooLong(text)) return null;
  let node: unknown = parseDocument(text).contents;
  for (;;) {
    if (!isMap(node)) return null;
    const pair = node.items.find(({ key, value }) => within(key, offset) || within(value, offset));
    if (!pair || !isScalar(pair.key)) return null;
    path.push(String(pair.key.value));
    if (within(pair.key, offset)) return { path, ...spanOf(pair.key as Node) };
    if (!isMap(pair.value)) return { path, ...spanOf(pair.value as Node) };
    node = pair.value;
  }
}

const spanOf = (node: Node) => ({ from: node.range![0], to: node.range![1] });

function within(node: unknown, offset: number): boolean {
  const range = (node as Partial<Node> | null)?.range;
  return range != null && range[0] <= offset && offset <= range[1];
}
