import { isRecord } from '../../base/json.ts';

/** Parsed YAML mapping: values by key. */
export type Tree = Record<string, unknown>;

/**
 * Merges two trees. Values of `own` take precedence, sections merge key by key, and other values are replaced as a
 * whole. A section with another `kind` inherits nothing. Null is preserved as a value, so that a tree removes settings
 * of the trees below it (`withoutNulls`).
 */
export function merge(base: Tree, own: Tree): Tree {
  const out = { ...base };
  for (const [key, value] of Object.entries(own)) {
    const below = base[key];
    const sameKind = isRecord(below) && isRecord(value) && (value.kind == null || value.kind === below.kind);
    out[key] = sameKind ? merge(below, value) : value;
  }
  return out;
}

/** Returns the tree without fields whose value is null. */
export const withoutNulls = (tree: Tree): Tree =>
  Object.fromEntries(
    Object.entries(tree).flatMap(([key, value]) =>
      value === null ? [] : [[key, isRecord(value) ? withoutNulls(value) : value]],
    ),
  );

/** Returns the paths of all fields whose value is null. */
export const nullPaths = (tree: Tree, above: readonly string[] = []): string[][] =>
  Object.entries(tree).flatMap(([key, value]) =>
    value === null ? [[...above, key]] : isRecord(value) ? nullPaths(value, [...above, key]) : [],
  );

export const valueAt = (tree: unknown, path: readonly string[]): unknown =>
  path.reduce((value, key) => (isRecord(value) ? value[key] : undefined), tree);

/** Returns a tree with one value, such as `{ coupling: { eta: 1 } }` for the path `coupling`, `eta` and the value 1. */
export const treeAt = (path: readonly string[], value: unknown): Tree =>
  path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Tree;

export const withValue = (tree: Tree, path: readonly string[], value: unknown): Tree =>
  merge(tree, treeAt(path, value));

interface NamedPath {
  /** Path of the field as a list of keys, because names of sets can contain dots. */
  at: string[];
  path: string;
  what: 'file' | 'folder';
}

/**
 * Returns the files and folders that must exist before a run starts. @param tree a run config, or the values of its
 * file.
 */
export function namedPaths(tree: Tree): NamedPath[] {
  const sets = valueAt(tree, ['data', 'eval']);
  const { encoder, weight } = sectionAt(tree, ['rewards', 'semantic']);
  const readsEncoder = encoder !== 'lexical' && weight !== 0;
  // Any other value is the name of a model on the Hugging Face Hub.
  const isFolder = /^\.{0,2}\//.test(String(sectionAt(tree, ['engine']).model));
  const files = [
    ['data', 'train'],
    ['coupling', 'labels'],
    ...(isRecord(sets) ? Object.keys(sets).map((set) => ['data', 'eval', set]) : []),
  ];
  const folders = [
    ['data', 'root'],
    ['init'],
    ...(isFolder ? [['engine', 'model']] : []),
    ['engine', 'processor'],
    ...(readsEncoder ? [['rewards', 'semantic', 'encoder_path']] : []),
  ];
  const named = (what: NamedPath['what']) => (keys: string[]) => {
    const path = valueAt(tree, keys);
    return typeof path === 'string' && path !== '' ? [{ at: keys, path, what }] : [];
  };
  return [...files.flatMap(named('file')), ...folders.flatMap(named('folder'))];
}

/**
 * Formats a missing file or folder as a message for the author of the config.
 * @param near file next to it whose name is alike
 */
export const missingText = ({ what, path }: NamedPath, near?: string): string =>
  `${what[0]!.toUpperCase()}${what.slice(1)} ${path} does not exist. ${near === undefined ? 'Paths are relative to this file.' : `Did you mean ${near}?`}`;

function sectionAt(tree: Tree, path: readonly string[]): Tree {
  const section = valueAt(tree, path);
  return isRecord(section) ? section : {};
}
