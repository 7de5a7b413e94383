import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inputAt, makesModel } from '../../core/config/check-sweep.ts';
import type { SweepPlan } from '../../core/reports/sweep/plan.ts';
import { madeFolder, madeSet } from '../../lab/runs/sweep-folder.ts';
import { JobError } from '../errors.ts';
import { thisProgram } from '../runs.ts';
import { makeFolder } from '../../lab/files/make-folder.ts';

/**
 * Makes the data sets and models of a sweep that are not there yet, in the order of the file, each by this very program.
 * What takes another set as its input names it.
 * @throws JobError when a command fails; it has said why.
 */
export async function makeSets(sweep: string, { make, file }: SweepPlan): Promise<void> {
  for (const [name, words] of Object.entries(make)) {
    const folder = madeFolder(sweep, name);
    const made = makesModel(words) ? join(folder, 'config.json') : madeSet(sweep, name);
    if (existsSync(made)) continue;
    console.error(`Making ${name}: ${words.join(' ')}`);
    await makeFolder(folder);
    const input = inputAt(words);
    const seed = words.includes('--seed') ? [] : ['--seed', name];
    const options =
      input < 0
        ? [...words, ...seed, '--force', '--out', folder]
        : [
            ...words.map((word, i) => (i === input && word in make ? madeSet(sweep, word) : word)),
            ...['-o', makesModel(words) ? folder : made],
          ];
    const child = spawn(process.execPath, [thisProgram(), ...options], {
      cwd: dirname(file),
      stdio: ['ignore', 2, 2],
      windowsHide: true,
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0 || !existsSync(made))
      throw new JobError(`"${name}" could not be made.`, { file, fix: `Correct make.${name}.` });
  }
}
