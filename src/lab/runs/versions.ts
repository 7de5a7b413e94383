import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { dirname } from 'node:path';

declare const CHIRALITY_VERSION: string;

export const programVersions = (): Record<string, string> => ({
  chirality: typeof CHIRALITY_VERSION === 'string' ? CHIRALITY_VERSION : 'source',
  node: process.versions.node,
});

/** Returns a text about the processors and memory of this machine: "2 × AMD EPYC 7763, 8 GiB". */
export function hardwareText(): string {
  const all = cpus();
  const model = all[0]?.model.trim();
  return `${all.length} × ${model || 'processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
}

/**
 * Returns the git commit of the folder with data and configs. Null without git. Does not check for changed files,
 * because git would start programs from the folder's own settings.
 */
export function gitState(folder: string): { commit: string } | null {
  try {
    const commit = execFileSync('git', ['-C', folder, 'rev-parse', 'HEAD'], {
      cwd: dirname(process.execPath), // Windows searches the working folder for programs first.
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      windowsHide: true,
    });
    return { commit: commit.trim() };
  } catch {
    return null;
  }
}
