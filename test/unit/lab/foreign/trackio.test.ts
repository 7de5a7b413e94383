import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../../src/base/random.ts';
import { SqliteFile } from '../../../../src/lab/foreign/containers/sqlite.ts';
import { findForeign } from '../../../../src/lab/foreign/find.ts';
import { ForeignRun } from '../../../../src/lab/foreign/foreign-run.ts';
import { findSource } from '../../../../src/lab/foreign/known.ts';
import { pairImage } from '../../../../src/lab/traces/pair-image.ts';
import { stepsOf } from '../../../../src/lab/traces/run-steps.ts';
import { isSlow } from '../../../support/slow.ts';
import { folderOfTests } from '../../../support/folder.ts';

const FIXTURES = new URL('../../../fixtures/foreign-runs/', import.meta.url).pathname;
const PROJECT = join(FIXTURES, 'trackio-0.43/chirality-fixture.db');
const LIVE = join(FIXTURES, 'trackio-0.43-wal/live.db');
const scratch = folderOfTests('foreign-trackio-');

const nothing = () => expect.unreachable();
const rowsOf = async (log: boolean) => {
  const bytes = log ? await readFile(`${LIVE}-wal`) : Buffer.alloc(0);
  return [...new SqliteFile(await readFile(LIVE), bytes, nothing).rows('metrics')];
};

describe('SqliteFile', () => {
  test('SqliteFile reads the rows in the committed log, and only older rows without the log', async () => {
    const all = await rowsOf(true);
    expect(all.map(({ id, run_name, step }) => [id, run_name, step])).toEqual(
      [0, 1, 2, 3, 4, 5].map((step) => [step + 1, 'run-a', step]),
    );
    expect(await rowsOf(false)).toHaveLength(2);
  });

  test('reads records across pages, and no rows from a missing table', async () => {
    const database = new SqliteFile(await readFile(PROJECT), Buffer.alloc(0), nothing);
    const rows = [...database.rows('metrics')];
    expect(rows).toHaveLength(69);
    for (const { metrics } of rows)
      expect(() => void JSON.parse(Buffer.from(metrics as Uint8Array).toString('utf8'))).not.toThrow();
    expect([...database.rows('nothing')]).toEqual([]);
  });

  test('SqliteFile reads the first rows for any truncation of the log', async () => {
    const [file, log] = [await readFile(LIVE), await readFile(`${LIVE}-wal`)];
    const whole = JSON.stringify(await rowsOf(true)).slice(0, -1);
    for (let length = 0; length <= log.length; length += 509) {
      const rows = [...new SqliteFile(file, log.subarray(0, length), nothing).rows('metrics')];
      expect(whole.startsWith(JSON.stringify(rows).slice(0, -1))).toBe(true);
    }
  });
});

describe('a trackio database', () => {
  const dir = join(PROJECT, 'tiny-spatial');

  test('a trackio database is found as a run in a folder and by its path', async () => {
    const found = await findForeign([join(FIXTURES, 'trackio-0.43')]);
    expect(found).toMatchObject([{ dir, name: 'tiny-spatial', holds: 'trackio' }]);
    for (const source of [PROJECT, join(FIXTURES, 'trackio-0.43'), dir, `${PROJECT}#tiny-spatial`])
      expect(await findSource(source)).toEqual({ dir });
  });

  test('a trackio database with damaged pages is reported by file instead of being ignored', async () => {
    const folder = await mkdtemp(join(scratch, 'damaged-'));
    const path = join(folder, 'project.db');
    const whole = await readFile(PROJECT);
    const pageSize = whole.readUInt16BE(16);
    for (const [from, to] of [
      [100, pageSize],
      [pageSize, whole.length],
    ] as const) {
      await writeFile(path, Buffer.from(whole).fill(0, from, to));
      const words = `Cannot read ${path}: the database is damaged (page `;
      for (const source of [path, folder]) await expect(findSource(source)).rejects.toThrow(words);
      const told: string[] = [];
      expect(await findForeign([folder], ({ message }) => told.push(message))).toEqual([]);
      expect(told).toEqual([expect.stringContaining(words)]);
    }
    await writeFile(path, 'no database');
    expect(await findSource(folder)).toBeNull();
  });

  test('trackio has curves by train/global_step, total times, and group size from configs', async () => {
    const state = await new ForeignRun(dir).read();
    expect([...state.metrics.keys()]).toEqual([1, 2, 3, 4]);
    const step = state.metrics.get(1)!;
    expect(step).toMatchObject({ reward: 0.12348750233650208 });
    expect(step['timing_s/GRPOTrainer._prepare_inputs']).toBeCloseTo(1.2412678190582664, 9);
    expect(state.metrics.get(4)).toHaveProperty('eval_reward');
    expect(state.origin).toMatchObject({
      kind: 'trackio',
      group_size: { value: 4, from: 'chirality-fixture.db: configs' },
      reward_weights: { value: { accuracy_reward: 1, letters_reward: 0.5, format_reward: 1 } },
    });
    // The last step: its training, then what the evaluation added to the table.
    expect(
      state.batches.map(({ batch, groups }) => [
        batch.step,
        ...groups.map(({ at, phase }) => (phase ? -at.length : at.length)),
      ]),
    ).toEqual([
      [1, 4, 4],
      [2, 4, 4],
      [3, 4, 4],
      [4, 4, 4],
      [4, -2, -2],
    ]);
    expect(state.convention).toBe('trl');
    expect(state.problems).toEqual([]);
  });

  test('trackio reads the completions of the parquet files, with images', async () => {
    const ours = (await stepsOf(dir).pairs(1))[0]!.views[0]!;
    const theirs = (await stepsOf(join(FIXTURES, 'trl-1.16')).pairs(1))[0]!.views[0]!;
    expect(ours.group.map(({ segments }) => segments)).toEqual(theirs.group.map(({ segments }) => segments));
    ours.group.forEach(({ advantage }, i) => expect(advantage).toBeCloseTo(theirs.group[i]!.advantage!, 6));
    expect(ours.images).toHaveLength(1);
    const bytes = await pairImage({ run: dir, source: undefined }, null, ours.images[0]!, []);
    expect(Buffer.from(bytes).toString('latin1', 1, 4)).toBe('PNG');
    // Those of other tables are not in the fixture.
    const [gone] = (await stepsOf(dir).pairs(2))[0]!.views[0]!.images;
    await expect(pairImage({ run: dir, source: undefined }, null, gone!, [])).rejects.toThrow(/png/);
  });

  test('trackio counts equal completions, but counts repeats in a later table only once', async () => {
    const run = new ForeignRun(join(FIXTURES, 'trackio-0.43-equal/equal.db/run'));
    const { batches, metrics, origin } = await run.read();
    const pairs = (await Promise.all(batches.map((batch) => batch.pairs()))).flat();
    expect(
      pairs.map(({ pair, logged_by, views: [view] }) => [
        pair,
        logged_by,
        view!.question,
        view!.group.map(({ segments }) => segments[0]!.text).join(''),
      ]),
    ).toEqual([
      [0, undefined, 'q1', 'lrlr'],
      [1, undefined, 'q2', 'abcb'],
      [2, undefined, 'q3', 'aaab'],
      [3, 'evaluation', 'q4', 'ab'],
      [4, 'evaluation', 'q5', 'ab'],
    ]);
    expect(origin.group_size).toEqual({ value: 4, from: 'equal.db: configs' });
    // Figures of an evaluation are named as those of training are.
    expect(metrics.get(1)).toEqual({
      'rewards/accuracy_reward/mean': 5 / 12,
      reward: 5 / 12,
      'eval_rewards/accuracy_reward/mean': 0.5,
      eval_reward: 0.5,
    });
  });

  test('trackio has gaps in place of non-numeric values, and the database is not modified', async () => {
    const before = await readdir(join(FIXTURES, 'trackio-0.43-wal'));
    const times = await Promise.all([LIVE, `${LIVE}-wal`].map(async (path) => (await stat(path)).mtimeMs));
    const run = new ForeignRun(join(LIVE, 'run-a'));
    const { metrics, batches } = await run.read();
    expect([...metrics]).toEqual([
      [1, { reward: 0.1, loss: 0.5 }],
      [2, { reward: 0.2, loss: null }],
      [3, { reward: 0.30000000000000004, loss: null }],
    ]);
    // Its conversations, each under the step that was logged before it.
    const pairs = (await Promise.all(batches.map((batch) => batch.pairs()))).flat();
    expect(pairs.map(({ step, views: [view] }) => [step, view!.question, view!.group[0]!.reward])).toEqual(
      [1, 2, 3].map((step) => [step, 'which is closer , the yellow-cone or the purple-cone ?', 0.5]),
    );
    expect(await readdir(join(FIXTURES, 'trackio-0.43-wal'))).toEqual(before);
    expect(await Promise.all([LIVE, `${LIVE}-wal`].map(async (path) => (await stat(path)).mtimeMs))).toEqual(
      times,
    );
  });

  test('trackio provides a row after its commit to the log', async () => {
    const folder = join(scratch, 'grows');
    await cp(join(FIXTURES, 'trackio-0.43-wal'), folder, { recursive: true });
    const log = await readFile(join(folder, 'live.db-wal'));
    await writeFile(join(folder, 'live.db-wal'), log.subarray(0, 32));
    const run = new ForeignRun(join(folder, 'live.db/run-a'));
    expect([...(await run.read()).metrics.keys()]).toEqual([1]);
    await writeFile(join(folder, 'live.db-wal'), log);
    expect([...(await run.read()).metrics.keys()]).toEqual([1, 2, 3]);
  });

  test('a trackio database is imported with its images', async () => {
    const to = join(scratch, 'runs/theirs');
    execFileSync(process.execPath, ['dist/cli.js', 'import', PROJECT, '-o', to, '--quiet'], {
      stdio: 'pipe',
    });
    const [image] = (await stepsOf(to).pairs(1))[0]!.views[0]!.images;
    const bytes = await pairImage({ run: to, source: undefined }, null, image!, []);
    expect(Buffer.from(bytes).toString('latin1', 1, 4)).toBe('PNG');
  });
});

/** A thousand in the long tests. */
const COUNT = isSlow ? 1000 : 120;

test.each(['live.db', 'live.db-wal', 'chirality-fixture.db'])(
  'property: ForeignRun survives corruptions of %s, and names the database',
  async (name) => {
    const folder = join(scratch, `corrupt-${name}`);
    await cp(join(FIXTURES, name.startsWith('live') ? 'trackio-0.43-wal' : 'trackio-0.43'), folder, {
      recursive: true,
      filter: (path) => !path.includes('/media'),
    });
    const whole = await readFile(join(folder, name));
    const random = Random.from(name);
    let named = 0;
    for (let i = 0; i < COUNT; i++) {
      const bytes = Buffer.from(whole);
      for (let n = random.below(8); n >= 0; n--) bytes[random.below(bytes.length)] = random.below(256);
      await writeFile(
        join(folder, name),
        random.below(4) === 0 ? bytes.subarray(0, random.below(bytes.length)) : bytes,
      );
      const database = name.replace('-wal', '');
      const run = new ForeignRun(join(folder, database, name.startsWith('live') ? 'run-a' : 'tiny-spatial'));
      const state = await run.read().catch((error: Error) => {
        expect(error.message).toMatch(
          new RegExp(`Cannot read ${database}|${database}.* does not contain a run`),
        );
        named++;
        return null;
      });
      for (const problem of state?.problems ?? []) expect(problem).toContain(database);
      named += state?.problems.length ?? 0;
      for (const batch of state?.batches ?? []) await batch.pairs();
    }
    // A damaged log ends before what is damaged, as SQLite reads it.
    if (!name.endsWith('-wal')) expect(named).toBeGreaterThan(0);
  },
  isSlow ? 900_000 : 120_000,
);
