import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../../src/lab/files/folders.ts';
import { pythonOf } from '../../src/lab/torch/python.ts';
import { torch } from './open.ts';

/** An environment with the package, made once. @param above whether it sees the packages of the torch engine */
export function environment(name: string, packages: readonly string[], above: boolean): string {
  const env = join(cacheDir(), `harness-${name}`);
  const python = pythonOf(env);
  if (!existsSync(join(env, 'complete'))) {
    execFileSync(torch!.python, ['-m', 'venv', env]);
    const sites = (of: string) =>
      execFileSync(of, ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'], {
        encoding: 'utf8',
      }).trim();
    if (above) writeFileSync(join(sites(python), 'torch.pth'), sites(torch!.python));
    for (const given of packages) execFileSync(python, ['-m', 'pip', 'install', '-q', ...given.split(' ')]);
    writeFileSync(join(env, 'complete'), '');
  }
  return python;
}
