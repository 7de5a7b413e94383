import { readFile } from 'node:fs/promises';

/** Bytes that this process took at most. */
export async function peakOfProcess(): Promise<number> {
  // Node's figure includes the peak of the process that started this one; Linux knows the peak of this process alone.
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const own = /VmHWM:\s*(\d+) kB/.exec(status)?.[1];
  return 1024 * Number(own ?? process.resourceUsage().maxRSS);
}
