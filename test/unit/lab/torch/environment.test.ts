import { mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findings } from '../../../../src/lab/torch/doctor.ts';
import {
  buildFor,
  candidates,
  COMPLETE,
  ownEnvironment,
  findPython,
  pythonOf,
  REQUIREMENTS,
  REQUIREMENTS_4BIT,
  REQUIREMENTS_TINKER,
  REQUIREMENTS_UV,
} from '../../../../src/lab/torch/python.ts';
import { WORKER_FOLDER } from '../../../../src/engines/torch/processes.ts';
import { createEnvironment } from '../../../../src/lab/torch/setup.ts';
import { folderOfTests } from '../../../support/folder.ts';

beforeEach(() => {
  vi.stubEnv('XDG_CACHE_HOME', folderOfTests('chirality-cache-'));
  for (const name of ['CHIRALITY_PYTHON', 'VIRTUAL_ENV', 'CONDA_PREFIX']) vi.stubEnv(name, undefined);
});
afterEach(() => vi.unstubAllEnvs());

describe('findPython', () => {
  it('prefers CHIRALITY_PYTHON, then the installed environment, then the active environment', async () => {
    await expect(findPython()).rejects.toThrow('chirality engine setup torch');
    vi.stubEnv('VIRTUAL_ENV', '/active');
    expect(await findPython()).toBe(pythonOf('/active'));
    const own = await ownEnvironment('torch');
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
describe.skipIf(process.platform === 'win32')('createEnvironment', () => {
  let folder: string;
  let said: string[];
  /** Makes an environment with a Python that notes what it is to install, and with uv where its index answers. */
  async function installs(options: { driver?: string | null; uv?: string } = {}): Promise<string[]> {
    folder = mkdtempSync(join(tmpdir(), 'chirality-setup-'));
    said = [];
    const log = join(folder, 'log');
    // It says which version it is, makes an environment of itself, and notes what it is to install.
    const python = `#!/bin/sh
echo "in $(pwd -P): $@" >> ${log}
[ "$1" = -c ] && echo "3 13"
[ "$2" = venv ] && mkdir -p "$3/bin" && cp "$0" "$3/bin/python"
exit 0
`;
    writeFileSync(join(folder, 'python3.13'), python, { mode: 0o755 });
    if (options.uv !== undefined) writeFileSync(join(folder, 'uv'), options.uv, { mode: 0o755 });
    vi.stubEnv('PATH', `${folder}:/bin:/usr/bin`);
    const made = await createEnvironment({
      folder: join(folder, 'env'),
      requirements: REQUIREMENTS,
      ...options,
      onLine: (line) => said.push(line),
    });
    expect(made).toBe(pythonOf(join(folder, 'env')));
    return readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line.includes('install') && !line.includes('--dry-run'));
  }

  it('installs only packages pinned by hash, including the installer', async () => {
    const lines = await installs();
    expect(lines.map((line) => /-r (\S+)/.exec(line)?.[1])).toEqual([REQUIREMENTS_UV, REQUIREMENTS]);
    // Python finds modules in the working folder before its own.
    for (const line of lines) expect(line).toContain(`in ${realpathSync(WORKER_FOLDER)}:`);
    for (const line of lines) expect(line).toContain('--require-hashes');
  });

  const uv = (refuses: string) => `#!/bin/sh
echo "uv $@" | tee -a "$(dirname "$0")/log"
case "$*" in ${refuses}) exit 1;; esac
`;

  it('installs the PyTorch build for the machine, and other packages by hash', async () => {
    const [torch, others, ...more] = await installs({ driver: null, uv: uv('nothing') });
    expect(more).toEqual([]);
    expect(torch).toMatch(/--torch-backend cpu torch==\d+\.\d+\.\d+ torchvision==\d+\.\d+\.\d+$/);
    expect(said.join('\n')).toMatch(
      /PyTorch without CUDA: no NVIDIA driver is installed\. .* 1\.5 GB\.\nuv .*torch-backend/,
    );
    expect(others).toContain('--require-hashes');
    const listed = readFileSync(/-r (\S+)/.exec(others!)![1]!, 'utf8');
    expect(listed).toMatch(/^transformers==/m);
    expect(listed).not.toMatch(/^(?:torch|nvidia|cuda|triton)/m);
    expect(listed.match(/^[\w-]+==/gm)!.length).toBeGreaterThan(20);
  });

  it('installs a build without CUDA from any index that contains the build', async () => {
    const [torch] = await installs({ driver: null, uv: uv('*torch-backend*') });
    expect(torch).toMatch(/ torch==\d+\.\d+\.\d+\+cpu torchvision==\d+\.\d+\.\d+\+cpu$/);
  });

  it('falls back to the pinned build, and announces the fallback first', async () => {
    const [only, ...more] = await installs({ driver: null, uv: uv('*dry-run*') });
    expect(more).toEqual([]);
    expect(only).toContain(`--require-hashes -r ${REQUIREMENTS}`);
    expect(said.join('\n')).toMatch(/index does not respond\. .* 5\.3 GB\.\nuv .*require-hashes/);
  });

  it('installs an older CUDA build for an older driver', async () => {
    const [torch] = await installs({ driver: '550.54.14', uv: uv('nothing') });
    expect(torch).toContain('--torch-backend auto torch==');
    expect(said.join('\n')).toContain('the NVIDIA driver is 550.54.14. ');
  });

  it.each([
    ['linux', '580.65.06', 'pinned'],
    ['linux', '550.54.14', 'auto'],
    ['linux', null, 'cpu'],
    ['win32', '581.15', 'auto'],
    ['win32', null, 'pinned'],
    ['darwin', null, 'pinned'],
  ] as const)('selects the build for %s with driver %s', (platform, driver, build) => {
    expect(buildFor(platform, driver)).toBe(build);
  });

  it.each([REQUIREMENTS, REQUIREMENTS_4BIT, REQUIREMENTS_TINKER, REQUIREMENTS_UV])(
    'pins every package in %s by hash',
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

describe('findings of engine doctor', () => {
  const healthy = {
    executable: '/venv/bin/python',
    python: '3.11.7',
    packages: { torch: '2.15.0', peft: '0.21.2' },
    problems: [],
    devices: { gpus: [{ name: 'NVIDIA A6000', memory_gb: 47.5, capability: 86 }] },
    build: { cuda: '13.2', least: 75 },
    offline: false,
  };
  const pinned = new Map([
    ['torch', ['2.14.0', '2.15.0']],
    ['peft', ['0.21.2']],
  ]);
  const bad = (diagnosis: Parameters<typeof findings>[0]) =>
    findings(diagnosis, pinned, null).filter(({ state }) => state !== 'good');

  it('engine doctor reports no problem in a healthy environment', () => {
    expect(bad(healthy)).toEqual([]);
    expect(findings(healthy, pinned, null).map(({ text }) => text)).toEqual(
      expect.arrayContaining([
        'PyTorch for CUDA 13.2 requires NVIDIA driver 580 or later and a GPU of compute capability 7.5 or later.',
        'NVIDIA A6000, 47.5 GB, compute capability 8.6',
      ]),
    );
  });

  it('engine doctor rejects unsupported GPUs, and warns about GPUs slow with bfloat16', () => {
    const gpus = [70, 75].map((capability) => ({ name: 'Card', memory_gb: 16, capability }));
    expect(bad({ ...healthy, devices: { gpus } }).map(({ state, text }) => [state, text])).toEqual([
      ['bad', 'Card, 16 GB, compute capability 7.0: too old for this PyTorch.'],
      ['warning', 'Card, 16 GB, compute capability 7.5: slow with bfloat16.'],
    ]);
  });

  it('engine doctor explains the use of a GPU that PyTorch cannot detect', () => {
    const blind = {
      ...healthy,
      build: null,
      devices: { gpus: [], reason: 'This PyTorch was built without CUDA.' },
    };
    expect(findings(blind, pinned, '535.54.03').filter(({ state }) => state !== 'good')).toEqual([
      {
        state: 'warning',
        text: 'No GPU, although NVIDIA driver 535.54.03 is installed: This PyTorch was built without CUDA.',
        fix: 'Install PyTorch for this driver with `chirality engine setup torch`.',
      },
    ]);
  });

  it('engine doctor names missing and broken packages, and the reason for a missing GPU', () => {
    const ill = {
      ...healthy,
      packages: { torch: '2.9.0', peft: null },
      problems: [{ message: 'libcudart.so.13 is missing', fix: 'Install it.' }],
      devices: { gpus: [], reason: 'The NVIDIA driver is too old.' },
    };
    expect(bad(ill).map(({ state, text }) => [state, text])).toEqual([
      ['warning', 'torch 2.9.0; tested with 2.14.0 or 2.15.0.'],
      ['bad', 'peft is not installed.'],
      ['bad', 'libcudart.so.13 is missing'],
      ['warning', 'No GPU: The NVIDIA driver is too old.'],
    ]);
    expect(bad(ill).every(({ fix }) => fix)).toBe(true);
  });
});
