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
