/** Name of a folder that ms-swift creates for each start of a run, with the time of the start. */
const START = /^v\d+-\d{8}-\d{6}$/;

/**
 * Returns the name of a run from its folder, or from its path in a trackio database, for lists, titles and charts. If
 * the folder is that of a start, the name includes the parent folder.
 */
export function runName(dir: string): string {
  const [above = '', name = ''] = dir.split(/[/\\]/).slice(-2);
  if (above.endsWith('.db')) return decoded(name);
  return START.test(name) ? `${above}/${name}` : name;
}

/** Decodes a run name in a database path. Run names are encoded, because they can contain slashes. */
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
 * Assigns distinct names to runs: their own names or, if several folders contain a name, their paths. `path` formats
 * these paths; by default, they begin below the folder with all runs of the name ("a/runs/demo", "b/runs/demo").
 */
export function withDistinctNames<T extends Named>(runs: readonly T[], path?: (dir: string) => string): T[] {
  const folders = new Map<string, Set<string>>();
  for (const { name, dir } of runs) folders.set(name, (folders.get(name) ?? new Set()).add(dir));
  return runs.map((run) => {
    const alike = folders.get(run.name)!;
    return alike.size > 1 ? { ...run, name: path?.(run.dir) ?? pathAmong([...alike], run.dir) } : run;
  });
}

/** Returns the path of a folder below the innermost folder that contains all given folders. */
function pathAmong(dirs: readonly string[], dir: string): string {
  const parts = dirs.map((each) => each.split(/[/\\]/));
  const shared = parts[0]!.findIndex((part, i) =>
    parts.some((other) => other[i] !== part || i === other.length - 1),
  );
  return dir.split(/[/\\]/).slice(shared).join('/');
}
