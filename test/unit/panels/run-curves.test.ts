import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { SeriesQuery } from '../../../src/panels/run/run.contract.ts';
import { meterOfSteps } from '../../../src/core/run-data/meter.ts';
import { RunCurves } from '../../../src/panels/run/run.reads.ts';
import { runsIn } from '../../support/listed-runs.ts';
import type { MetricsRow } from '../../../src/core/rewards/metrics-row.ts';
import { MetricsTable } from '../../../src/panels/run/run-series.reads.ts';
import { quiet } from '../../support/call.ts';
import { readRows, rowLines } from '../../support/rows.ts';
import { property } from '../../support/property.ts';
import { folderOfTests } from '../../support/folder.ts';

describe('RunCurves', () => {
  let dir: string;
  let curves: RunCurves;
  beforeEach(() => {
    dir = join(folderOfTests('chirality-curves-'), 'run');
    cpSync('test/fixtures/runs/spatial', dir, { recursive: true });
    for (const name of ['metrics', 'timings', 'events']) write(name, '');
    curves = new RunCurves();
  });

  const write = (name: string, text: string) => writeFileSync(join(dir, `${name}.jsonl`), text);
  const append = (name: string, text: string) => appendFileSync(join(dir, `${name}.jsonl`), text);
  const lines = (...rows: object[]) => rowLines(rows);
  const query = (change: Partial<SeriesQuery> = {}): SeriesQuery => ({
    dir,
    x: 'step',
    metrics: ['reward'],
    range: null,
    columns: 100,
    smoothing: 0,
    ...change,
  });
  const valuesOf = async (run: number, metric: string) => {
    const { steps, values } = await curves.runSeries({
      run,
      query: query({ metrics: [metric], columns: 1000 }),
    });
    return [...steps].map((step, i) => [step, values[0]![i]]);
  };

  test('RunCurves show the same meter as the list of runs', async () => {
    rmSync(join(dir, 'eval'), { recursive: true, force: true });
    // Worse and worse: a mean over other steps is another figure.
    const row = (step: number) => ({
      step,
      reward: 0.5,
      'spatial/verdict_consistent': 1 - step / 30,
      'spatial/verdict_only_original': 0,
      'spatial/verdict_only_mirror': 0,
    });
    write('metrics', lines(...Array.from({ length: 30 }, (_, i) => row(i + 1))));
    const { news } = await curves.runOpen({ dir }, quiet);
    const roots = [dirname(dir)];
    const listed = (await runsIn(roots)).find((run) => run.dir === dir);
    expect(listed!.meter!.both.value).toBeCloseTo(
      meterOfSteps([{ ...news.recent, step: 30 }])!.both.value!,
      9,
    );
  });

  test('RunCurves grow with the files, wait for partial lines, and start metrics in place', async () => {
    const { run, news } = await curves.runOpen({ dir }, quiet);
    expect(news.rows).toBe(0);
    expect(news.metrics).toEqual([]);

    append('metrics', `${lines({ step: 1, reward: 0.5, kl: null })}{"step":2,"rew`);
    expect(await curves.runUpdate({ run })).toMatchObject({ rows: 1, metrics: ['reward'] });
    expect(await curves.runUpdate({ run })).toBeNull();

    append('metrics', `ard":null}\n${lines({ step: 3, reward: 0.7, kl: 0.1 })}`);
    append('timings', lines({ step: 1, step_time: 2 }, { step: 2, step_time: 3 }));
    const news2 = (await curves.runUpdate({ run }))!;
    expect(news2.metrics).toEqual(['reward', 'kl', 'step_time']);
    expect(await valuesOf(run, 'reward')).toEqual([[1, 0.5], [2, NaN], [3, 0.7]]); // prettier-ignore
    expect(await valuesOf(run, 'kl')).toEqual([[1, NaN], [2, NaN], [3, 0.1]]); // prettier-ignore
    expect(await valuesOf(run, 'nobody')).toEqual([[1, NaN], [2, NaN], [3, NaN]]); // prettier-ignore
    expect(news2.recent).toMatchObject({ reward: 0.6, step_time: 2.5 });
  });

  test('restarts after a resume truncates the files, even if they grew again', async () => {
    const rows = (from: number, to: number, seconds: number) =>
      Array.from({ length: to - from + 1 }, (_, i) => ({
        metrics: { step: from + i, reward: (from + i) / 100, num_tokens: 10 * (from + i) },
        timings: { step: from + i, step_time: seconds },
      }));
    const store = (list: ReturnType<typeof rows>) => {
      for (const name of ['metrics', 'timings'] as const) write(name, lines(...list.map((row) => row[name])));
    };
    store(rows(1, 30, 1));
    const { run } = await curves.runOpen({ dir }, quiet);

    store([...rows(1, 20, 1), ...rows(21, 40, 2)]); // the numbers are those of a run that never stopped
    append('events', lines({ step: 20, time: '2026-01-01T00:00:00Z', kind: 'resume', message: 'Going on.' }));
    const news = (await curves.runUpdate({ run }))!;
    expect(news.rows).toBe(40);
    expect(news.end).toEqual({ step: 40, time: 60, tokens: 400 });
    expect(news.events).toEqual([
      {
        place: { step: 20, time: 20, tokens: 200 },
        time: '2026-01-01T00:00:00Z',
        kind: 'resume',
        message: 'Going on.',
        alarm: null,
      },
    ]);
    expect((await valuesOf(run, 'step_time')).map(([, value]) => value)).toEqual([...Array<number>(20).fill(1), ...Array<number>(20).fill(2)]); // prettier-ignore

    store(rows(1, 10, 1));
    expect(await curves.runUpdate({ run })).toMatchObject({ rows: 10, end: { step: 10, time: 10 } });
  });

  test('skips invalid rows and values, and reports their number and the first problem', async () => {
    write(
      'metrics',
      `${lines({ step: 1, reward: 1 })}oops\n7\n{"reward":3}\n{"step":2,"reward":1e999,"text":"x"}\n`,
    );
    const { news } = await curves.runOpen({ dir }, quiet);
    expect(news).toMatchObject({ rows: 2, leftOut: 4, metrics: ['reward'] });
    expect(news.firstLeftOut).toMatch(/metrics\.jsonl:2 cannot be read: it is not JSON/);
  });

  test('keeps peaks at any width, and returns smoothed values', async () => {
    const values = Array.from({ length: 5000 }, (_, i) => (i === 3210 ? 99 : Math.sin(i / 50)));
    write('metrics', lines(...values.map((reward, i) => ({ step: i + 1, reward }))));
    const { run } = await curves.runOpen({ dir }, quiet);
    for (const columns of [10, 100, 1000]) {
      const answer = await curves.runSeries({ run, query: query({ columns, smoothing: 0.5 }) });
      expect(answer.x.length).toBeLessThanOrEqual(2 * columns + 4);
      expect(answer.rows).toBe(5000);
      expect(Math.max(...answer.values[0]!)).toBe(99);
      expect(answer.summaries[0]).toMatchObject({ highest: 99, highestRow: 3211, lastRow: 5000 });
      expect(answer.smooth[0]).toHaveLength(answer.x.length);
    }
    const part = await curves.runSeries({ run, query: query({ range: [100, 110] }) });
    expect([...part.steps]).toEqual([99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111]);
    expect(part.rows).toBe(11);
  });

  describe('curves of a large run', () => {
    const STEPS = 12_000;
    const padding = ' '.repeat(3400); // JSON may contain spaces; files this large are sampled first
    const reward = (step: number) => (step === 4321 ? 99 : Math.sin(step / 500));
    const large = (name: string, of: (step: number) => object) => {
      const parts = Array.from({ length: STEPS }, (_, i) => `${JSON.stringify({ step: i + 1, ...of(i + 1) })}${padding.slice(i % 700)}\n`); // prettier-ignore
      write(name, parts.join(''));
    };
    const whole = async (run: number) => {
      for (;;) {
        const news = await curves.runUpdate({ run });
        if (news?.readShare === null) return news;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    beforeEach(() => {
      large('metrics', (step) => ({ reward: reward(step), num_tokens: 10 * step }));
      write('timings', lines(...Array.from({ length: STEPS }, (_, i) => ({ step: i + 1, step_time: 2 }))));
    });

    test('a large run shows some steps and the latest steps at once, then all steps', async () => {
      const { run, news } = await curves.runOpen({ dir }, quiet);
      expect(news.readShare).toBeLessThan(1);
      expect(news.rows).toBeGreaterThan(450);
      expect(news.rows).toBeLessThan(550);
      const sampled = await valuesOf(run, 'reward');
      expect(sampled.every(([step, value]) => value === reward(step!))).toBe(true);
      expect(sampled.slice(-20).map(([step]) => step)).toEqual(Array.from({ length: 20 }, (_, i) => STEPS - 19 + i)); // prettier-ignore
      expect(new Set((await valuesOf(run, 'step_time')).map(([, value]) => value))).toEqual(new Set([2]));
      const speeds = (await valuesOf(run, 'perf/tokens_per_second')).map(([, value]) => value!);
      expect(speeds.slice(1).every((speed) => Math.abs(speed - 5) < 1e-9)).toBe(true);

      const all = await whole(run);
      expect(all).toMatchObject({ rows: STEPS, start: news.start, end: news.end, recent: news.recent });
      expect(all.end).toEqual({ step: STEPS, time: 2 * STEPS, tokens: 10 * STEPS });
      const { summaries } = await curves.runSeries({ run, query: query() });
      expect(summaries[0]).toMatchObject({ highest: 99, highestRow: 4321 });
    });

    test('restarts if a resume truncates the files during reading', async () => {
      const { run } = await curves.runOpen({ dir }, quiet);
      write('metrics', lines({ step: 1, reward: 7 }));
      write('timings', '');
      await expect.poll(() => whole(run)).toMatchObject({ rows: 1, recent: { reward: 7 } });
    });
  });

  test('plots curves over time and tokens as well as steps', async () => {
    write('metrics', lines({ step: 1, reward: 1, num_tokens: 100 }, { step: 2, reward: 2, num_tokens: 100 }, { step: 3, reward: 3, num_tokens: 250 })); // prettier-ignore
    write(
      'timings',
      lines({ step: 1, step_time: 0.5 }, { step: 2, step_time: 0.25 }, { step: 3, step_time: 2 }),
    );
    const { run } = await curves.runOpen({ dir }, quiet);
    const over = async (x: SeriesQuery['x']) => [...(await curves.runSeries({ run, query: query({ x }) })).x];
    expect(await over('time')).toEqual([0.5, 0.75, 2.75]);
    expect(await over('tokens')).toEqual([100, 100, 250]);
    expect((await valuesOf(run, 'perf/tokens_per_second')).map(([, value]) => value)).toEqual([200, 0, 75]);
  });

  test('lists config fields with descriptions, and marks changed fields', async () => {
    const { facts, news } = await curves.runOpen({ dir }, quiet);
    expect(Object.fromEntries(news.about)).toMatchObject({
      'pairs per step': '16',
      'trainable parameters': '417,312',
      data: '/data/demo/skewed/data.qa.jsonl, 1,600 rows',
    });
    expect(facts).toMatchObject({ recipe: 'grpo', configError: null });
    const field = (path: string) => facts.config.find((f) => f.path === path);
    expect(field('loss.beta')).toMatchObject({
      value: '0.01',
      fallback: '0.04',
      differs: true,
      paper: 'arXiv 2507.13362: 0.04 (v1), 0.01 (v2). SVQA-R1: not in paper.',
    });
    expect(field('coupling.eta')).toMatchObject({ value: '1', fallback: '1', differs: false });
    expect(field('engine.width')).toMatchObject({ value: '96', description: 'Size of the residual stream.' });
    expect(field('steps')).toMatchObject({ value: '100', fallback: null, differs: false });
    expect(field('data.eval.val')?.value).toBe('/data/demo/val/data.qa.jsonl');
    const silent = facts.config.filter(({ description }) => description === '');
    expect(silent.map(({ path }) => path)).toEqual([]);

    writeFileSync(join(dir, 'run.yaml'), 'recipe: grpo\nstepps: 3\n');
    const bad = await curves.runOpen({ dir }, quiet);
    expect(bad.facts.configError).toContain('Unknown field "stepps"');
  });

  test('lists evaluations, and reads rewritten evaluations again', async () => {
    const { run, news } = await curves.runOpen({ dir }, quiet);
    const [evaluation] = news.evaluations;
    expect(evaluation).toMatchObject({ id: 'step-000100', place: { step: 100 } });
    expect(evaluation!.figures[0]).toMatchObject({
      set: 'val',
      view: 'original',
      metric: 'accuracy',
      n: 256,
    });
    for (const [id, manifest] of [
      ['step-000050', '{"scoring_rules":5}'],
      ['step-000075', '{}'],
    ]) {
      mkdirSync(join(dir, 'eval', id!));
      writeFileSync(join(dir, 'eval', id!, 'manifest.json'), manifest!);
      writeFileSync(join(dir, 'eval', id!, 'results.json'), '[]');
    }
    writeFileSync(join(dir, 'eval', 'step-000050', 'results.json'), '[{"set":"val","view":"mirror","task":"all","metric":"accuracy","value":0.5}]'); // prettier-ignore
    writeFileSync(join(dir, 'eval', 'step-000100', 'results.json'), '[oops');
    const after = (await curves.runUpdate({ run }))!;
    expect(after.evaluations.map(({ place }) => place.step)).toEqual([50]);
    expect(after.leftOut).toBe(news.leftOut + 2);
    expect(after.firstLeftOut).toMatch(
      /step-000075\/manifest\.json .* The file is from a Chirality version before 0\.1\.0\. Create the file again \(`chirality eval`\)\.$/,
    );
  });

  test('computes the distribution of rewards from the traces', async () => {
    const { run, news } = await curves.runOpen({ dir }, quiet);
    expect([...news.traced]).toEqual(Array.from({ length: 20 }, (_, i) => 5 * (i + 1)));
    const spread = (await curves.runSpread({ run, query: { dir, x: 'step', of: 'reward' } }))!;
    expect([...spread.steps]).toEqual([...news.traced]);
    const { shares, bins, low, high, percentiles } = spread;
    for (let c = 0; c < spread.x.length; c++) {
      const column = shares.subarray(c * bins, (c + 1) * bins);
      expect(column.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
      const [p10, p50, p90] = percentiles.subarray(3 * c, 3 * c + 3);
      expect(low <= p10! && p10! <= p50! && p50! <= p90! && p90! <= high).toBe(true);
    }
    const first = readFileSync(join(dir, 'traces', 'step-000005.jsonl'), 'utf8')
      .trim()
      .split('\n');
    const groups = first.flatMap(
      (line) => (JSON.parse(line) as { views: { group: { reward: number }[] }[] }).views,
    );
    const highest = Math.max(...groups.flatMap(({ group }) => group.map(({ reward }) => reward)));
    const top = shares.subarray(0, bins).findLastIndex((share) => share > 0);
    expect(low + ((top + 1) / bins) * (high - low)).toBeGreaterThanOrEqual(highest - 1e-6);

    // Δ of pairs has either sign: the lowest bin begins at the lowest of all.
    const deltas = (await curves.runSpread({ run, query: { dir, x: 'step', of: 'delta' } }))!;
    const traced = [...deltas.steps].flatMap((step) =>
      readRows<{ delta: number }>(join(dir, 'traces', `step-${String(step).padStart(6, '0')}.jsonl`)).map(
        (row) => row.delta,
      ),
    );
    expect(deltas.low).toBeCloseTo(Math.min(0, ...traced), 6);
    expect(deltas.low).toBeLessThan(0);
    expect(deltas.high).toBeCloseTo(Math.max(...traced), 6);

    rmSync(join(dir, 'traces'), { recursive: true });
    await curves.runUpdate({ run });
    expect(await curves.runSpread({ run, query: { dir, x: 'step', of: 'group_std' } })).toBeNull();
  });

  test('RunCurves report an invalid, missing or closed run', async () => {
    await expect(curves.runOpen({ dir: join(dir, 'eval') }, quiet)).rejects.toThrow(
      'does not contain a run of a program that Chirality can read',
    );
    await expect(curves.runOpen({ dir: join(dir, 'gone') }, quiet)).rejects.toThrow('no longer exists');
    const { run } = await curves.runOpen({ dir }, quiet);
    rmSync(dir, { recursive: true });
    await expect(curves.runUpdate({ run })).rejects.toThrow('no longer exists');
    curves.runClose({ run });
    expect(() => curves.runUpdate({ run })).toThrow('This run is no longer open.');
    mkdirSync(dir);
  });
});

property(
  'MetricsTable: is independent of the order of metrics and timings lines',
  [fc.array(fc.boolean(), { maxLength: 60 })],
  (turns) => {
    const metrics = Array.from({ length: 12 }, (_, i) => ({
      step: 2 * i + 1,
      loss: i * i,
      num_tokens: 5 * i,
    }));
    const timings = metrics.map(({ step }) => ({ step, step_time: 0.5 + (step % 3) }));
    const plain = new MetricsTable();
    metrics.forEach((row, i) => {
      plain.add(row);
      plain.add(timings[i]!);
    });
    const mixed = new MetricsTable();
    const left = [[...metrics], [...timings]] as MetricsRow[][];
    for (const turn of turns) {
      const row = left[Number(turn)]!.shift();
      if (row) mixed.add(row);
    }
    for (const row of left.flat()) mixed.add(row);
    const dump = (table: MetricsTable) => ({
      axes: Object.values(table.axes).map((axis) => [...axis.view]),
      figures: [...table.figures]
        .map(([name, { column }]) => [name, [...column.view]] as const)
        .sort(([a], [b]) => a.localeCompare(b)),
    });
    expect(dump(mixed)).toEqual(dump(plain));
  },
);
