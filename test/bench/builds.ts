import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Builds another commit with the libraries of this one in `folder`. @returns its command line */
export function buildOf(commit: string, folder: string): string {
  const tree = join(folder, 'before');
  const quiet = { stdio: 'ignore' } as const;
  execFileSync('git', ['worktree', 'add', '--detach', tree, commit], quiet);
  process.on('exit', () => execFileSync('git', ['worktree', 'remove', '--force', tree], quiet));
  symlinkSync(resolve('node_modules'), join(tree, 'node_modules'));
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: tree, ...quiet });
  return join(tree, 'dist/cli.js');
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1]!;
