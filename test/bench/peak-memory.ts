/**
 * Arguments for a Node process that reports its peak memory and its processor time when it exits. On Linux from /proc, because the resource
 * usage of a child begins at its parent's peak.
 */
const REPORT = `
import { readFileSync } from 'node:fs';
process.on('exit', () => {
  let kilobytes = process.resourceUsage().maxRSS;
  try {
    kilobytes = /VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1];
  } catch {}
  const { user, system } = process.cpuUsage();
  console.error('peak memory ' + kilobytes + ' kB, processors ' + (user + system) + ' us');
});`;

export const reportPeakMemory = ['--import', `data:text/javascript,${encodeURIComponent(REPORT)}`];

const reported = (stderr: string, pattern: RegExp): number => {
  const found = pattern.exec(stderr);
  if (!found) throw new Error(stderr);
  return Number(found[1]);
};

/** Megabytes, from what the process wrote to standard error. */
export const peakMegabytes = (stderr: string): number => reported(stderr, /peak memory (\d+) kB/) / 1024;

/** Of all threads, from what the process wrote to standard error. */
export const processorMilliseconds = (stderr: string): number =>
  reported(stderr, /processors (\d+) us/) / 1000;
