import { isMap, isNode, isPair, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import type { Problem } from '../problem.ts';
import { nearest } from '../nearest.ts';
import { checkRun } from './check-run.ts';
import { RunConfig } from './run.ts';

/** A problem with its place in the file it comes from. */
export interface ConfigProblem extends Problem {
  /** The file: the config itself, or the preset that it builds on. */
  file: string;
  /** From 1. */
  line?: number;
  column?: number;
}

/** `svqa.run.yaml:3:5: error: message`, and the fix on a line of its own. */
export const problemText = ({ file, line, column, severity, message, fix }: ConfigProblem): string =>
  [`${file}:${line}:${column}: ${severity}: ${message}`, ...(fix ? [`  ${fix}`] : [])].join('\n');

export interface LoadedRun {
  /** Every default filled in; null when there are errors. */
  config: RunConfig | null;
  problems: ConfigProblem[];
}

interface Source {
  file: string;
  document: Document;
  lines: LineCounter;
}

/** Values as parsed, by key. */
export type Tree = Record<string, unknown>;

/**
 * Reads a run config: YAML, then the preset's values beneath it, then the schema, then what fields demand of each
 * other. All errors are reported, each with line and column.
 * @param readPreset text of a preset by name; null when there is none of that name.
 */
export function loadRun(text: string, file: string, readPreset: (name: string) => string | null): LoadedRun {
  const own = parse(text, file);
  if (own.problems.length > 0) return { config: null, problems: own.problems };
  const { tree } = own;
  if (!isTree(tree)) {
    return fail(
      own.source,
      [],
      'empty',
      'The file holds no settings.',
      'Start from a preset: `preset: demo`.',
    );
  }

  let base: Tree = {};
  const sources = [own.source];
  // `preset:` with nothing behind it is a mistake of the schema.
  if (tree.preset != null) {
    const name = String(tree.preset);
    const preset = readPreset(name);
    if (preset === null) {
      return fail(
        own.source,
        ['preset'],
        'preset',
        `There is no preset "${name}".`,
        '`chirality presets` lists them.',
      );
    }
    const parsed = parse(preset, `preset ${name}`);
    if (parsed.problems.length > 0) return { config: null, problems: parsed.problems };
    base = parsed.tree as Tree;
    sources.push(parsed.source);
  }

  const result = RunConfig.safeParse(merge(base, tree), { reportInput: true });
  if (!result.success) {
    const problems = result.error.issues.flatMap((issue) =>
      describe(issue).map((problem) => place(sources, problem)),
    );
    return { config: null, problems };
  }
  const problems = checkRun(result.data).map((problem) => place(sources, problem));
  return { config: problems.some((p) => p.severity === 'error') ? null : result.data, problems };
}

function parse(text: string, file: string): { source: Source; tree: unknown; problems: ConfigProblem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, logLevel: 'error' });
  const problem = (message: string, offset: number): ConfigProblem => {
    const { line, col } = lines.linePos(offset);
    return { severity: 'error', code: 'yaml', message, file, line, column: col };
  };
  const problems = document.errors.map((error) =>
    problem(error.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, ''), error.pos[0]),
  );
  let tree: unknown = null;
  try {
    if (problems.length === 0) tree = document.toJS();
  } catch (error) {
    // An alias without its anchor, or too many of them.
    problems.push(problem((error as Error).message, 0));
  }
  return { source: { file, document, lines }, tree, problems };
}

function fail(source: Source, path: string[], code: string, message: string, fix: string): LoadedRun {
  return {
    config: null,
    problems: [place([source], { severity: 'error', code, message, fix, path: path.join('.') })],
  };
}

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Own values win; sections merge key by key, everything else is replaced whole. A different kind of engine starts afresh. */
export function merge(base: Tree, own: Tree): Tree {
  const out = { ...base };
  for (const [key, value] of Object.entries(own)) {
    const below = base[key];
    const sameKind =
      isTree(below) && isTree(value) && (value.kind === undefined || value.kind === below.kind);
    out[key] = sameKind ? merge(below, value) : value;
  }
  return out;
}

/** Zod's issue in the words of the person who wrote the file. */
function describe(issue: z.core.$ZodIssue): Problem[] {
  const path = issue.path.map(String);
  const at = (code: string, message: string, fix?: string, key?: string): Problem => ({
    severity: 'error',
    code,
    message,
    path: [...path, ...(key === undefined ? [] : [key])].join('.'),
    ...(fix && { fix }),
  });
  const name = path.join('.') || 'the file';
  if (issue.code === 'unrecognized_keys') {
    const known = siblings(path);
    return issue.keys.map((key) => {
      const near = nearest(key, known);
      return at(
        'unknown-field',
        `Unknown field "${key}".`,
        near ? `Did you mean "${near}"?` : known.length ? `Known here: ${known.join(', ')}.` : undefined,
        key,
      );
    });
  }
  if ('input' in issue && issue.input === undefined && issue.code !== 'custom') {
    return [at('missing', `"${name}" is missing.`, 'Set it, or name a preset that does.')];
  }
  if (issue.code === 'invalid_union')
    return [at('one-of', `"${name}" has no or an unknown kind.`, choicesOf(path))];
  const got = 'input' in issue ? `, not ${JSON.stringify(issue.input)}` : '';
  const demand = issue.message
    .replace(/^Invalid \w+: /, '')
    .replace(/, received .*$/, '')
    .replace(/^expected (\w)/, 'must be $1');
  return [at('value', `"${name}": ${demand}${got}.`)];
}

/** The field names that the schema knows under a path, over all variants of a union. */
function siblings(path: string[]): string[] {
  return [...new Set(shapesAt(path).flatMap((shape) => Object.keys(shape)))];
}

function choicesOf(path: string[]): string | undefined {
  const last = path.at(-1);
  if (last === undefined) return undefined;
  const values = shapesAt(path.slice(0, -1)).flatMap(
    (shape) => (shape[last] as { values?: Set<unknown> } | undefined)?.values ?? [],
  );
  const list = values.flatMap((set) => [...set]);
  return list.length > 0 ? `One of ${list.join(', ')}.` : undefined;
}

type Shape = Record<string, unknown>;

function shapesAt(path: readonly string[]): Shape[] {
  let types: unknown[] = [RunConfig];
  for (const key of path)
    types = types.flatMap(objectsOf).flatMap((shape) => (key in shape ? [shape[key]] : []));
  return types.flatMap(objectsOf);
}

/** The object shapes inside a type, through defaults, optionals and unions. */
function objectsOf(type: unknown): Shape[] {
  const def = (type as { def?: { shape?: Shape; options?: unknown[]; innerType?: unknown } }).def;
  if (!def) return [];
  if (def.shape) return [def.shape];
  if (def.options) return def.options.flatMap(objectsOf);
  return def.innerType ? objectsOf(def.innerType) : [];
}

/** Finds the deepest node of a problem's path, in the config itself first, then in its preset. */
function place(sources: readonly Source[], problem: Problem): ConfigProblem {
  const path = problem.path ? problem.path.split('.') : [];
  let best: { source: Source; depth: number; offset: number | undefined } = {
    source: sources[0]!,
    depth: -1,
    offset: undefined,
  };
  for (const source of sources) {
    const found = locate(source.document, path);
    if (found.depth > best.depth) best = { source, ...found };
  }
  const position = best.source.lines.linePos(best.offset ?? 0);
  return { ...problem, file: best.source.file, line: position.line || 1, column: position.col || 1 };
}

function locate(document: Document, path: readonly string[]): { depth: number; offset: number | undefined } {
  let node: unknown = document.contents;
  let offset = isNode(node) ? node.range?.[0] : undefined;
  for (let depth = 0; depth < path.length; depth++) {
    if (!isMap(node)) return { depth, offset };
    const pair = node.items.find(
      (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === path[depth],
    );
    if (!pair) return { depth, offset };
    offset = (pair.key as { range?: [number, number, number] }).range?.[0] ?? offset;
    node = pair.value;
  }
  return { depth: path.length, offset };
}
