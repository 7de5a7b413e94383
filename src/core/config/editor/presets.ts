import { isTooLong, nodesOf } from '../source.ts';
import { isTree, type Tree } from '../tree.ts';

/** The available presets. */
export interface Presets {
  list(): { name: string; about: string }[];
  /** The text of a preset; null if there is none of that name. */
  read(name: string): string | null;
}

/** Returns the values of a text, or of as much of it as can be parsed; none of a text that is too long for a config. */
export function treeOf(text: string): Tree {
  if (isTooLong(text)) return {};
  try {
    const tree = nodesOf(text)?.values();
    return isTree(tree) ? tree : {};
  } catch {
    return {};
  }
}

/** The preset that a config names, if it exists. */
export function presetOf(own: Tree, presets: Presets): { name: string; tree: Tree } | null {
  const text = typeof own.preset === 'string' ? presets.read(own.preset) : null;
  return text === null ? null : { name: own.preset as string, tree: treeOf(text) };
}
