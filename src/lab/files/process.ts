import { execFile, execFileSync } from 'node:child_process';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ProcessId } from './process-id.ts';
import { readText, readTextSync } from './regular.ts';
import { readlinkSync } from 'node:fs';

let self: Promise<ProcessId> | undefined;

export function thisProcess(): Promise<ProcessId> {
  self ??= identify();
  return self;
}

async function identify(): Promise<ProcessId> {
  const start = (await startTime(process.pid)) ?? 'unknown';
  const place = placeOfIds();
  const pid_start = place === null ? start : `${start}${AT}${place}`;
  return { host: hostname(), pid: process.pid, pid_start };
}

/** Separates a start time from the place where the process id is valid. */
const AT = ' @ ';

/**
 * Whether the process runs. `unknown` if only a heartbeat can tell: on another host, in another container, from before
 * a restart of the machine (which cannot be told from another machine of that name), and where the start time cannot be
 * determined.
 * @param heartbeat in ms since the epoch: while it is fresh, a start time that was read before is trusted.
 */
export async function isAlive(
  { host, pid, pid_start }: ProcessId,
  heartbeat?: number,
  now = Date.now(),
): Promise<boolean | 'unknown'> {
  if (host !== hostname()) return 'unknown';
  // Systems without such places record none.
  const [recorded, elsewhere = placeOfIds()] = pid_start.split(AT) as [string, string?];
  if (elsewhere !== placeOfIds()) return 'unknown';
  // Process 1 proves nothing: every container has one, though a run may indeed be it.
  if (pid <= 1 && process.pid !== pid) return 'unknown';
  if (!exists(pid)) return false;
  const start = await knownStart(pid, recorded, heartbeat, now);
  // A process whose start time cannot be read may have ended just now.
  if (start === null || recorded === 'unknown') return exists(pid) && 'unknown';
  return start === recorded;
}

/** If reading a start time takes a subprocess, it is read again once heartbeat and last reading are older than this. */
const RECHECK_MS = 10_000;
const readings = new Map<string, { start: Promise<string | null>; at: number }>();

function knownStart(pid: number, recorded: string, heartbeat: number | undefined, now: number) {
  if (process.platform === 'linux') return startTime(pid);
  const key = `${pid} ${recorded}`;
  const last = readings.get(key);
  if (last && heartbeat !== undefined && Math.max(last.at, heartbeat) > now - RECHECK_MS) return last.start;
  const reading = { start: startTime(pid), at: now };
  readings.set(key, reading);
  return reading.start;
}

let subprocesses = true;

/** From now on this thread starts no process to read start times; if only that would tell, heartbeats decide. */
export function startNoSubprocess(): void {
  subprocesses = false;
}

/** When a process started; null if that cannot be determined. */
async function startTime(pid: number): Promise<string | null> {
  try {
    if (process.platform === 'linux') {
      // Fields after the command, which may itself contain spaces and brackets: state is the first, start time the
      // 20th.
      const stat = await readText(`/proc/${pid}/stat`);
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' ? 'zombie' : fields[19]!;
    }
    if (!subprocesses) return null;
    const [command, args] =
      process.platform === 'win32'
        ? [
            system32('WindowsPowerShell/v1.0/powershell.exe'),
            ['-NoProfile', '-Command', '(Get-Process -Id $env:ASKED_PID).StartTime.ToFileTimeUtc()'],
          ]
        : ['ps', ['-o', 'lstart=', '-p', String(pid)]];
    // The language and time zone of the caller must not change the answer.
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC', ASKED_PID: String(pid) };
    const { stdout } = await promisify(execFile)(command, args, { env, windowsHide: true });
    return stdout.trim() || null;
  } catch {
    return null;
  }
}

/** A Windows program by its full path, because a program of that name in the working folder would come first. */
const system32 = (program: string): string =>
  join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', program);

/** The signals with which a system or a cluster's scheduler announces that it will end a process soon. */
export const WARNINGS = ['SIGTERM', 'SIGUSR1'] as const;

/**
 * Signals a process and all its descendants in its process group; on Windows, its process tree. Ignores process 1,
 * whose group would be everybody.
 */
export function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (!Number.isSafeInteger(pid) || pid <= 1) return;
  try {
    if (process.platform === 'win32') {
      const force = signal === 'SIGKILL' ? ['/F'] : [];
      const args = ['/PID', String(pid), '/T', ...force];
      execFileSync(system32('taskkill.exe'), args, { stdio: 'ignore', windowsHide: true });
    } else {
      // eslint-disable-next-line no-restricted-properties -- this is it
      process.kill(-pid, signal);
    }
  } catch {
    // Already gone.
  }
}

let place: string | null | undefined;

/**
 * Identifies where process ids and start times are valid: the start of the machine and the container. The host name
 * does not, since containers and machines may share one. Null if the system has no such thing.
 */
export function placeOfIds(): string | null {
  if (process.platform !== 'linux') return null;
  if (place === undefined) {
    try {
      const boot = readTextSync('/proc/sys/kernel/random/boot_id').trim();
      place = `boot ${boot}, ${readlinkSync('/proc/self/ns/pid')}`;
    } catch {
      place = null;
    }
  }
  return place;
}

/** Whether there is a process with this id, even if it belongs to another user. */
export function exists(pid: number): boolean {
  try {
    // eslint-disable-next-line no-restricted-properties -- signal 0 only looks
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
