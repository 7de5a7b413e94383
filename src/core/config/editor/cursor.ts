import { isCollection, isMap, isPair, isScalar, parseDocument, visit, type Document, type Node } from 'yaml';

/** Where a cursor stands in a config, as completion needs it. */
export interface Cursor {
  kind: 'key' | 'value';
  /** Keys from the top: for a key, those of its map; for a value, its own key too. List items add nothing. */
  path: string[];
  /** The word at the cursor, which a completion replaces: offsets in the text. */
  from: number;
  to: number;
  /** Whether the word stands between braces or brackets. */
  inFlow: boolean;
  /** Whether it has a quote before it. */
  quoted: boolean;
  /** Whether a colon follows, so that the key already has a value. */
  hasColon: boolean;
  /** The text without the word, which is usually valid even if the text is not. */
  rest: string;
}

/** A placeholder for what will be typed; nobody writes this word. */
const MARK = 'zzcursorzz';
const WORD = /[^\s,:{}[\]#"']/;

/**
 * Finds out where the cursor stands. Above the cursor, only lines that enclose it by indentation count, so the rest may
 * be broken.
 * @returns null where nothing of the config can stand: in comments and in texts of several lines.
 */
export function cursorAt(text: string, offset: number): Cursor | null {
  let from = offset;
  while (from > 0 && WORD.test(text[from - 1]!)) from--;
  let to = offset;
  while (to < text.length && WORD.test(text[to]!)) to++;
  const lineStart = text.lastIndexOf('\n', from - 1) + 1;
  const before = text.slice(lineStart, from);
  const after = /^[^\n]*/.exec(text.slice(to))![0];
  // A word alone on its line is a key without its colon yet; after a quote, it needs the closing quote.
  const alone = before.trim() === '';
  const quote = /["']$/.exec(before)?.[0] ?? '';
  const above = holdersOf(before, text.slice(0, lineStart).split(/\r?\n/).slice(0, -1));
  const found = findMark(parseDocument([...above, `${before}${MARK}${alone ? ': 0' : quote}`].join('\n')));
  if (!found) return null;
  const rest = text.slice(0, alone && after.trim() === '' ? lineStart : from) + text.slice(to);
  const hasColon = /^\s*:(?:\s|$)/.test(after);
  return { ...found, from, to, quoted: quote !== '', hasColon, rest };
}

const indentOf = (line: string): number => /^ */.exec(line)![0].length;

/** The lines above that a line belongs to: each less indented than the one below it. A list may stand under its key without more indentation. */
function holdersOf(line: string, above: readonly string[]): string[] {
  const reach = (each: string) => indentOf(each) + (/^ *- /.test(each) ? 1 : 0);
  const found: string[] = [];
  let limit = line.trim() === '' ? line.length : reach(line);
  for (const each of above.toReversed()) {
    if (/^\s*(?:#|$)/.test(each) || indentOf(each) >= limit) continue;
    found.unshift(each);
    limit = reach(each);
  }
  return found;
}

/** The mark as a whole key or a whole value; inside a longer text it is neither. */
function findMark(document: Document): Pick<Cursor, 'kind' | 'path' | 'inFlow'> | null {
  let found: Pick<Cursor, 'kind' | 'path' | 'inFlow'> | null = null;
  visit(document, {
    Scalar(key, node, ancestors) {
      if (node.value !== MARK) return;
      const path = ancestors.flatMap((each) =>
        isPair(each) && isScalar(each.key) ? [String(each.key.value)] : [],
      );
      const inFlow = ancestors.some((each) => isCollection(each) && each.flow === true);
      // In \`{ a: 1, b\` the word is a key whose value is still to come.
      if (key === 'key') found = { kind: 'key', path: path.slice(0, -1), inFlow };
      else if (path.length > 0) found = { kind: 'value', path, inFlow };
      return visit.BREAK;
    },
  });
  return found;
}

/** What stands at a place, for a hover: the path of the key or value there, and its place in the text. */
export function fieldAt(text: string, offset: number): { path: string[]; from: number; to: number } | null {
  const path: string[] = [];
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
