import { countsOf } from '../../base/numbers.ts';
import { readdir, realpath } from 'node:fs/promises';
import { existsSync, type Dirent } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { visible } from '../../base/printable.ts';
import { runName } from '../../core/run-data/run-name.ts';
import { noEntries } from '../files/disk-error.ts';
import { byNumber, searchFolders } from '../files/folders.ts';
import { isInside, realPathInside } from '../files/inside.ts';
import { findForeign } from '../foreign/find.ts';
import { AgentError } from './agent-answer.ts';
import type { Place, PlaceKind, Places } from '../operations/operation.ts';

/** Maximum number of candidate names in an error message. */
const NAMED = 12;

/** Returns the real paths of `folders`, which agents can read. @throws AgentError for a missing folder */
export async function rootsOf(folders: readonly string[]): Promise<string[]> {
  const roots: string[] = [];
  for (const folder of folders) {
    const root = await realpath(folder).catch(() => null);
    if (root === null) throw new AgentError(`Folder ${folder} does not exist.`);
    if (!roots.includes(root)) roots.push(root);
  }
  return roots;
}

/**
 * Finds everything with a name in the roots: own and external runs, sweeps, evaluations, configs and data. The search
 * has the limits of the editor's search (`searchFolders`). Follows no links except a folder `runs` in a root.
 */
export async function findPlaces(roots: readonly string[]): Promise<Places> {
  const places: Place[] = [];
  const notes: string[] = [];
  const add = (kind: PlaceKind, path: string, foreign?: Place['foreign']) =>
    places.push({ kind, name: runName(path), path, ...(foreign && { foreign }) });
  const addRuns = async (folder: string) => {
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(noEntries))
      // A folder without a config is not a run yet, or contains external runs.
      if (
        entry.isDirectory() &&
        !entry.name.startsWith('.') &&
        existsSync(join(folder, entry.name, 'run.yaml'))
      )
        add('run', join(folder, entry.name));
  };
  await searchFolders(roots, async (folder, entries) => {
    const names = new Set(entries.map(({ name }) => name));
    if (names.has('run.yaml')) {
      add('run', folder);
      return [];
    }
    if (names.has('sweep.yaml')) {
      add('sweep', folder);
      await addRuns(join(folder, 'runs'));
      return [];
    }
    if (names.has('results.json') && names.has('manifest.json')) {
      add('evaluation', folder);
      return [];
    }
    for (const entry of entries) {
      if (!entry.isFile()) continue;
      if (/\.(?:run|sweep)\.ya?ml$/.test(entry.name)) add('config', join(folder, entry.name));
      if (/\.(?:qa\.jsonl|parquet)$/.test(entry.name)) add('data', join(folder, entry.name));
    }
    const link = entries.find((entry) => entry.name === 'runs' && entry.isSymbolicLink());
    if (link) {
      const root = roots.find((each) => isInside(each, folder))!;
      const real = await realPathInside(root, join(folder, 'runs')).catch(() => null);
      if (real === null)
        notes.push(
          `${nameBelow(roots, join(folder, 'runs'))} is a link out of the folder. To read its target, start the server with the target as a --root.`,
        );
      else await addRuns(real);
    }
    const isRuns = basename(folder) === 'runs';
    if (isRuns) await addRuns(folder);
    return isRuns ? [] : entries;
  });
  const ours = new Set(places.map(({ path }) => path));
  for (const { dir, holds, written } of await findForeign(roots)) {
    if (holds.includes('completions') || !ours.has(dir)) {
      const at = places.findIndex(({ path }) => path === dir);
      if (at >= 0) places.splice(at, 1);
      add('run', dir, { holds, written });
    }
  }
  return { all: withNames(roots, places), notes };
}

/** Returns the name of a path: the path relative to its root. With several roots, the root's name comes first. */
export function nameBelow(roots: readonly string[], path: string): string {
  const root = roots.find((each) => isInside(each, path));
  if (root === undefined) return basename(path);
  const below = relative(root, path).split(sep).join('/') || basename(path);
  return roots.length > 1 ? `${basename(root)}/${below}` : below;
}

/** Names places: runs, sweeps and evaluations by their own names if these are unique, and other places by paths. */
function withNames(roots: readonly string[], places: readonly Place[]): Place[] {
  const keyOf = ({ kind, name }: Place) => JSON.stringify([isOfData(kind) ? kind : '', name]);
  const counts = countsOf(places.map(keyOf));
  return places.map((place) =>
    isOfData(place.kind) || counts.get(keyOf(place))! > 1
      ? { ...place, name: nameBelow(roots, place.path) }
      : place,
  );
}

const isOfData = (kind: PlaceKind): boolean => kind === 'config' || kind === 'data';

const NOUNS: Record<PlaceKind, string> = {
  run: 'run',
  sweep: 'sweep',
  evaluation: 'evaluation',
  config: 'config',
  data: 'dataset',
};

/** Finds the place with a name, for a single lookup (see `placeAmong`). */
export const placeOf = async (
  roots: readonly string[],
  name: string,
  kinds: readonly PlaceKind[],
): Promise<Place> => placeAmong(await findPlaces(roots), roots, name, kinds);

/**
 * Returns the place for a name from `list_runs`, or for a path below a root.
 * @param found all places. @throws AgentError with the candidates
 */
export async function placeAmong(
  { all }: Places,
  roots: readonly string[],
  name: string,
  kinds: readonly PlaceKind[],
): Promise<Place> {
  const places = all.filter((place) => kinds.includes(place.kind));
  const wanted = name.replace(/^\.\//, '').replace(/\/$/, '');
  const is = (text: string) => visible(text) === wanted;
  const exact = places.filter((place) => is(place.name) || is(nameBelow(roots, place.path)));
  const matches = exact.length > 0 ? exact : places.filter(({ path }) => is(basename(path)));
  const list = (some: readonly Place[]) =>
    some
      .slice(0, NAMED)
      .map((place) => place.name)
      .join(', ') + (some.length > NAMED ? ` and ${some.length - NAMED} more` : '');
  const noun = NOUNS[kinds[0]!];
  if (matches.length > 1)
    throw new AgentError(`"${name}" is ambiguous: ${list(matches)}. Pass the full name.`);
  const [place] = matches;
  if (!place) {
    const sorted = places.toSorted((a, b) => byNumber(a.name, b.name));
    const like = sorted.filter((each) => each.name.includes(wanted) || wanted.includes(each.name));
    const some = like.length > 0 ? like : sorted;
    throw new AgentError(
      `Cannot find ${noun} "${name}". ${some.length === 0 ? '' : `Candidates: ${list(some)}. `}Call list_runs for all.`,
    );
  }
  await requireNoWayOut(roots, place);
  return place;
}

/** Maximum depth of subfolders in a run. */
const DEPTH = 4;

/** Rejects a folder whose links lead out of the roots, because other people can create folders. @throws AgentError */
export async function requireNoWayOut(
  roots: readonly string[],
  { path, name }: Pick<Place, 'path' | 'name'>,
): Promise<void> {
  const refuse = (place: string) => {
    throw new AgentError(
      `Cannot read ${name}, because ${place} is a link out of the folder. Replace the link with the files.`,
    );
  };
  const below = async (folder: string, depth: number): Promise<void> => {
    const entries: Dirent[] = await readdir(folder, { withFileTypes: true }).catch(noEntries);
    for (const entry of entries) {
      const inner = join(folder, entry.name);
      if (entry.isSymbolicLink() && !(await staysIn(roots, inner))) refuse(relative(dirname(path), inner));
      if (entry.isDirectory() && depth < DEPTH) await below(inner, depth + 1);
    }
  };
  // A run in a database has no own file.
  if (!(await staysIn(roots, path)) && !(await staysIn(roots, dirname(path)))) refuse(basename(path));
  await below(path, 0);
}

async function staysIn(roots: readonly string[], path: string): Promise<boolean> {
  for (const root of roots)
    if (isInside(root, path) && (await realPathInside(root, path).catch(() => null)) !== null) return true;
  return false;
}

/** Whether a path in a config is inside the roots. Follows links one by one. Also true if the file is missing. */
export async function mayRead(roots: readonly string[], path: string): Promise<boolean> {
  for (const root of roots) {
    if (!isInside(root, path)) continue;
    const real = await realPathInside(root, path).catch(() => path);
    if (real !== null) return true;
  }
  return false;
}
