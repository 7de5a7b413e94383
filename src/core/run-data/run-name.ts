/** A folder that ms-swift makes for each start of a run, and names after the time. */
const START = /^v\d+-\d{8}-\d{6}$/;

/**
 * The name of a run by its folder, or by the path that stands for a run in a database of trackio: the same in lists,
 * titles and charts. The folder of one start of a run is named together with that of the run.
 */
export function runName(dir: string): string {
  const [above = '', name = ''] = dir.split(/[/\\]/).slice(-2);
  if (above.endsWith('.db')) return decoded(name);
  return START.test(name) ? `${above}/${name}` : name;
}

/** Names in databases may contain slashes, so paths have them encoded. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

interface Named {
  name: string;
  dir: string;
}

/**
 * Gives runs distinct names: their own or, if runs in several folders have the same one, their paths. `path` makes
 * these; by default, they begin below the folder that contains all runs of the name ("a/runs/demo", "b/runs/demo").
 */
export function withDistinctNames<T extends Named>(runs: readonly T[], path?: (dir: string) => string): T[] {
  const folders = new Map<string, Set<string>>();
  for (const { name, dir } of runs) folders.set(name, (folders.get(name) ?? new Set()).add(dir));
  return runs.map((run) => {
    const alike = [...folders.get(run.name)!];
    return alike.length > 1 ? { ...run, name: path?.(run.dir) ?? pathAmong(alike, run.dir) } : run;
  });
}

/** A folder's path below the innermost folder that contains it and all others. */
function pathAmong(dirs: readonly string[], dir: string): string {
  const parts = dirs.map((each) => each.split(/[/\\]/));
  const shared = parts[0]!.findIndex((part, i) =>
    parts.some((other) => other[i] !== part || i === other.length - 1),
  );
  return dir.split(/[/\\]/).slice(shared).join('/');
}
