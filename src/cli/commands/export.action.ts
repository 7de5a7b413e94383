import type { OptionsOf } from '../command-options.ts';
import type { addExportCommand } from './export.command.ts';
import { homedir, hostname, userInfo } from 'node:os';
import { copyAnonymously } from '../../lab/runs/anonymous.ts';
import { resolve, basename } from 'node:path';
import { printJson, note, tell, liveLine } from '../print.ts';
import { exportCheckpoint } from '../../lab/models/export-checkpoint.ts';
import { requireOwn } from '../find-runs.ts';
import { readRunConfig } from '../../lab/runs/make-run.ts';
import { chooseStep } from '../../lab/models/open-model.ts';

const NOBODY = ['root', 'user', 'admin', 'ubuntu', 'runner', 'nobody'];

/** Minimum length of a name to anonymise, in characters. Shorter names could be ordinary words. */
const MIN_NAME = 3;

async function exportAnonymously(dir: string, output: string, json?: boolean): Promise<void> {
  const names = [homedir(), hostname(), userInfo().username].filter(
    (name) => name.length >= MIN_NAME && !NOBODY.includes(name) && name !== '/root',
  );
  const { files, leftOut, found } = await copyAnonymously(dir, resolve(output), names);
  if (json) printJson({ run: basename(dir), folder: resolve(output), files, left_out: leftOut, found });
  else
    note(
      `Copied ${files} files of ${basename(dir)} to ${output}. Excluded ${leftOut.length} files, including weights and logs.`,
    );
  for (const { file, line, names } of found) tell(`${file}:${line} still contains ${names.join(', ')}.`);
  if (found.length > 0) process.exitCode = 1;
}

export async function exportRun(name: string, options: OptionsOf<typeof addExportCommand>): Promise<void> {
  const { runs, step: wanted, output, merged = false, json } = options;
  const dir = await requireOwn(runs, name, 'exported');
  if (options.anonymous) return exportAnonymously(dir, output, json);
  const config = await readRunConfig(dir);
  const step = await chooseStep(dir, wanted);
  const folder = resolve(output);
  await exportCheckpoint(config, dir, step, folder, merged, { onPhase: (phase) => liveLine.show(phase) });
  liveLine.clear();
  if (json) printJson({ run: basename(dir), step, folder });
  else note(`Exported step ${step} of ${basename(dir)} to ${folder}`);
}
