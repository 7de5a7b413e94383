import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ForeignRun } from '../../src/lab/foreign/foreign-run.ts';
import { scratch, torch } from './open.ts';
import { readRows } from '../support/rows.ts';

const CLI = join(process.cwd(), 'dist/cli.js');
const SCRIPT = 'test/python/trl_spatial_grpo.py';

describe.skipIf(!torch)('Spatial-GRPO in TRL on a tiny model', () => {
  const folder = scratch();
  const rows = join(folder, 'rows.qa.jsonl');
  const converted = join(folder, 'rows.parquet');
  const model = () => join(torch!.models, 'qwen2_5_vl');
  const worlds = () => {
    execFileSync(process.execPath, [
      CLI,
      'worlds',
      '--count',
      '6',
      '--seed',
      '3',
      '--size',
      '56',
      '-o',
      folder,
    ]);
    execFileSync(process.execPath, [CLI, 'view', 'mirror', join(folder, 'data.qa.jsonl'), '-o', rows]);
    execFileSync(process.execPath, [CLI, 'convert', rows, '--to', 'trl', '-o', converted]);
  };

  it('trains two steps on whole pairs, and is readable as an external run at all times', async () => {
    worlds();
    const out = join(folder, 'paired');
    const trainer = spawn(torch!.python, [SCRIPT, model(), converted, out], { stdio: 'pipe' });
    let said = '';
    trainer.stderr.on('data', (text) => (said += String(text)));
    const ended = new Promise<number | null>((resolve) => trainer.once('exit', resolve));
    const run = new ForeignRun(out);
    const seen = new Set<number>();
    let isOver = false;
    void ended.then(() => (isOver = true));
    while (!isOver) {
      const state = await run.read().catch(() => null);
      if (state) seen.add(state.batches.length);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect([await ended, said.slice(-2000)]).toEqual([0, expect.anything()]);
    const state = await run.read();
    expect([...seen].every((count) => count <= 2)).toBe(true);
    expect(state.origin).toMatchObject({ kind: 'trl', version: '1.16.0' });
    expect([...state.metrics.keys()]).toEqual([1, 2]);
    expect(state.metrics.get(1)).toHaveProperty('coupling/abs_delta');
    // Each step: one pair, its original first.
    expect(state.batches.map(({ groups }) => groups.map(({ at }) => at.length))).toEqual([
      [2, 2],
      [2, 2],
    ]);
  });

  const train = (mode: string, from: string) => {
    const out = join(folder, mode);
    const { status, stderr } = spawnSync(torch!.python, [SCRIPT, model(), from, out, mode], {
      encoding: 'utf8',
    });
    expect([status, stderr.slice(-2000)]).toEqual([0, expect.anything()]);
    const { log_history } = JSON.parse(
      readFileSync(join(out, 'checkpoint-2/trainer_state.json'), 'utf8'),
    ) as { log_history: Record<string, number>[] };
    return log_history;
  };

  it('evaluates whole pairs of a dataset and of a stream, with asynchronous rewards', () => {
    const logged = train('evaluated', converted);
    for (const name of ['whole', 'stream']) {
      const evaluations = logged.filter((line) => `eval_${name}_loss` in line);
      expect(evaluations, name).toHaveLength(2);
      for (const line of evaluations) {
        expect(line['eval_rewards/letters_later/mean']).toBeGreaterThan(0);
        expect(line).toHaveProperty(['eval_coupling/abs_delta']);
      }
    }
  });

  it('trains on a stream of rows', () => {
    const logged = train('streamed', converted);
    expect(logged.filter((line) => line['coupling/abs_delta'] !== undefined)).toHaveLength(2);
  });

  it('trains on rows whose images are opened on demand', () => {
    const logged = train('loaded', rows);
    expect(logged.filter((line) => line['coupling/abs_delta'] !== undefined)).toHaveLength(2);
  });

  it('writes notes with row ids, views, images and correctness', async () => {
    train('noted', converted);
    const state = await new ForeignRun(join(folder, 'noted')).read();
    expect(state.problems).toEqual([]);
    expect(state.origin.missing.map(({ field }) => field)).toEqual(['trace.kept', 'trace.logprobs']);
    const pairs = (await Promise.all(state.batches.map((batch) => batch.pairs()))).flat();
    expect(pairs.map(({ views }) => views.map(({ view }) => view))).toEqual([
      ['original', 'mirror'],
      ['original', 'mirror'],
    ]);
    const ids = readRows<{ id: string }>(rows).map((row) => row.id);
    for (const { sample, views } of pairs) {
      expect(ids).toContain(sample);
      for (const { images, group } of views) {
        expect(
          readFileSync(join(folder, 'noted', images[0] as string))
            .subarray(1, 4)
            .toString(),
        ).toBe('PNG');
        for (const { right, segments } of group)
          expect(right).toBe(Array.from(segments[0]!.text).length % 2 === 0);
      }
      // The mirror's image is another one.
      expect(views[0]!.images).not.toEqual(views[1]!.images);
    }
  });

  it('stops with a clear message if shuffling separates pairs', () => {
    const out = join(folder, 'unpaired');
    const { status, stderr } = spawnSync(torch!.python, [SCRIPT, model(), rows, out, 'unpaired'], {
      encoding: 'utf8',
    });
    expect(status).not.toBe(0);
    expect(stderr).toMatch(
      /Pair "[^"]+" has \d completions of its original and \d of its mirror in this process/,
    );
  });
});
