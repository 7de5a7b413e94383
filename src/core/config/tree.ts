import { isRecord } from '../json.ts';

/** Values as parsed, by key. */
export type Tree = Record<string, unknown>;

/**
 * Merges two trees: own values take precedence, sections merge key by key, and other values are replaced whole. A
 * section whose `kind` differs inherits nothing.
 */
export function merge(base: Tree, own: Tree): Tree {
  const out = { ...base };
  for (const [key, value] of Object.entries(own)) {
    const below = base[key];
    const sameKind =
      isRecord(below) && isRecord(value) && (value.kind === undefined || value.kind === below.kind);
    out[key] = sameKind ? merge(below, value) : value;
  }
  return out;
}

/** The value at a path. */
export const valueAt = (tree: unknown, path: readonly string[]): unknown =>
  path.reduce((value, key) => (isRecord(value) ? value[key] : undefined), tree);

/** Makes a tree with one value: `{ coupling: { eta: 1 } }` for the path `coupling`, `eta`. */
export const treeAt = (path: readonly string[], value: unknown): Tree =>
  path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Tree;
