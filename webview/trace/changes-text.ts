import type { Changes, Setting } from '../../src/core/run-data/what-if-settings.ts';

/** Returns the changed settings as part of a run config, for starting a run with these settings. */
export function changesAsYaml(changes: Changes, settings: readonly Setting[]): string {
  const lines: string[] = [];
  let open: readonly string[] = [];
  for (const { name, path } of settings) {
    if (changes[name] === undefined) continue;
    path.forEach((key, depth) => {
      const last = depth === path.length - 1;
      if (!last && path.slice(0, depth + 1).every((k, i) => open[i] === k)) return;
      lines.push(`${'  '.repeat(depth)}${key}:${last ? ` ${changes[name]}` : ''}`);
    });
    open = path.slice(0, -1);
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** Returns the changed settings as arguments of `fork`, such as `coupling.eta=2`. */
export const changesAsEntries = (changes: Changes, settings: readonly Setting[]): string[] =>
  settings.flatMap(({ name, path }) => {
    const value = changes[name];
    return value === undefined ? [] : [`${path.join('.')}=${value}`];
  });
