import type { RunConfig } from './run-config.ts';
import { merge, treeAt, valueAt, type Tree } from './tree.ts';

export interface Cell {
  name: string;
  /** Name of the condition in reports, such as `η = 1, scope = group`, after that of the named condition, if any. */
  label: string;
  /** Fields of the base config that the condition changes. */
  changes: Tree;
  /** Named condition that this condition is based on; null if only `vary` creates the condition. */
  from: string | null;
  /** For each varied field, the index of the condition's value in the field's list. */
  at: Record<string, number>;
}

/** A stage or a condition of a sweep, with its config for the first seed. */
export interface SweepArm {
  name: string;
  label: string;
  isStage: boolean;
  config: RunConfig;
}

/** Maximum number of conditions in a sweep. Each condition is a config with one run for every seed. */
export const MAX_CELLS = 1000;

/** Returns the number of conditions that `cellsOf` would create. */
export const countCells = (vary: Record<string, unknown[]>, named: Record<string, Tree>): number =>
  Object.values(vary).reduce((product, { length }) => product * length, 1) *
  Math.max(Object.keys(named).length, 1);

/**
 * Returns all conditions of a sweep: each named condition with every combination of the varied fields, the last field
 * varying fastest. An empty grid gives one condition.
 */
export function cellsOf(vary: Record<string, unknown[]>, named: Record<string, Tree>): Cell[] {
  const paths = Object.keys(vary);
  let grid: Omit<Cell, 'from'>[] = [{ name: '', label: '', changes: {}, at: {} }];
  for (const path of paths) {
    const values = vary[path]!;
    const labels = labelsOf(values);
    const short = shortName(path, paths);
    const field = SYMBOLS[path] ?? short.replaceAll(/[_-]/g, ' ');
    grid = grid.flatMap(({ name, label, changes, at }) =>
      values.map((value, i) => ({
        name: [name, `${short}-${labels[i]!}`].filter(Boolean).join('_'),
        label: [label, `${field} = ${valueText(value)}`].filter(Boolean).join(', '),
        changes: merge(changes, treeAt(path.split('.'), value)),
        at: { ...at, [path]: i },
      })),
    );
  }
  const cells = Object.entries(named);
  if (cells.length === 0)
    return grid.map((cell) => ({
      ...cell,
      name: cell.name || 'base',
      label: cell.label || 'base',
      from: null,
    }));
  return cells.flatMap(([from, varied]) =>
    grid.map(({ name, label, changes, at }) => ({
      name: [from, name].filter(Boolean).join('_'),
      label: [from, label].filter(Boolean).join(', '),
      changes: merge(expandPaths(varied), changes),
      from,
      at,
    })),
  );
}

/** Expands top-level keys that are paths: `coupling.eta: 1` becomes `coupling: { eta: 1 }`. */
export const expandPaths = (tree: Tree): Tree =>
  Object.entries(tree).reduce<Tree>((all, [key, value]) => merge(all, treeAt(key.split('.'), value)), {});

/** Returns the fields that are set by both a named condition and `vary`. */
export const fieldsSetTwice = (vary: Record<string, unknown[]>, cell: Tree): string[] =>
  Object.keys(vary).filter((path) => valueAt(expandPaths(cell), path.split('.')) !== undefined);

/**
 * Returns the shortest final part of a varied path that differs from all other varied paths: `eta`, or `format-weight`
 * next to `semantic-weight`.
 */
function shortName(path: string, paths: readonly string[]): string {
  const keys = path.split('.');
  for (let n = 1; ; n++) {
    const end = keys.slice(-n).join('-');
    const others = paths.filter((other) => other !== path);
    const isOwn = others.every((other) => other.split('.').slice(-n).join('-') !== end);
    if (isOwn || n >= keys.length) return end.replace(/[^\w.-]+/g, '-');
  }
}

/** Symbols that the papers use for fields. */
const SYMBOLS: Record<string, string> = { 'coupling.eta': 'η', 'coupling.threshold': 'δ', 'loss.beta': 'β' };

const valueText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Converts values into parts of a folder name. If some values are long or equal, uses numbers instead. */
function labelsOf(values: readonly unknown[]): string[] {
  const words = values.map((value) =>
    typeof value === 'object' && value !== null ? '' : String(value).replace(/[^\w.-]+/g, '-'),
  );
  const distinct = new Set(words.map((word) => word.toLowerCase())).size === words.length;
  const fine = distinct && words.every((word) => /^[\w.-]{1,24}$/.test(word) && /\w/.test(word));
  return fine ? words : values.map((_, i) => String(i + 1));
}
