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

/** Separator between start time and scope of a process id. */
const AT = ' @ ';

/**
 * Whether a process runs. `unknown` if only a heartbeat can decide: on another host, in another container, from before
 * a reboot (which could be another machine of the same name), and without a start time.
 * @param heartbeat in ms since the epoch. While the heartbeat is recent, a previously read start time is trusted.
 */
export async function isAlive(
  { host, pid, pid_start }: ProcessId,
  heartbeat?: number,
  now = Date.now(),
): Promise<boolean | 'unknown'> {
  if (host !== hostname()) return 'unknown';
  // Systems without process scopes store no scope.
  const [recorded, elsewhere = placeOfIds()] = pid_start.split(AT) as [string, string?];
  if (elsewhere !== placeOfIds()) return 'unknown';
  // Every container has a process 1, so its existence does not prove that another container's process 1 runs.
  if (pid <= 1 && process.pid !== pid) return 'unknown';
  if (!exists(pid)) return false;
  const start = await knownStart(pid, recorded, heartbeat, now);
  // A process without readable start time might just have ended.
  if (start === null || recorded === 'unknown') return exists(pid) && 'unknown';
  return start === recorded;
}

/** Age (ms) of heartbeat and last reading from which a start time is read again, if reading requires a subprocess. */
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

/** Stops this thread from starting subprocesses for start times. Without start times, heartbeats decide. */
export function startNoSubprocess(): void {
  subprocesses = false;
}

/** Returns the start time of a process. Null if not available. */
async function startTime(pid: number): Promise<string | null> {
  try {
    if (process.platform === 'linux') {
      // Fields after the command, which can contain spaces and brackets. The first field is the state, the 20th the
      // start.
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
    // Fixes language and time zone, so that they do not affect the output of the program.
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC', ASKED_PID: String(pid) };
    const { stdout } = await promisify(execFile)(command, args, { env, windowsHide: true });
    return stdout.trim() || null;
  } catch {
    return null;
  }
}

/** Returns a Windows program's full path, because the working folder could contain a program of the same name. */
const system32 = (program: string): string =>
  join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', program);

/** Signals with which a system or a cluster's scheduler announces the end of a process. */
export const WARNINGS = ['SIGTERM', 'SIGUSR1'] as const;

/**
 * Sends a signal to a process and its descendants: to the process group, or on Windows to the process tree. Ignores
 * process 1, because its group would be all processes.
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
    // The process has already ended.
  }
}

let place: string | null | undefined;

/**
 * Returns the scope of process ids and start times: boot and container. Host names are not part of the scope, because
 * containers and machines can share a name. Null if the system has no scope.
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

/** Whether a process with this id exists, even if another user owns it. */
export function exists(pid: number): boolean {
  try {
    // eslint-disable-next-line no-restricted-properties -- signal 0 only looks
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
