import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface State {
  status: string;
  step: number;
  steps: number;
  pid: number;
}

/** What a run's folder says of it; null before it says anything. */
export function stateOf(dir: string): State | null {
  const path = join(dir, 'state.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as State) : null;
}

export const isEnded = (dir: string): boolean =>
  ['stopped', 'finished', 'failed', 'lost'].includes(stateOf(dir)?.status ?? '');

/** Ends what a failed test left: runs outlive the window that started them. */
export function killRuns(folder: string): void {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const dir = join(folder, name);
    const pid = stateOf(dir)?.pid;
    if (pid && !isEnded(dir)) process.kill(-pid, 'SIGKILL');
  }
}
