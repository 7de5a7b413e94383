import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { PythonWriter } from '../../../../src/lab/curves/python-writer.ts';

const folder = mkdtempSync(join(tmpdir(), 'chirality-no-trackio-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A Python that ends with these words. */
function python(name: string, words: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\necho "${words}" >&2; exit 1\n`, { mode: 0o755 });
  return path;
}
const about = { name: 'r', folder, config: {}, resumed: false, sendTo: null };

test('without a Python that has trackio, it is said how to get one, and which were tried', async () => {
  const tried = [python('old', "ModuleNotFoundError: No module named 'trackio'"), join(folder, 'missing')];
  const opened = PythonWriter.open('trackio', tried, about, expect.fail);
  await expect(opened).rejects.toThrow(/pip install trackio.*CHIRALITY_PYTHON/);
  for (const path of tried) await expect(opened).rejects.toThrow(path);
});

test('a Python that is none, as those of Windows and of version managers, is passed over', async () => {
  const tried = [
    python('store', 'Python was not found; run without arguments to install from the Microsoft Store'),
    python('shim', 'pyenv: python3: command not found'),
  ];
  const opened = PythonWriter.open('trackio', tried, about, expect.fail);
  await expect(opened).rejects.toThrow(/pip install trackio/);
});

test.each(['OSError: disk is full', 'Experiment 7 not found', "No module named 'trackio.ui'"])(
  'a trackio that cannot begin says why, and no other Python is tried: %s',
  async (why) => {
    const pythons = [python(why.slice(-4), why), 'unused'];
    const opened = PythonWriter.open('trackio', pythons, about, expect.fail);
    await expect(opened).rejects.toThrow(`trackio ended: ${why}`);
  },
);
