import { execFile } from 'node:child_process';
import { rename, rm, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { pythonEnvironment } from '../../engines/torch/processes.ts';
import { makeFolder } from '../files/make-folder.ts';
import { findPython } from './python.ts';

/**
 * Writes a small Qwen2.5-VL of random weights, which the torch engine can teach to see compact worlds on a processor.
 * @param rows a file with native rows whose words it is to know.
 * @param folder absolute; empty or not there yet.
 * @throws where there is no suitable Python.
 */
export async function makeSeeingModel(rows: string, folder: string): Promise<void> {
  const python = await findPython();
  const staging = `${folder}.${process.pid}`;
  await makeFolder(dirname(folder));
  // Windows moves nothing over a folder, even where it is empty.
  await rmdir(folder).catch(() => undefined);
  try {
    await promisify(execFile)(python, ['-m', 'chirality_worker.seeing_model', staging, rows], {
      env: pythonEnvironment(null),
      windowsHide: true,
    }).catch((error: { stderr: string }) => {
      throw new Error(`${python} could not make it: ${error.stderr.trim().split('\n').at(-1)}`);
    });
    await rename(staging, folder);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}
