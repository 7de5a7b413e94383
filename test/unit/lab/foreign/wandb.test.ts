import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { findForeign } from '../../../../src/lab/foreign/find.ts';
import { ForeignRun } from '../../../../src/lab/foreign/foreign-run.ts';
import { findSource } from '../../../../src/lab/foreign/known.ts';
import { folderOfTests } from '../../../support/folder.ts';

const FIXTURES = new URL('../../../fixtures/foreign-runs/', import.meta.url).pathname;
const scratch = folderOfTests('foreign-wandb-');

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
const field = (number: number, bytes: Uint8Array | string): Buffer => {
  const data = Buffer.from(bytes);
  return Buffer.concat([Buffer.from([...varint((number << 3) | 2), ...varint(data.length)]), data]);
};

/** A log of wandb with rows of history and an exit code, in one block. */
function wandbLog(rows: readonly object[], exit: number): Buffer {
  const items = (row: object) =>
    Object.entries(row).map(([key, value]) =>
      field(1, Buffer.concat([field(1, key), field(16, JSON.stringify(value))])),
    );
  const records = [
    ...rows.map((row) => field(2, Buffer.concat(items(row)))),
    field(18, Buffer.from([8, exit])),
  ];
  const framed = records.map((record) => {
    const header = Buffer.alloc(7);
    header.writeUInt16LE(record.length, 4);
    header[6] = 1;
    return Buffer.concat([header, record]);
  });
  return Buffer.concat([Buffer.from(':W&B\xe1\xbe\0', 'latin1'), ...framed]);
}

test('wandb: reads growing tables of SkyRL, OpenRLHF and verl by step from the newest file', async () => {
  const dir = join(scratch, 'offline-run-1');
  await mkdir(join(dir, 'files/media/table'), { recursive: true });
  const table = async (name: string, columns: string[], data: unknown[][]) => {
    await writeFile(join(dir, 'files/media/table', name), JSON.stringify({ columns, data }));
    return { _type: 'table-file', path: `media/table/${name}` };
  };
  const sample = [1, 'q a', 0.5];
  const columns = ['global_step', 'text', 'reward'];
  const rows = [
    {
      'train/generated_samples': await table('a.table.json', columns, [sample]),
      'train/global_step': 1,
      'train/reward': 1,
    },
    {
      'train/generated_samples': await table('b.table.json', columns, [sample, [2, 'q b', 1]]),
      'train/global_step': 2,
    },
    {
      'val/generations': await table(
        'c.table.json',
        ['step', 'input_1', 'output_1', 'score_1'],
        [[2, 'q', 'c', 0]],
      ),
      'train/global_step': 2,
    },
  ];
  await writeFile(join(dir, 'run-1.wandb'), wandbLog(rows, 0));
  const run = new ForeignRun(dir);
  const { batches, ended, problems } = await run.read();
  expect([ended, problems]).toEqual(['finished', []]);
  const pairs = (await Promise.all(batches.map((batch) => batch.pairs()))).flat();
  expect(
    pairs.map(({ step, pair, logged_by, views }) => [
      step,
      pair,
      logged_by,
      views[0]!.group[0]!.segments[0]!.text,
    ]),
  ).toEqual([
    [1, 0, undefined, 'q a'],
    [2, 0, undefined, 'q b'],
    [2, 1, 'evaluation', 'c'],
  ]);
  await writeFile(join(dir, 'run-1.wandb'), wandbLog(rows, 1));
  expect((await run.read()).ended).toBe('failed');
});

const textsIn = async (dir: string) => {
  const run = new ForeignRun(dir);
  const { batches } = await run.read();
  const pairs = (await Promise.all(batches.map((batch) => batch.pairs()))).flat();
  return pairs.map(({ step, logged_by, views: [view] }) => [
    step,
    logged_by,
    view!.question,
    view!.group.map(({ segments }) => segments[0]!.text).join(''),
  ]);
};

test('wandb: merges a resumed run, with steps from the later folder', async () => {
  const parent = join(FIXTURES, 'wandb-0.31-resumed');
  const folders = (await readdir(join(parent, 'wandb'))).sort().map((name) => join(parent, 'wandb', name));
  expect((await findForeign([parent])).map(({ dir }) => dir)).toEqual([folders[0]]);
  expect(await findSource(parent)).toEqual({ dir: folders[0] });
  const link = join(scratch, 'wandb/latest-run');
  await mkdir(dirname(link));
  await symlink(folders[1]!, link);
  for (const dir of [...folders, link]) {
    expect([...(await new ForeignRun(dir).read()).metrics.keys()]).toEqual([1, 2, 3, 4]);
    expect(await textsIn(dir)).toEqual(
      [1, 2, 3, 4].flatMap((step) =>
        ['1', '2'].map((q) => [step, undefined, `${step}.${q}`, step < 3 ? 'abcd' : 'efgh']),
      ),
    );
  }
});

test('TRL before 0.17: assigns completions to the step for which they were sampled', async () => {
  const parent = join(FIXTURES, 'wandb-0.31-trl-0.16/wandb');
  const [name] = await readdir(parent);
  const dir = join(parent, name!);
  expect(await textsIn(dir)).toEqual([
    [1, undefined, '1.1', 'abcd'],
    [1, undefined, '1.2', 'abcd'],
    [2, undefined, '2.1', 'abcd'],
    [2, undefined, '2.2', 'abcd'],
    [2, 'evaluation', 'evaluation', 'abcd'],
    [3, undefined, '3.1', 'abcd'],
    [3, undefined, '3.2', 'abcd'],
  ]);
  expect((await new ForeignRun(dir).read()).metrics.get(2)).toEqual({
    reward: 0.25,
    'completions/mean_length': 10,
    eval_reward: 0.25,
    'eval_rewards/accuracy_reward/mean': 0.25,
    'eval_completions/mean_length': 12,
    eval_reward_std: 0.5,
  });
});

test('wandb: assigns a table missing from an interrupted run’s log to the step of its rows', async () => {
  const dir = join(scratch, 'killed');
  await cp(join(FIXTURES, 'wandb-0.31/wandb/offline-run-20261121_020443-f1vbniop'), dir, { recursive: true });
  const whole = await new ForeignRun(dir).read();
  await writeFile(
    join(dir, 'run-f1vbniop.wandb'),
    wandbLog([{ 'train/global_step': 1, 'train/reward': 0.5 }], 1),
  );
  const killed = await new ForeignRun(dir).read();
  expect(killed.batches.map(({ batch }) => batch.step)).toEqual(whole.batches.map(({ batch }) => batch.step));
});

test("wandb: adds settings, curves and end status from a folder inside another program's run", async () => {
  const dir = join(scratch, 'both');
  await cp(join(FIXTURES, 'trl-1.14'), dir, { recursive: true });
  await cp(join(FIXTURES, 'wandb-0.31/wandb'), join(dir, 'wandb'), { recursive: true });
  const run = new ForeignRun(dir);
  const { origin, batches, metrics, ended } = await run.read();
  expect([origin.kind, origin.group_size.value, ended]).toEqual(['trl', 4, 'finished']);
  expect(batches.map(({ batch }) => batch.name)).toEqual(['completions/completions_00001.parquet']);
  expect(metrics.get(2)).toHaveProperty('reward');
  // Two runs are not one: what either says is not of this one.
  const [first] = await readdir(join(dir, 'wandb'));
  const log = await readFile(join(dir, 'wandb', first!, 'run-f1vbniop.wandb'));
  await mkdir(join(dir, 'wandb/offline-run-20261121_030000-other'));
  await writeFile(join(dir, 'wandb/offline-run-20261121_030000-other/run-other.wandb'), log);
  expect((await run.read()).origin.group_size.from).toBe('advantages');
});
