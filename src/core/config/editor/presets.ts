import { isTooLong, nodesOf } from '../source.ts';
import { isRecord } from '../../json.ts';
import { merge, type Tree } from '../tree.ts';
import { configContext, type ConfigContext } from './context.ts';
import type { ConfigKind } from './schema.ts';

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
    return isRecord(tree) ? tree : {};
  } catch {
    return {};
  }
}

interface Preset {
  name: string;
  tree: Tree;
}

/** The preset that a config names, if it exists. */
function presetOf(written: Tree, presets: Presets): Preset | null {
  const text = typeof written.preset === 'string' ? presets.read(written.preset) : null;
  return text === null ? null : { name: written.preset as string, tree: treeOf(text) };
}

/** The config that a path belongs to, with its preset and its values on top of those of the preset. */
export function contextWithPreset(
  kind: ConfigKind,
  path: readonly string[],
  tree: Tree,
  presets: Presets,
): ConfigContext & { preset: Preset | null; values: Tree } {
  const context = configContext(kind, path, tree);
  const preset = context.kind === 'run' ? presetOf(context.all, presets) : null;
  return { ...context, preset, values: preset ? merge(preset.tree, context.all) : context.all };
}
