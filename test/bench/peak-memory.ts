/**
 * Arguments for a Node process that reports its peak memory when it exits. On Linux from /proc, because the resource
 * usage of a child begins at its parent's peak.
 */
const REPORT = `
import { readFileSync } from 'node:fs';
process.on('exit', () => {
  let kilobytes = process.resourceUsage().maxRSS;
  try {
    kilobytes = /VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1];
  } catch {}
  console.error('peak memory ' + kilobytes + ' kB');
});`;

export const reportPeakMemory = ['--import', `data:text/javascript,${encodeURIComponent(REPORT)}`];

/** Megabytes, from what the process wrote to standard error. */
export function peakMegabytes(stderr: string): number {
  const found = /peak memory (\d+) kB/.exec(stderr);
  if (!found) throw new Error(stderr);
  return Number(found[1]) / 1024;
}
