import { dirname } from 'node:path';
import { Turns } from '../base/turns.ts';
import type { ServiceHost } from '../panels/service.reads.ts';
import type { Program } from './launch/cli-program.ts';

/** How many videos to take frames of at once: a list shows many, and each of them starts a process. */
const AT_ONCE = 2;

/** Takes frames of videos by the command-line program, which the worker thread may not start. */
export function framesBy(program: Program): ServiceHost['takeFrames'] {
  const lanes = Array.from({ length: AT_ONCE }, () => ({ turns: new Turns(), waiting: 0 }));
  return async ({ path, plan: { frames, start_s: from, end_s: to }, folder }) => {
    const lane = lanes.reduce((best, next) => (next.waiting < best.waiting ? next : best));
    lane.waiting += 1;
    const words = ['data', 'frames', '-o', folder, '--frames', `${frames}`];
    if (from !== undefined && from > 0) words.push('--start-s', `${from}`);
    if (to !== undefined) words.push('--end-s', `${to}`);
    try {
      await lane.turns.run(() => program.run([...words, '--', path], { cwd: dirname(path) }));
    } finally {
      lane.waiting -= 1;
    }
  };
}
