import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Worker } from '../../../../src/engines/torch/worker.ts';
import { PythonWriter } from '../../../../src/lab/curves/python-writer.ts';
import { folderOfTests } from '../../../support/folder.ts';

const folder = folderOfTests('chirality-no-trackio-');

/** A Python that ends with these words. */
function python(name: string, words: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\necho "${words}" >&2; exit 1\n`, { mode: 0o755 });
  return path;
}
const about = { name: 'r', folder, config: {}, resumed: false, sendTo: null };

test('PythonWriter explains the installation of trackio, and lists the rejected Pythons', async () => {
  const tried = [python('old', "ModuleNotFoundError: No module named 'trackio'"), join(folder, 'missing')];
  const opened = PythonWriter.open('trackio', tried, about, expect.fail);
  await expect(opened).rejects.toThrow(/pip install trackio.*CHIRALITY_PYTHON/);
  for (const path of tried) await expect(opened).rejects.toThrow(path);
});

test('PythonWriter skips a Python command that is only a placeholder or a shim', async () => {
  const tried = [
    python('store', 'Python was not found; run without arguments to install from the Microsoft Store'),
    python('shim', 'pyenv: python3: command not found'),
  ];
  const opened = PythonWriter.open('trackio', tried, about, expect.fail);
  await expect(opened).rejects.toThrow(/pip install trackio/);
});

test.each(['OSError: disk is full', 'Experiment 7 not found', "No module named 'trackio.ui'"])(
  'PythonWriter reports why trackio failed, and tries no other Python: %s',
  async (why) => {
    const pythons = [python(why.slice(-4), why), 'unused'];
    const opened = PythonWriter.open('trackio', pythons, about, expect.fail);
    await expect(opened).rejects.toThrow(`trackio ended: ${why}`);
  },
);

describe.skipIf(spawnSync('python3', ['--version']).status !== 0)('a module in the current folder', () => {
  const strange = join(folder, 'strange');
  const ran = join(folder, 'ran');
  const here = process.cwd();
  const module = `open(${JSON.stringify(ran)}, "w").close()\n`;
  beforeAll(() => {
    mkdirSync(join(strange, 'chirality_worker'), { recursive: true });
    for (const name of ['json', 'trackio', join('chirality_worker', '__init__')])
      writeFileSync(join(strange, `${name}.py`), module);
    process.chdir(strange);
  });
  afterAll(() => process.chdir(here));

  test('a module in the current folder is not executed when curves are written', async () => {
    const opened = PythonWriter.open('trackio', ['python3'], about, () => undefined);
    await opened.then((writer) => writer.close('finished')).catch(() => undefined);
    expect(existsSync(ran)).toBe(false);
  });

  test('a module in the current folder is not executed when the worker starts', async () => {
    const worker = await Worker.start({ python: 'python3' });
    await worker.end();
    expect(existsSync(ran)).toBe(false);
  });
});

test('PythonWriter passes credentials only to the server in MLFLOW_TRACKING_URI', async () => {
  const keys = ['MLFLOW_TRACKING_TOKEN', 'MLFLOW_TRACKING_PASSWORD', 'OPENAI_API_KEY'];
  for (const key of keys) vi.stubEnv(key, 'secret');
  vi.stubEnv('MLFLOW_TRACKING_URI', 'http://mine:5000/mlflow');
  const path = join(folder, 'telling');
  writeFileSync(
    path,
    '#!/bin/sh\necho "$MLFLOW_TRACKING_TOKEN,$MLFLOW_TRACKING_PASSWORD,$OPENAI_API_KEY." >&2; exit 1\n',
    { mode: 0o755 },
  );
  const opened = (sendTo: string | null) =>
    PythonWriter.open('mlflow', [path], { ...about, sendTo }, expect.fail);
  await expect(opened('http://strange:5000')).rejects.toThrow('mlflow ended: ,,.');
  await expect(opened(null)).rejects.toThrow('mlflow ended: ,,.');
  await expect(opened('http://mine:5000')).rejects.toThrow('mlflow ended: secret,secret,.');
  vi.unstubAllEnvs();
});
