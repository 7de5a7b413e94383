import { parse, stringify } from 'yaml';
import { expandPaths } from './sweep-cells.ts';
import { loadRun, type LoadedRun } from './load.ts';
import type { RunConfig } from './run-config.ts';
import { isRecord } from '../../base/json.ts';
import { merge, valueAt, type Tree } from './tree.ts';

/** New values of a run config by path, such as `{ 'coupling.eta': 2 }`. */
export type ConfigChanges = Readonly<Record<string, unknown>>;

/** Error for an entry that is not `path=value`, or whose value is not valid YAML. */
export class SettingError extends Error {}

/** Reads entries such as `coupling.eta=2`; values are YAML. @throws SettingError */
export function readChanges(entries: readonly string[]): ConfigChanges {
  const changes: Record<string, unknown> = {};
  for (const entry of entries) {
    const [, path, text] = /^([\w.-]+)=(.*)$/s.exec(entry) ?? [];
    if (path === undefined)
      throw new SettingError(`"${entry}" must be path=value, for example coupling.eta=2.`);
    try {
      changes[path] = parse(text!) as unknown;
    } catch {
      throw new SettingError(`The value in "${entry}" is not valid YAML.`);
    }
  }
  return changes;
}

/** A setting that differs between two configs, with both values; undefined for a config without the setting. */
export interface ConfigChange {
  path: string;
  before: unknown;
  after: unknown;
}

/**
 * Changes values of a resolved config, and checks the result like any config. A new advantage normalisation sets its
 * own ddof and epsilon, as in what-if analysis, unless `changes` sets them.
 * @param file name of the config in reported problems
 */
export function changedConfig(config: RunConfig, changes: ConfigChanges, file: string): LoadedRun {
  let tree = merge(config, expandPaths(changes));
  if (valueAt(tree, ['advantages', 'convention']) !== valueAt(config, ['advantages', 'convention'])) {
    const { ddof, epsilon, ...others } = (tree.advantages ?? {}) as Tree;
    const given = (expandPaths(changes).advantages ?? {}) as Tree;
    tree = {
      ...tree,
      advantages: { ...others, ...('ddof' in given && { ddof }), ...('epsilon' in given && { epsilon }) },
    };
  }
  return loadRun(stringify(tree), file, () => '{}');
}

/** Returns the settings that differ between two configs, in the order of the first config. */
export function configDifferences(before: unknown, after: unknown, path: string[] = []): ConfigChange[] {
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => configDifferences(before[key], after[key], [...path, key]));
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path: path.join('.'), before, after }];
}

/** Returns the settings that differ between configs, with each value as text; null for an absent value. */
export function differencesAmong(configs: readonly Tree[]): { path: string; values: (string | null)[] }[] {
  const [first, ...others] = configs;
  const paths = new Set(others.flatMap((other) => configDifferences(first, other).map(({ path }) => path)));
  return [...paths].map((path) => ({
    path,
    values: configs.map((config) => {
      const value = valueAt(config, path.split('.'));
      return value === undefined ? null : valueText(value);
    }),
  }));
}

/** Formats changes, such as "coupling.eta 1 → 2, steps 100 → 200"; "nothing" without changes. */
export const changesText = (changes: readonly ConfigChange[]): string =>
  changes.map(({ path, before, after }) => `${path} ${valueText(before)} → ${valueText(after)}`).join(', ') ||
  'nothing';

const valueText = (value: unknown): string =>
  value === undefined ? 'not set' : typeof value === 'string' ? value : JSON.stringify(value);
