import { access, constants, readFile, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';

/** A Python that was found, and where. */
export interface Python {
  path: string;
  from: string;
}

const inEnvironment = (folder: string): string =>
  process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');

/** The Pythons of the machine and the workspace, the most likely first. None of them is run. */
export async function findPythons(
  folders: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Python[]> {
  const conda = await readFile(join(homedir(), '.conda', 'environments.txt'), 'utf8').catch(() => '');
  const names = process.platform === 'win32' ? ['python.exe'] : ['python3', 'python'];
  const candidates: Python[] = [
    ...folders.flatMap((folder) =>
      ['.venv', 'venv'].map((name) => ({ path: inEnvironment(join(folder, name)), from: name })),
    ),
    ...[env.VIRTUAL_ENV, env.CONDA_PREFIX].flatMap((folder) =>
      folder ? [{ path: inEnvironment(folder), from: 'active environment' }] : [],
    ),
    ...conda
      .split(/\r?\n/)
      .filter(Boolean)
      .map((folder) => ({ path: condaPython(folder), from: `conda ${basename(folder)}` })),
    ...(env.PATH ?? '')
      .split(delimiter)
      .filter(Boolean)
      .flatMap((folder) => names.map((name) => ({ path: join(folder, name), from: 'PATH' }))),
  ];
  const found = new Map<string, Python>();
  for (const candidate of candidates) {
    if (!(await isExecutable(candidate.path))) continue;
    // `python` and `python3` of one folder count as one, and folders may be links to each other (`/bin`). A link to the
    // same program in a virtual environment is another Python.
    const folder = await realpath(dirname(candidate.path));
    const same = join(folder, basename(await realpath(candidate.path)));
    if (!found.has(same)) found.set(same, candidate);
  }
  return [...found.values()];
}

const condaPython = (folder: string): string =>
  process.platform === 'win32' ? join(folder, 'python.exe') : join(folder, 'bin', 'python');

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
