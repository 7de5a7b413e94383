import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findings } from '../../../../src/lab/torch/doctor.ts';
import {
  candidates,
  COMPLETE,
  environmentFolder,
  findPython,
  pythonOf,
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
