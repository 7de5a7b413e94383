/** Values as parsed, by key. */
export type Tree = Record<string, unknown>;

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Merges two trees: own values take precedence, sections merge key by key, and other values are replaced whole. A
 * section whose `kind` differs inherits nothing.
 */
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

/** The value at a path. */
export const valueAt = (tree: unknown, path: readonly string[]): unknown =>
  path.reduce((value, key) => (isTree(value) ? value[key] : undefined), tree);

/** Makes a tree with one value: `{ coupling: { eta: 1 } }` for the path `coupling`, `eta`. */
export const treeAt = (path: readonly string[], value: unknown): Tree =>
  path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Tree;
