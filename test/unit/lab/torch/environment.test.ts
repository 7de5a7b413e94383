import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findings } from '../../../../src/lab/torch/doctor.ts';
import { createEnvironment } from '../../../../src/lab/torch/setup.ts';
import {
  candidates,
  COMPLETE,
  environmentFolder,
  findPython,
  pythonOf,
  REQUIREMENTS,
  REQUIREMENTS_4BIT,
  REQUIREMENTS_UV,
} from '../../../../src/lab/torch/python.ts';

beforeEach(() => {
  vi.stubEnv('XDG_CACHE_HOME', mkdtempSync(join(tmpdir(), 'chirality-cache-')));
  for (const name of ['CHIRALITY_PYTHON', 'VIRTUAL_ENV', 'CONDA_PREFIX']) vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the interpreter that runs the torch engine', () => {
  it('is named by CHIRALITY_PYTHON, else the one that was set up, else that of the active environment', async () => {
    await expect(findPython()).rejects.toThrow('chirality engine setup torch');
    vi.stubEnv('VIRTUAL_ENV', '/active');
    expect(await findPython()).toBe(pythonOf('/active'));
    const own = await environmentFolder();
    mkdirSync(own, { recursive: true });
    // An installation that was broken off does not count.
    expect(await findPython()).toBe(pythonOf('/active'));
    writeFileSync(join(own, COMPLETE), '');
    expect(await findPython()).toBe(pythonOf(own));
    vi.stubEnv('CHIRALITY_PYTHON', '/my/python');
    expect((await candidates()).map(({ python }) => python)).toEqual([
      '/my/python',
      pythonOf(own),
      pythonOf('/active'),
    ]);
  });
});

// The stand-in for Python is a shell script.
describe.skipIf(process.platform === 'win32')('what sets an environment up', () => {
  it('fetches nothing that is not pinned by its hash, the installer neither', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'chirality-setup-'));
    const log = join(folder, 'log');
    // It says which version it is, makes an environment of itself, and notes what it is to install.
    const script = `#!/bin/sh
echo "$@" >> ${log}
[ "$1" = -c ] && echo "3 13"
[ "$2" = venv ] && mkdir -p "$3/bin" && cp "$0" "$3/bin/python"
exit 0
`;
    writeFileSync(join(folder, 'python3.13'), script, { mode: 0o755 });
    vi.stubEnv('PATH', `${folder}:/bin:/usr/bin`);
    const python = await createEnvironment({
      folder: join(folder, 'env'),
      requirements: REQUIREMENTS,
      onLine: () => undefined,
    });
    expect(python).toBe(pythonOf(join(folder, 'env')));
    const installs = readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line.includes('install'));
    expect(installs.map((line) => /-r (\S+)/.exec(line)?.[1])).toEqual([REQUIREMENTS_UV, REQUIREMENTS]);
    for (const line of installs) expect(line).toContain('--require-hashes');
  });

  it.each([REQUIREMENTS, REQUIREMENTS_4BIT, REQUIREMENTS_UV])(
    'has a hash for every package in %s',
    (path) => {
      const text = readFileSync(path, 'utf8')
        .replace(/^ *#.*$/gm, '')
        .replaceAll('\\\n', ' ');
      const lines = text.split('\n').filter((line) => line.trim() !== '');
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) expect(line).toMatch(/^[\w.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}/);
    },
  );
});

describe('what the doctor says', () => {
  const healthy = {
    executable: '/venv/bin/python',
    python: '3.11.7',
    packages: { torch: '2.15.0', peft: '0.21.2' },
    problems: [],
    devices: { gpus: [{ name: 'NVIDIA A6000', memory_gb: 47.5 }] },
    offline: false,
  };
  const pinned = new Map([
    ['torch', ['2.14.0', '2.15.0']],
    ['peft', ['0.21.2']],
  ]);
  const bad = (diagnosis: Parameters<typeof findings>[0]) =>
    findings(diagnosis, pinned).filter(({ state }) => state !== 'good');

  it('finds nothing where all is well', () => {
    expect(bad(healthy)).toEqual([]);
    expect(findings(healthy, pinned).map(({ text }) => text)).toContain('NVIDIA A6000, 47.5 GB');
  });

  it('names what is missing, older, broken, and why there is no GPU', () => {
    const ill = {
      ...healthy,
      packages: { torch: '2.9.0', peft: null },
      problems: [{ message: 'libcudart.so.13 is missing', fix: 'Install it.' }],
      devices: { gpus: [], reason: 'The NVIDIA driver is too old.' },
    };
    expect(bad(ill).map(({ state, text }) => [state, text])).toEqual([
      ['warning', 'torch 2.9.0; tested with 2.14.0 or 2.15.0.'],
      ['bad', 'peft is missing.'],
      ['bad', 'libcudart.so.13 is missing'],
      ['warning', 'No GPU: The NVIDIA driver is too old.'],
    ]);
    expect(bad(ill).every(({ fix }) => fix)).toBe(true);
  });
});
