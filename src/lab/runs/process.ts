import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process for good: process ids are reused, so the start time belongs to the identity. */
export interface ProcessId {
  host: string;
  pid: number;
  /** As the operating system states it; opaque, only compared. */
  pid_start: string;
}

export function thisProcess(): ProcessId {
  return { host: hostname(), pid: process.pid, pid_start: startTime(process.pid) ?? 'unknown' };
}

/** Whether the process runs. `unknown` for another host, where only a heartbeat can tell. */
export function isAlive({ host, pid, pid_start }: ProcessId): boolean | 'unknown' {
  if (host !== hostname()) return 'unknown';
  const start = startTime(pid);
  return start !== null && start === pid_start;
}

/** When a process started; null where there is no such process (a zombie counts as none). */
function startTime(pid: number): string | null {
  try {
    if (process.platform === 'linux') {
      // Fields after the command, which may itself hold spaces and brackets: state is the first, start time the 20th.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' ? null : fields[19]!;
    }
    const [command, ...args] =
      process.platform === 'win32'
        ? ['powershell', '-NoProfile', '-Command', `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`]
        : ['ps', '-o', 'lstart=', '-p', String(pid)];
    return (
      execFileSync(command!, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() || null
    );
  } catch {
    return null;
  }
}

/** Signals a process and all its descendants that share its process group; on Windows, its process tree. */
export function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    if (process.platform === 'win32') {
      execFileSync('taskkill', ['/PID', String(pid), '/T', ...(signal === 'SIGKILL' ? ['/F'] : [])], {
        stdio: 'ignore',
      });
    } else {
      process.kill(-pid, signal);
    }
  } catch {
    // Already gone.
  }
}
