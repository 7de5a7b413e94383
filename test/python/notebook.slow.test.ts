import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { cacheDir } from '../../src/lab/files/folders.ts';
import { pythonOf } from '../../src/lab/torch/python.ts';
import { torch } from './open.ts';
import { folderOfTests } from '../support/folder.ts';

const PACKAGES = ['nbclient==0.11.0', 'ipykernel==7.4.0', 'pandas==3.1.1'];

it.skipIf(!torch)(
  'the example notebook runs on the installed package, and shows a table and a pair',
  { timeout: 600_000 },
  () => {
    const env = join(cacheDir(), 'notebook');
    if (!existsSync(join(env, 'complete'))) {
      execFileSync(torch!.python, ['-m', 'venv', env]);
      execFileSync(pythonOf(env), ['-m', 'pip', 'install', '-q', ...PACKAGES]);
      writeFileSync(join(env, 'complete'), '');
    }
    // As in a clone in which the demo has run.
    const clone = folderOfTests('chirality-notebook-');
    cpSync('python', join(clone, 'python'), { recursive: true });
    symlinkSync(resolve('test/fixtures/recorded/project'), join(clone, 'chirality-demo'));
    const [script, notebook] = ['tests/run_notebook.py', 'examples/first-look.ipynb'];
    const said = execFileSync(
      pythonOf(env),
      [join(clone, 'python', script), join(clone, 'python', notebook)],
      { cwd: clone, encoding: 'utf8' },
    );
    type Output = { data?: Record<string, string> };
    const [, table, curves, verdicts, pair] = (JSON.parse(said) as Output[][]).map(
      (outputs) => outputs.at(-1)?.data,
    );
    expect(table!['text/plain']).toContain('group_reward_std');
    expect(curves!['text/html']!.match(/<polyline/g)).toHaveLength(2);
    expect(verdicts!['text/plain']).toContain('neither');
    expect(pair!['text/html']!.match(/data:image\/png;base64,/g)).toHaveLength(2);
  },
);
