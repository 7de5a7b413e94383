import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { torch } from './open.ts';
import { isSlow } from '../support/slow.ts';

const run = promisify(execFile);
const worker = 'src/engines/torch/worker';
const config = `${worker}/pyproject.toml`;

/** What a Python tool prints where it fails; empty where it does not. */
const complaints = (...args: string[]): Promise<string> =>
  run(torch!.python, ['-m', ...args], { env: { ...process.env, CHIRALITY_TINY_MODELS: torch!.models } }).then(
    () => '',
    ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr,
  );

describe.skipIf(!torch)('Python code of the worker', () => {
  // In two processes, as one uses little more than one core.
  const gpu = 'test/python/test_pretended_gpu.py';
  it.concurrent.each([
    ['on a simulated GPU', [gpu]],
    ['without a GPU', ['test/python', 'python/tests', `--ignore=${gpu}`]],
  ])('the Python code of the worker passes its own tests %s', async (_, which) => {
    expect(await complaints('pytest', '-q', '-p', 'no:cacheprovider', ...which)).toBe('');
  });

  it('the Python code of the worker passes lint and format checks', async () => {
    for (const check of [['check'], ['format', '--check']])
      expect(
        await complaints('ruff', ...check, '--no-cache', '--config', config, worker, 'python', 'test/python'),
      ).toBe('');
  });

  if (!isSlow) return;

  it('the Python code of the worker passes type checks', async () => {
    const types = ['mypy', '--cache-dir', '.cache/mypy', '--config-file', config];
    expect(await complaints(...types, `${worker}/chirality_worker`, 'python/src')).toBe('');
  });
});
