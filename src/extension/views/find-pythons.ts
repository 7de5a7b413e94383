import { access, constants, readFile, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';

/** A Python that was found, and where. */
export interface Python {
  path: string;
  from: string;
}

/** The Pythons of the machine and the workspace, the most likely first. None of them is run. */
export async function findPythons(
  folders: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): Promise<Python[]> {
  const isWindows = platform === 'win32';
  const inEnvironment = (folder: string) =>
    isWindows ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
  const condaPython = (folder: string) =>
    isWindows ? join(folder, 'python.exe') : join(folder, 'bin', 'python');
  const conda = await readFile(join(homedir(), '.conda', 'environments.txt'), 'utf8').catch(() => '');
  const names = isWindows ? ['python.exe'] : ['python3', 'python'];
  const candidates: Python[] = [
    ...folders.flatMap((folder) =>
      ['.venv', 'venv'].map((name) => ({ path: inEnvironment(join(folder, name)), from: name })),
    ),
    ...(env.VIRTUAL_ENV ? [{ path: inEnvironment(env.VIRTUAL_ENV), from: 'active environment' }] : []),
    ...(env.CONDA_PREFIX ? [{ path: condaPython(env.CONDA_PREFIX), from: 'active environment' }] : []),
    ...conda
      .split(/\r?\n/)
      .filter(Boolean)
      .map((folder) => ({ path: condaPython(folder), from: `conda ${basename(folder)}` })),
    ...(env.PATH ?? '')
      .split(delimiter)
      .filter(Boolean)
      .flatMap((folder) => names.map((name) => ({ path: join(folder, name), from: 'PATH' }))),
  ];
  const pythons = new Map<string, Python>();
  for (const candidate of candidates) {
    if (!(await isExecutable(candidate.path))) continue;
    // `python` and `python3` of one folder count as one, and folders may be links to each other (`/bin`). A link to the
    // same program in a virtual environment is another Python.
    const folder = await realpath(dirname(candidate.path));
    // Windows does not tell where the Store's Python, or its invitation to install one, leads.
    const same = join(folder, basename(await realpath(candidate.path).catch(() => candidate.path)));
    if (!pythons.has(same)) pythons.set(same, candidate);
  }
  return [...pythons.values()];
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
