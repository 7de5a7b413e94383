import { execFile } from 'node:child_process';
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addSkeletonCommand } from '../../../../src/cli/commands/import.command.ts';
import { skeletonOf, typeOf, type FileKind } from '../../../../src/lab/foreign/skeleton.ts';
import { runCommand } from '../../../support/command.ts';
import { CLI } from '../recipes/cli.ts';
import { folderOfTests } from '../../../support/folder.ts';
import { property } from '../../../support/property.ts';

const scratch = folderOfTests('skeleton-');

describe('skeletonOf', () => {
  it('skeletonOf lists names, sizes, keys and types, and merges similar files', async () => {
    const dir = join(scratch, 'run');
    await mkdir(join(dir, 'steps'), { recursive: true });
    for (const step of [1, 2, 10])
      await writeFile(
        join(dir, `steps/step_${step}.jsonl`),
        '{"reward": 0.5, "text": "secret"}\n{"reward": null}\n',
      );
    await writeFile(
      join(dir, 'config.json'),
      '{"lr": 1e-6, "tags": ["secret"], "by id": {"id 1": 1, "id 2": 2}}',
    );
    await writeFile(join(dir, 'model.bin'), 'secret');
    await symlink('/etc', join(dir, 'outside'));
    expect(await skeletonOf(dir)).toEqual([
      { path: 'config.json', files: 1, bytes: 65, form: '{lr: number, tags: [text], …: {…: number}}' },
      { path: 'model.bin', files: 1, bytes: 6, form: null },
      { path: 'steps/step_#.jsonl', files: 3, bytes: 153, form: '{reward: null or number, text: text}' },
    ]);
  });

  it.skipIf(process.platform === 'win32')('skeletonOf limits the number of open files', async () => {
    const dir = join(scratch, 'many');
    await mkdir(dir);
    const letters = [...'abcdefghijklmnopqrst'];
    for (const first of letters)
      for (const second of letters) await writeFile(join(dir, `${first}${second}.json`), '{"a": 1}');
    const command = 'ulimit -n 64 && exec "$0" "$1" import skeleton "$2" --json';
    const { stdout } = await promisify(execFile)('sh', ['-c', command, process.execPath, CLI, dir]);
    const forms = (JSON.parse(stdout) as FileKind[]).map(({ form }) => form);
    expect(forms).toEqual(Array.from({ length: 400 }, () => '{a: number}'));
  });

  it('skeletonOf lists the columns of tables, but no structure for an unreadable file', async () => {
    const dir = join(scratch, 'trl');
    await cp('test/fixtures/foreign-runs/trl-1.16-two-iterations', dir, { recursive: true });
    await writeFile(join(dir, 'broken.jsonl'), 'no json\n');
    const kinds = await skeletonOf(dir);
    expect(kinds.find(({ path }) => path === 'broken.jsonl')!.form).toBeNull();
    const tables = kinds.filter(({ path }) => path.endsWith('.parquet'));
    expect(tables[0]!.form).toMatch(/^\{.*\bcompletion\b.*\}$/);
  });

  property(
    'skeletonOf: contains no text value of a file',
    [fc.jsonValue(), fc.stringMatching(/^[a-z]{12}$/)],
    (value, secret) => {
      const hidden = JSON.parse(
        JSON.stringify(value, (_, one: unknown) => (typeof one === 'string' ? secret : one)),
      ) as unknown;
      expect(typeOf([hidden])).not.toContain(secret);
    },
  );

  it('import skeleton prints the skeleton of a folder, and rejects an empty folder', async () => {
    const { out } = await runCommand(addSkeletonCommand, 'skeleton', 'test/fixtures/foreign-runs/prime-rl');
    expect(out.join('\n')).toContain('rollouts/step_#/train/effective/traces.jsonl  2 files');
    await expect(runCommand(addSkeletonCommand, 'skeleton', join(scratch, 'nowhere'))).rejects.toThrow(
      'has no files',
    );
  });
});
