import {
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  stringify,
  visit,
  type Pair,
  type ScalarTag,
  type ToStringOptions,
  type YAMLMap,
} from 'yaml';
import type { Problem } from '../../base/problem.ts';
import { RecentMap } from '../../base/recent-map.ts';

export interface ConfigProblem extends Problem {
  /** File that contains the problem: the config itself, or the preset that it is based on. */
  file: string;
  /** Line of the problem, from 1. */
  line?: number;
  column?: number;
}

/** Formats a problem as `svqa.run.yaml:3:5: error: message`, with the fix on a separate line. */
export const problemText = ({ file, line, column, severity, message, fix }: ConfigProblem): string =>
  [`${file}:${line}:${column}: ${severity}: ${message}`, ...(fix ? [`  ${fix}`] : [])].join('\n');

/** A parsed YAML file, or a node of it with the node's position in the config. */
export interface Source {
  file: string;
  lines: LineCounter;
  node: unknown;
  /** Config path of the node; by default, the top of the config. */
  under?: readonly string[];
}

export interface Parsed {
  source: Source;
  /** Values parsed from the YAML; null if the YAML cannot be read. Of a repeated key, the last value. */
  tree: unknown;
  problems: ConfigProblem[];
}

const NEVER = /^(?!)/;
/** Number with an exponent and without a point, which YAML 1.1 parses as a string. */
const dotted: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  default: true,
  identify: (value) => typeof value === 'number' && /^-?\de/.test(String(value)),
  test: NEVER,
  resolve: Number,
  stringify: ({ value }) => String(value).replace('e', '.0e'),
};
/** A string that YAML 1.1 parses as another type, but that the YAML library parses as a string. */
const equals: ScalarTag = {
  tag: 'tag:yaml.org,2002:str',
  default: true,
  identify: (value) => value === '=',
  test: NEVER,
  resolve: String,
  stringify: () => '"="',
};

/**
 * Writes a value as YAML that parsers of YAML 1.1 (PyYAML) and 1.2 read alike: `"off"` and `1.0e-8`. In YAML 1.1, `off`
 * is false and `1e-8` is a string.
 */
export const yamlText = (
  value: unknown,
  layout: Pick<ToStringOptions, 'collectionStyle' | 'lineWidth' | 'flowCollectionPadding'> = {},
): string =>
  stringify(value, { ...layout, compat: 'yaml-1.1', customTags: (tags) => [dotted, equals, ...tags] });

/** Maximum nesting of a config. The limit makes recursive functions on the tree safe. */
const MAX_DEPTH = 64;
const TOO_DEEP = `The config is nested more than ${MAX_DEPTH} levels deep.`;

/** Returns the offset at which a tree exceeds `MAX_DEPTH`; null if the tree is within the limit. */
function depthEnd(node: unknown, depth = 0): number | null {
  if (isPair(node)) return depthEnd(node.value, depth) ?? depthEnd(node.key, depth);
  if (!isMap(node) && !isSeq(node)) return null;
  if (depth === MAX_DEPTH) return node.range?.[0] ?? 0;
  for (const item of node.items) {
    const end = depthEnd(item, depth + 1);
    if (end !== null) return end;
  }
  return null;
}

/**
 * Maximum number of unclosed brackets, checked before parsing, because the parser's time grows with the square of the
 * depth. Brackets in quotes also count, but no real config has so many.
 */
const MAX_OPEN = 1000;

function opensTooMany(text: string): boolean {
  if (/^(?: *[-?] ){1000}/m.test(text)) return true;
  let open = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    open = bracket === '[' || bracket === '{' ? open + 1 : Math.max(open - 1, 0);
    if (open > MAX_OPEN) return true;
  }
  return false;
}

/** Maximum size of a config, because the parser's time grows with the square of the number of keys. */
const MAX_CHARACTERS = 1 << 18;
const MAX_ENTRIES = 1200;
const TOO_LONG = `The config is too long. The maximum is ${MAX_ENTRIES} lines and entries, and ${MAX_CHARACTERS} characters.`;

/** Whether a text is too long for a config and must not be parsed. */
export function isTooLong(text: string): boolean {
  if (text.length > MAX_CHARACTERS) return true;
  let entries = 0;
  for (const { length } of text.matchAll(/[\n,]+/g)) if ((entries += length) > MAX_ENTRIES) return true;
  return false;
}

/**
 * Nodes, values and line starts of a text; null if the text is nested too deeply for the parser. `values` throws if an
 * alias has no anchor, or if there are too many aliases.
 */
type Nodes = {
  document: ReturnType<typeof parseDocument>;
  values: () => unknown;
  lines: LineCounter;
} | null;

/** Cache of the most recently parsed texts, because an editor requests the same text several times. */
const recent = new RecentMap<string, Nodes>(4);

/** Parses a text that is not too long (`isTooLong`). Nodes and values are shared and must not be changed. */
export function nodesOf(text: string): Nodes {
  const nodes = recent.get(text) ?? parseShallow(text);
  recent.set(text, nodes);
  return nodes;
}

function parseShallow(text: string): Nodes {
  if (opensTooMany(text)) return null;
  const lines = new LineCounter();
  try {
    // The library's check compares each key with every other key; `repeatedKey` does not.
    const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, logLevel: 'error' });
    let made: { values: unknown } | null = null;
    return { document, lines, values: () => (made ??= { values: document.toJS() }).values };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Returns the keys that a mapping repeats, each with the offsets of its first and of its later place. */
function repeatedKeys(document: NonNullable<Nodes>['document']) {
  const repeated: { key: string; first: number; again: number }[] = [];
  visit(document, {
    Map(_, { items }) {
      const seen = new Map<unknown, number>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const at = key.range?.[0] ?? 0;
        const first = seen.get(key.value);
        if (first === undefined) seen.set(key.value, at);
        else repeated.push({ key: String(key.value), first, again: at });
      }
    },
  });
  return repeated;
}

/** Parses YAML. Each reported problem has its position in the file. */
export function parseYaml(text: string, file: string): Parsed {
  const unread = (code: string, message: string, lines = new LineCounter(), offset = 0): Parsed => {
    const { line, col } = lines.linePos(offset);
    const place = { file, line: line || 1, column: col || 1 };
    return {
      source: { file, node: null, lines },
      tree: null,
      problems: [{ severity: 'error', code, message, ...place }],
    };
  };
  if (isTooLong(text)) return unread('too-long', TOO_LONG);
  const nodes = nodesOf(text);
  if (!nodes) return unread('nesting', TOO_DEEP);
  const { document, lines, values } = nodes;
  const end = depthEnd(document.contents);
  if (end !== null) return unread('nesting', TOO_DEEP, lines, end);
  const problem = (message: string, offset: number): ConfigProblem => {
    const { line, col } = lines.linePos(offset);
    return { severity: 'error', code: 'yaml', message, file, line, column: col };
  };
  const problems = document.errors.map((error) =>
    problem(error.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, ''), error.pos[0]),
  );
  const repeated = problems.length > 0 ? [] : repeatedKeys(document);
  let tree: unknown = null;
  try {
    if (problems.length === 0) tree = values();
  } catch (error) {
    // Reports an alias without its anchor, or too many aliases.
    problems.push(problem((error as Error).message, 0));
  }
  for (const { key, first, again } of repeated) {
    const { line } = lines.linePos(first);
    const fix = 'Keep only one of them.';
    problems.push({ ...problem(`"${key}" is already set in line ${line}.`, again), fix });
  }
  return { source: { file, node: document.contents, lines }, tree, problems };
}

/** Adds the position to a problem: the deepest node on its path, in the first source that contains this node. */
export function place(sources: readonly Source[], problem: Problem): ConfigProblem {
  const path = problem.path ? problem.path.split('.') : [];
  let best = { source: sources[0]!, ...locate(sources[0]!, path) };
  for (const source of sources.slice(1)) {
    const located = locate(source, path);
    if (located.depth > best.depth) best = { source, ...located };
  }
  const position = best.source.lines.linePos(best.offset ?? 0);
  return { ...problem, file: best.source.file, line: position.line || 1, column: position.col || 1 };
}

function locate({ node: top, under = [] }: Source, path: readonly string[]) {
  let node = top;
  let offset = isNode(node) ? node.range?.[0] : undefined;
  if (!under.every((key, i) => path[i] === key)) return { depth: 0, offset };
  for (let depth = under.length; ;) {
    const rest = path.slice(depth);
    const item = isSeq(node) ? node.items[Number(rest[0])] : undefined;
    if (isNode(item)) {
      offset = item.range?.[0] ?? offset;
      node = item;
      depth += 1;
      continue;
    }
    if (rest.length === 0 || !isMap(node)) return { depth, offset };
    const entry = entriesOf(node)
      .get(rest[0]!)
      ?.findLast(({ keys }) => keys.every((key, i) => rest[i] === key));
    if (!entry) return { depth, offset };
    offset = (entry.pair.key as { range?: [number, number, number] }).range?.[0] ?? offset;
    node = entry.pair.value;
    depth += entry.keys.length;
  }
}

/** Returns the paths of fields without a value after the colon, each path once. */
export function emptyFields(sources: readonly Source[]): string[] {
  const paths = sources.flatMap(({ node, under = [] }) => (isMap(node) ? emptyIn(node, under) : []));
  return [...new Set(paths)];
}

const emptyIn = (node: YAMLMap, above: readonly string[]): string[] =>
  node.items.flatMap(({ key, value }) => {
    if (!isScalar(key)) return [];
    const path = [...above, String(key.value)];
    if (isMap(value)) return emptyIn(value, path);
    const isEmpty = value === null || (isScalar(value) && value.value === null && value.source === '');
    return isEmpty ? [path.join('.')] : [];
  });

interface Entry {
  /** Parts of the key: the key of a condition in a sweep can be a path. */
  keys: string[];
  pair: Pair;
}

const entries = new WeakMap<YAMLMap, Map<string, Entry[]>>();

/** Returns the entries of a mapping by the first part of their keys. Caches the result. */
function entriesOf(node: YAMLMap): Map<string, Entry[]> {
  const kept = entries.get(node);
  if (kept) return kept;
  const byKey = new Map<string, Entry[]>();
  for (const pair of node.items) {
    if (!isScalar(pair.key)) continue;
    const keys = String(pair.key.value).split('.');
    const same = byKey.get(keys[0]!) ?? [];
    same.push({ keys, pair });
    byKey.set(keys[0]!, same);
  }
  entries.set(node, byKey);
  return byKey;
}
