import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { dirname } from 'node:path';

declare const CHIRALITY_VERSION: string;

export const programVersions = (): Record<string, string> => ({
  chirality: typeof CHIRALITY_VERSION === 'string' ? CHIRALITY_VERSION : 'source',
  node: process.versions.node,
});

/** Processors and memory of this machine: "2 × AMD EPYC 7763, 8 GiB". */
export function hardwareText(): string {
  const all = cpus();
  const model = all[0]?.model.trim();
  return `${all.length} × ${model || 'processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
}

/**
 * The git commit of the folder with data and configs, if it is under git. Whether files have changed since is not asked:
 * for that, git starts programs that the folder's own settings name.
 */
export function gitState(folder: string): { commit: string } | null {
  try {
    const commit = execFileSync('git', ['-C', folder, 'rev-parse', 'HEAD'], {
      cwd: dirname(process.execPath), // Windows looks for programs in the working folder first.
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      windowsHide: true,
    });
    return { commit: commit.trim() };
  } catch {
    return null;
  }
}
