import { expandPaths } from '../sweep-cells.ts';
import { isRecord } from '../../../base/json.ts';
import { merge, type Tree, valueAt } from '../tree.ts';
import type { ConfigKind } from './schema.ts';

export const kindOf = (path: string): ConfigKind => (path.endsWith('.sweep.yaml') ? 'sweep' : 'run');

/** Part of a file that is a config by itself, and the path to a position in this part. */
export interface ConfigContext {
  kind: ConfigKind;
  /** Path to the position, from the top of this part of the file. */
  path: string[];
  /** Values that the config itself contains, without the sweep's base. */
  written: Tree;
  /** Values of the config merged into the sweep's base. */
  all: Tree;
  /** Values of the sweep's base. */
  base: Tree;
}

/** Finds the config that contains a path. In a run config: the whole file; in a sweep: one of its runs, or itself. */
export function configContext(kind: ConfigKind, path: readonly string[], tree: Tree): ConfigContext {
  const whole: ConfigContext = { kind, path: [...path], written: tree, all: tree, base: {} };
  if (kind === 'run') return whole;
  const isSmall = path[0] === 'small';
  const top = isSmall && isRecord(tree.small) ? { ...tree, ...tree.small } : tree;
  const [section, name, ...rest] = isSmall ? path.slice(1) : path;
  const base = isRecord(top.base) ? expandPaths(top.base) : {};
  const part = (found: unknown, path: string[], under = base): ConfigContext => {
    const written = isRecord(found) ? found : {};
    return { kind: 'run', path, written, all: merge(base, expandPaths(written)), base: under };
  };
  if (section === 'base') return part(top.base, name === undefined ? [] : [name, ...rest], {});
  if ((section === 'cells' || section === 'stages') && name !== undefined)
    return part(valueAt(top, [section, name]), rest.flatMap(steps));
  if (section === 'vary' && name !== undefined) return part(top.base, steps(name));
  return whole;
}

/** Keys of conditions and of `vary` can be paths. */
const steps = (key: string): string[] => key.split('.');
