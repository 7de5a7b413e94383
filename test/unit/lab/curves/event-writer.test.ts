import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EventFile } from '../../../../src/lab/foreign/containers/event-file.ts';
import { ForeignRun } from '../../../../src/lab/foreign/foreign-run.ts';
import { EventWriter } from '../../../../src/lab/curves/event-writer.ts';
import { folderOfEachTest } from '../../../support/folder.ts';

let dir: string;
folderOfEachTest('chirality-events-', (made) => (dir = made));

const names = async () => (await readdir(join(dir, 'tensorboard'))).sort();
const first = async () => join(dir, 'tensorboard', (await names())[0]!);

describe('EventWriter', () => {
  test('writes each metric with its step and time under its Hugging Face Trainer name', async () => {
    const writer = await EventWriter.open(dir, 0, 1_700_000_000_000);
    await Promise.all([
      writer.row({ step: 1, reward: 0.5, kl: null }, 1_700_000_001_000),
      writer.row({ step: 1, step_time: 2 }, 1_700_000_001_500),
      writer.row({ step: 300, reward: -0.25 }, 1_700_000_002_000),
    ]);
    await writer.close();
    expect(await names()).toEqual([expect.stringMatching(/^events\.out\.tfevents\.1700000000\..+\.\d+\.0$/)]);
    expect(await new EventFile(await first(), 'events').read()).toEqual([
      { step: 1, time: 1_700_000_001, tag: 'train/reward', value: 0.5, text: null },
      { step: 1, time: 1_700_000_001.5, tag: 'train/step_time', value: 2, text: null },
      { step: 300, time: 1_700_000_002, tag: 'train/reward', value: -0.25, text: null },
    ]);
  });

  test('begins a file with the bytes that TensorBoard requires', async () => {
    const writer = await EventWriter.open(dir, 0, 0);
    await writer.close();
    // Length 26, then wall_time 0, step 0, file_version.
    expect((await readFile(await first())).subarray(0, 8).readBigUInt64LE()).toBe(26n);
    expect((await readFile(await first())).subarray(12, 38).toString('latin1')).toBe(
      '\t\0\0\0\0\0\0\0\0\x10\0\x1a\rbrain.Event:2',
    );
  });

  test('writes a resumed run to a new file that replaces the recomputed steps', async () => {
    const before = await EventWriter.open(dir, 0, 1_700_000_000_000);
    for (const step of [1, 2, 3]) await before.row({ step, reward: step });
    await before.close();
    const after = await EventWriter.open(dir, 1, 1_700_000_100_000);
    for (const step of [2, 3, 4]) await after.row({ step, reward: 10 * step });
    await after.close();
    expect(await names()).toHaveLength(2);
    // From step 2 on: `Event{2 step, 7 session_log{1 status START}}`, at which TensorBoard drops what it had.
    const last = await readFile(join(dir, 'tensorboard', (await names())[1]!));
    expect(last.includes(Buffer.from([2 << 3, 2, (7 << 3) | 2, 2, 1 << 3, 1]))).toBe(true);
    const { metrics } = await new ForeignRun(join(dir, 'tensorboard')).read();
    expect([...metrics].map(([step, { reward }]) => [step, reward])).toEqual([
      [1, 1],
      [2, 20],
      [3, 30],
      [4, 40],
    ]);
  });

  test('uses different names for two files from the same second', async () => {
    for (const writer of [await EventWriter.open(dir, 0, 0), await EventWriter.open(dir, 0, 0)])
      await writer.close();
    expect((await names()).map((name) => name.at(-1))).toEqual(['0', '1']);
  });
});
