import { readFile } from 'node:fs/promises';

/** Bytes that this process took at most. */
export async function peakOfProcess(): Promise<number> {
  // What Node tells begins at the peak of the process that started this one; Linux knows this one's own.
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const own = /VmHWM:\s*(\d+) kB/.exec(status)?.[1];
  return 1024 * Number(own ?? process.resourceUsage().maxRSS);
}
