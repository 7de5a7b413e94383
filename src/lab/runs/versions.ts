import { execFileSync } from 'node:child_process';

declare const CHIRALITY_VERSION: string;

export const programVersions = (): Record<string, string> => ({
  chirality: typeof CHIRALITY_VERSION === 'string' ? CHIRALITY_VERSION : 'source',
  node: process.versions.node,
});

/** The git commit of the folder with data and configs, if it is under git. */
export function gitState(folder: string): { commit: string; dirty: boolean } | null {
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      windowsHide: true,
    }).trim();
  try {
    return { commit: git('rev-parse', 'HEAD'), dirty: git('status', '--porcelain') !== '' };
  } catch {
    return null;
  }
}
