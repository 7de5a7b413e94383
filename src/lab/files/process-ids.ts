import { readlinkSync } from 'node:fs';
import { readTextSync } from './regular.ts';

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
