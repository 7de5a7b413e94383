import type { RunConfig } from './run.ts';
import { merge, treeAt, valueAt, type Tree } from './tree.ts';

/** One of the configurations that a sweep compares. */
export interface Cell {
  name: string;
  /** What a report calls it: `η = 1, scope = group`, after the name of the named cell that it comes from. */
  label: string;
  /** What it changes in the base. */
  changes: Tree;
  /** The named cell that it comes from; null where only `vary` makes it. */
  from: string | null;
  /** The place of its value in the list of each varied field. */
  at: Record<string, number>;
}

/** A stage or a cell with its config, as it is for the first seed. */
export interface SweepArm {
  name: string;
  /** What a report calls it. */
  label: string;
  isStage: boolean;
  config: RunConfig;
}

/** More cells than this are a mistake: each is a config of its own, and a run for each seed. */
export const MAX_CELLS = 1000;

/** How many cells `cellsOf` would make, which takes no time. */
export const countCells = (vary: Record<string, unknown[]>, named: Record<string, Tree>): number =>
  Object.values(vary).reduce((product, { length }) => product * length, 1) *
  Math.max(Object.keys(named).length, 1);

/**
 * All cells of a sweep, in order: each named cell with every combination of the varied fields, the last one fastest. An
 * empty grid is one cell.
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
  return cells.flatMap(([from, own]) =>
    grid.map(({ name, label, changes, at }) => ({
      name: [from, name].filter(Boolean).join('_'),
      label: [from, label].filter(Boolean).join(', '),
      changes: merge(expandPaths(own), changes),
      from,
      at,
    })),
  );
}

/** A tree whose top keys may be paths: `coupling.eta: 1` is `coupling: { eta: 1 }`. */
export const expandPaths = (tree: Tree): Tree =>
  Object.entries(tree).reduce<Tree>((all, [key, value]) => merge(all, treeAt(key.split('.'), value)), {});

/** The fields that a named cell and `vary` both set. */
export const fieldsSetTwice = (vary: Record<string, unknown[]>, cell: Tree): string[] =>
  Object.keys(vary).filter((path) => valueAt(expandPaths(cell), path.split('.')) !== undefined);

/** The end of a path that no other varied path shares: `eta`, or `format-weight` beside `semantic-weight`. */
function shortName(path: string, paths: readonly string[]): string {
  const keys = path.split('.');
  for (let n = 1; ; n++) {
    const end = keys.slice(-n).join('-');
    const others = paths.filter((other) => other !== path);
    const isOwn = others.every((other) => other.split('.').slice(-n).join('-') !== end);
    if (isOwn || n >= keys.length) return end.replace(/[^\w.-]+/g, '-');
  }
}

/** Fields by the letters of the papers. */
const SYMBOLS: Record<string, string> = { 'coupling.eta': 'η', 'coupling.threshold': 'δ', 'loss.beta': 'β' };

const valueText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Values as parts of a folder's name; their numbers if they are not short words or not distinct. */
function labelsOf(values: readonly unknown[]): string[] {
  const words = values.map((value) =>
    typeof value === 'object' && value !== null ? '' : String(value).replace(/[^\w.-]+/g, '-'),
  );
  const distinct = new Set(words.map((word) => word.toLowerCase())).size === words.length;
  const fine = distinct && words.every((word) => /^[\w.-]{1,24}$/.test(word) && /\w/.test(word));
  return fine ? words : values.map((_, i) => String(i + 1));
}
