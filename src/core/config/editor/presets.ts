import { isTooLong, nodesOf } from '../config-source.ts';
import { isRecord } from '../../../base/json.ts';
import { merge, withoutNulls, type Tree } from '../tree.ts';
import { configContext, type ConfigContext } from './config-context.ts';
import type { ConfigKind } from './schema.ts';

export interface Presets {
  list(): { name: string; about: string }[];
  /** Returns the text of a preset; null if no preset has this name. */
  read(name: string): string | null;
}

/** Parses a text or its parsable part into values; {} if the text is too long for a config. */
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

/** Returns the preset that a config is based on; null if this preset does not exist. */
function presetOf(written: Tree, presets: Presets): Preset | null {
  const text = typeof written.preset === 'string' ? presets.read(written.preset) : null;
  return text === null ? null : { name: written.preset as string, tree: treeOf(text) };
}

/** Config that contains a path, with its preset and the values of the sweep's base. */
export interface ConfigFrame extends ConfigContext {
  preset: Preset | null;
  /** Values of the config merged into the values of its preset. */
  values: Tree;
  /** Values that `null` can remove: values of the preset and of the sweep's base. */
  below: Tree;
}

/** Returns the config that contains a path, with its preset and the sweep's base. */
export function contextWithPreset(
  kind: ConfigKind,
  path: readonly string[],
  tree: Tree,
  presets: Presets,
): ConfigFrame {
  const context = configContext(kind, path, tree);
  const preset = context.kind === 'run' ? presetOf(context.all, presets) : null;
  const inherited = preset?.tree ?? {};
  const values = withoutNulls(merge(inherited, context.all));
  return { ...context, preset, values, below: withoutNulls(merge(inherited, context.base)) };
}
