import { execFile, execFileSync } from 'node:child_process';
import { cpSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { readTraces } from '../../../src/lab/runs/trace-files.ts';
import { PairIndex } from '../../../src/lab/traces/index.ts';
import { TraceFiles } from '../../../src/lab/traces/sources.ts';
import { callTogether, chirality, CLI } from '../lab/recipes/cli.ts';
import { folderOfTests } from '../../support/folder.ts';
import { few } from '../../support/slow.ts';

const RUN = fileURLToPath(new URL('../../fixtures/runs/spatial', import.meta.url));
const folder = folderOfTests('chirality-odd-');

const ROW = '{"id":"a","question":"Is it left?","answer":"Yes","images":[]}\n';
const run = join(folder, 'runs', 'odd');
const fifo = (path: string): string => {
  rmSync(path, { force: true });
  execFileSync('mkfifo', [path]);
  return path;
};

/** A command of a shell; one that waits is killed, which fails the test. */
const shell = (command: string) =>
  new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const line = command.replaceAll('chirality ', `'${process.execPath}' '${CLI}' `);
    execFile('bash', ['-c', line], { cwd: folder, timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? (error.killed ? null : Number(error.code)) : 0, stdout, stderr });
    });
  });

describe.skipIf(process.platform === 'win32')('named pipes', () => {
  beforeAll(() => {
    writeFileSync(join(folder, 'a.qa.jsonl'), ROW);
    fifo(join(folder, 'pipe'));
    fifo(join(folder, 'pipe.parquet'));
  });

  test.each(
    few(
      [
        'train pipe',
        'sweep pipe',
        'view mirror pipe',
        'data check pipe',
        'data check pipe.parquet',
        'data stats pipe',
        'data audit pipe',
        'convert pipe',
        'score pipe',
        'graph check pipe',
        'review pipe',
      ],
      4,
    ),
  )(
    'named pipes are rejected without waiting: %s',
    async (command) => {
      const { code, stderr } = await callTogether(folder, command.split(' '));
      expect([code, stderr]).toEqual([2, expect.stringMatching(/\bpipe\b.*not a file/)]);
    },
    30_000,
  );

  test.each(
    few([
      'state.json',
      'metrics.jsonl',
      'timings.jsonl',
      'events.jsonl',
      'lock',
      'run.yaml',
      'manifest.json',
    ]),
  )(
    'named pipes are rejected as %s of a run',
    async (name) => {
      rmSync(run, { recursive: true, force: true });
      mkdirSync(join(folder, 'runs'), { recursive: true });
      cpSync(RUN, run, { recursive: true });
      fifo(join(run, name));
      for (const command of [
        'runs --all',
        'attach odd',
        'resume odd',
        'trace odd --sort step',
        'trace odd --what-if eta=2',
      ])
        // One that waits ends the test.
        await chirality(folder, ...command.split(' '));
    },
    120_000,
  );

  test('named pipes are rejected as files of a checkpoint, with and without checksums', async () => {
    const skip = fileURLToPath(new URL('../../fixtures/recorded/project/runs/skip', import.meta.url));
    for (const name of ['loop.json', 'config.json', 'model.safetensors', 'checksums.json']) {
      rmSync(run, { recursive: true, force: true });
      cpSync(skip, run, { recursive: true });
      fifo(join(run, 'checkpoints/step-000002', name));
      for (const command of ['eval odd --set a=a.qa.jsonl --data-root .', 'export odd -o out']) {
        const { code, stderr } = await chirality(folder, ...command.split(' '));
        expect([name, command, code, stderr]).toEqual([name, command, 1, expect.stringContaining(name)]);
      }
    }
  }, 240_000);

  test('named pipes are rejected as traces', async () => {
    rmSync(run, { recursive: true, force: true });
    cpSync(RUN, run, { recursive: true });
    const trace = fifo(join(run, 'traces', 'step-000001.jsonl'));
    await expect(readTraces(run, 1)).rejects.toThrow(`${trace} is a pipe, not a file.`);
    await expect(new PairIndex(new TraceFiles(run)).refresh()).rejects.toThrow(`${trace} is a pipe`);
  });

  test('pipes from a shell are read and written', async () => {
    const rows = await shell('chirality view mirror <(cat a.qa.jsonl) -o >(cat > through)');
    expect([rows.code, rows.stderr]).toEqual([0, expect.anything()]);
    expect(readFileSync(join(folder, 'through'), 'utf8')).toContain('"id":"a"');
    expect(
      (await shell('cat a.qa.jsonl | chirality view mirror /dev/stdin -o /dev/stdout | cat')).stdout,
    ).toContain('"id":"a"');
    expect((await shell('chirality data stats <(cat a.qa.jsonl) --json')).stdout).toContain('"rows":1');
    expect((await shell('chirality view mirror a.qa.jsonl -o /dev/null')).code).toBe(0);
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
  }, 60_000);

  test('output files do not replace named pipes', async () => {
    for (const command of ['view mirror a.qa.jsonl', 'convert a.qa.jsonl']) {
      const { code, stderr } = await chirality(folder, ...command.split(' '), '-o', 'pipe');
      expect([code, stderr]).toEqual([1, expect.stringContaining('pipe is a pipe, not a file.')]);
    }
    expect(lstatSync(join(folder, 'pipe')).isFIFO()).toBe(true);
  }, 30_000);
});
