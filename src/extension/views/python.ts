import { execFile } from 'node:child_process';
import { access, constants, readFile, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import type { Fact } from './engine-facts.ts';

/** A Python that was found, and why. */
export interface Python {
  path: string;
  from: string;
}

/** What the `torch` engine imports. */
const PACKAGES = ['torch', 'transformers', 'peft', 'pillow'];
/** Importing torch from a cold disk takes long. */
const CHECK_MS = 60_000;

const CHECK = `
import importlib.metadata, json, sys
def version(name):
    try: return importlib.metadata.version(name)
    except Exception: return None
found = {"python": sys.version.split()[0], "packages": {n: version(n) for n in ${JSON.stringify(PACKAGES)}}}
try:
    import torch
    found["gpus"] = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    found["mps"] = torch.backends.mps.is_available()
except Exception as error:
    found["error"] = str(error)
print(json.dumps(found))
`;

interface Found {
  python: string;
  packages: Record<string, string | null>;
  gpus?: string[];
  mps?: boolean;
  error?: string;
}

const inEnvironment = (folder: string): string =>
  process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');

/**
 * The Pythons of the machine and the workspace, the most likely first. They are looked for, not run.
 * @param setting path of the setting, or empty.
 */
export async function findPythons(
  setting: string,
  folders: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Python[]> {
  const conda = await readFile(join(homedir(), '.conda', 'environments.txt'), 'utf8').catch(() => '');
  const names = process.platform === 'win32' ? ['python.exe'] : ['python3', 'python'];
  const candidates: Python[] = [
    ...(setting ? [{ path: setting, from: 'the setting' }] : []),
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
    if (candidate.from !== 'the setting' && !(await isExecutable(candidate.path))) continue;
    // \`python\` and \`python3\` of one folder are one; an environment's own link to the same program is another.
    const same = join(
      dirname(candidate.path),
      basename(await realpath(candidate.path).catch(() => candidate.path)),
    );
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

/**
 * Runs a Python and asks what the torch engine needs of it.
 * @param cwd a folder of ours: Python imports from where it is started.
 */
export async function checkPython(path: string, cwd: string): Promise<Fact[]> {
  const answer = await new Promise<{ text: string } | { error: string }>((resolve) => {
    const options = { cwd, timeout: CHECK_MS, windowsHide: true };
    execFile(path, ['-c', CHECK], options, (error, stdout, stderr) => {
      if (!error) resolve({ text: stdout });
      else if (error.killed) resolve({ error: `No answer within ${CHECK_MS / 1000} s.` });
      else resolve({ error: stderr.trim().split('\n').at(-1) || error.message });
    });
  });
  if ('error' in answer) return [{ state: 'bad', label: 'Does not run', detail: answer.error }];
  try {
    return pythonFacts(JSON.parse(answer.text.trim().split('\n').at(-1)!) as Found, path);
  } catch {
    return [
      { state: 'bad', label: 'Not a Python', detail: `It answers "${answer.text.trim().slice(0, 100)}".` },
    ];
  }
}

/** What was found, and what is missing with the command that brings it. */
export function pythonFacts({ python, packages, gpus, mps, error }: Found, path: string): Fact[] {
  const facts: Fact[] = [{ state: 'good', label: `Python ${python}`, detail: path }];
  for (const [name, version] of Object.entries(packages)) {
    facts.push(
      version === null
        ? { state: 'bad', label: `${name} is missing`, detail: `"${path}" -m pip install ${name}` }
        : { state: 'good', label: `${name} ${version}`, detail: '' },
    );
  }
  if (packages.torch !== null && error !== undefined) {
    facts.push({ state: 'bad', label: 'torch cannot be imported', detail: error });
  } else if (gpus) {
    const device = gpus.length > 0 ? gpus.join(', ') : mps ? 'Apple GPU' : null;
    facts.push(
      device === null
        ? { state: 'note', label: 'No GPU', detail: 'Real models train slowly on the CPU.' }
        : { state: 'good', label: device, detail: '' },
    );
  }
  return facts;
}
