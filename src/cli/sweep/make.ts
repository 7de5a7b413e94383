import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SweepPlan } from '../../core/sweeps/plan.ts';
import { madeFolder, madeSet } from '../../lab/runs/sweep-folder.ts';
import { JobError } from '../errors.ts';
import { thisProgram } from '../runs.ts';

/**
 * Makes the data sets of a sweep that are not there yet, in the order of the file, each by this very program. A set
 * that takes another one as its input names it.
 * @throws JobError when a command fails; it has said why.
 */
export async function makeSets(sweep: string, { make, file }: SweepPlan): Promise<void> {
  for (const [set, [command, ...words]] of Object.entries(make)) {
    if (existsSync(madeSet(sweep, set))) continue;
    console.error(`Making ${set}: ${[command, ...words].join(' ')}`);
    await mkdir(madeFolder(sweep, set), { recursive: true });
    const options =
      command === 'worlds'
        ? [
            ...words,
            ...(words.includes('--seed') ? [] : ['--seed', set]),
            '--force',
            '--out',
            madeFolder(sweep, set),
          ]
        : [
            ...words.map((word, i) => (i === 0 && word in make ? madeSet(sweep, word) : word)),
            '-o',
            madeSet(sweep, set),
          ];
    const child = spawn(process.execPath, [thisProgram(), command!, ...options], {
      cwd: dirname(file),
      stdio: ['ignore', 2, 2],
      windowsHide: true,
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0 || !existsSync(madeSet(sweep, set)))
      throw new JobError(`The set "${set}" could not be made.`, { file, fix: `Correct make.${set}.` });
  }
}
