import { readlinkSync } from 'node:fs';
import { readTextSync } from './regular.ts';

let place: string | null | undefined;

/**
 * Where process ids and start times count: since which start of the machine, in which container. The name of a host
 * says neither, since containers and machines may share one. Null where the system has no such thing.
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

/** Whether there is a process with this id, be it another user's. */
export function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
