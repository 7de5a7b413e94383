import { isTree, valueAt, type Tree } from './tree.ts';

/** A file or folder that a config names. */
export interface NamedPath {
  /** Where in the config, key by key: names of sets may have dots. */
  at: string[];
  /** As it is written there. */
  path: string;
  what: 'file' | 'folder';
}

/** The files that must exist before a run can start. @param tree a run config, or what its file says of one. */
export function namedPaths(tree: Tree): NamedPath[] {
  const sets = valueAt(tree, ['data', 'eval']);
  const { encoder, weight } = sectionAt(tree, ['rewards', 'semantic']);
  const readsEncoder = encoder !== 'lexical' && weight !== 0;
  // Any other name is one on the hub.
  const isFolder = /^\.{0,2}\//.test(String(sectionAt(tree, ['engine']).model));
  const files = [
    ['data', 'train'],
    ...(isTree(sets) ? Object.keys(sets).map((set) => ['data', 'eval', set]) : []),
  ];
  const folders = [
    ['data', 'root'],
    ['init'],
    ...(isFolder ? [['engine', 'model']] : []),
    ...(readsEncoder ? [['rewards', 'semantic', 'encoder_path']] : []),
  ];
  const named = (what: NamedPath['what']) => (at: string[]) => {
    const path = valueAt(tree, at);
    return typeof path === 'string' && path !== '' ? [{ at, path, what }] : [];
  };
  return [...files.flatMap(named('file')), ...folders.flatMap(named('folder'))];
}

/** In words of the person who wrote the config. */
export const missingText = ({ what, path }: NamedPath): string =>
  `There is no ${what} ${path}; paths are relative to this file.`;

function sectionAt(tree: Tree, at: readonly string[]): Tree {
  const section = valueAt(tree, at);
  return isTree(section) ? section : {};
}
