import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunState } from '../../core/run-data/run-folder.ts';
import { isActive, readState } from './state.ts';
import { makeFolder } from '../files/folders.ts';
import { openFile, openToAppend } from '../files/regular.ts';

/**
 * Starts the program on a run folder in a process of its own, which outlives this one: it has its own process group and
 * writes to the run's log. Returns once the run has written its first state.
 * @param command the executable and its arguments, never a shell string.
 * @throws if the process ends before that, with the end of its log.
 */
export async function launchDetached(
  dir: string,
  command: readonly [string, ...string[]],
  env: NodeJS.ProcessEnv = process.env,
): Promise<RunState> {
  await makeFolder(join(dir, 'logs'));
  const log = await openToAppend(join(dir, 'logs', 'run.log'));
  // This also finds a full disk before the run starts, which could not report it.
  await log.appendFile(`Started ${new Date().toISOString()}\n`);
  const [executable, ...args] = command;
  const child = spawn(executable, args, {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env,
    windowsHide: true,
  });
  let ended: string | null = null;
  child.once('error', (error) => (ended = error.message));
  child.once(
    'exit',
    (code, signal) => (ended = signal ? `ended by ${signal}` : `ended with exit code ${code}`),
  );
  await log.close();
  for (;;) {
    const state = await readState(dir);
    if (state && state.pid === child.pid) {
      child.unref();
      return state;
    }
    if (ended !== null) {
      // It may have finished before the first look.
      const last = await readState(dir);
      if (last && !isActive(last) && last.pid === child.pid) return last;
      throw new Error(`The run did not start: its process ${ended}.\n${await endOfLog(dir)}`);
    }
    await sleep(50);
  }
}

/** How many bytes to read from the end of a log. */
const END_BYTES = 1 << 14;

/** The last lines of the run's log, for error messages. */
export async function endOfLog(dir: string): Promise<string> {
  const log = await openFile(join(dir, 'logs', 'run.log')).catch(() => null);
  if (!log) return '';
  try {
    const { size } = await log.stat();
    const { buffer, bytesRead } = await log.read({
      buffer: Buffer.alloc(END_BYTES),
      position: Math.max(0, size - END_BYTES),
    });
    return buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n').slice(-12).join('\n');
  } finally {
    await log.close();
  }
}
