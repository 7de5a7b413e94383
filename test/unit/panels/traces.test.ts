import { mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { TracedPair } from '../../../src/core/run-data/trace.ts';
import type { TraceQuery } from '../../../src/core/run-data/trace-summary.ts';
import type { HostOf } from '../../../src/panels/calls.contract.ts';
import type { traceReads } from '../../../src/panels/trace/trace.contract.ts';
import { Service } from '../../../src/panels/service.host.ts';
import { foldersToAllow } from '../../../src/lab/traces/data-folders.ts';
import { PairRows, Rows } from '../../../src/panels/data-rows.reads.ts';
import { TraceRows, Traces } from '../../../src/panels/trace/trace.reads.ts';
import { TraceArrays, writeTraces } from '../../../src/lab/runs/trace-files.ts';
import { completion, tracedPair, view } from '../lab/traces/make.ts';
import { quiet } from '../../support/call.ts';
import { folderOfTests } from '../../support/folder.ts';

const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

let folder: string;
let run: string;
let service: HostOf<typeof traceReads> & Pick<Traces, 'traces' | 'traceImage'>;
beforeEach(async () => {
  folder = folderOfTests('chirality traces ü ');
  run = join(folder, 'runs/a');
  await mkdir(run, { recursive: true });
  service = new Traces();
});

const query = (change: Partial<TraceQuery> = {}) =>
  service.traces({ run, query: { filter: '', text: '', sort: null, ...change } }, quiet);
const write = (step: number, pairs: TracedPair[], arrays = new TraceArrays()) =>
  writeTraces(run, step, pairs, arrays);

describe('lists of traces', () => {
  test('lists of traces contain pairs if rows have another view, and otherwise rows', async () => {
    const views = (['original', 'mirror'] as const).map((name) => view(name, 'Where?', [completion('left')]));
    await write(1, [tracedPair(1, 0)]);
    expect((await query()).partners).toBe(null);
    await write(2, [tracedPair(2, 0, { views, verdict: 'consistent' })]);
    expect((await query()).partners).toBe('mirrors');
    const opposite = [views[0]!, view('polarity', 'Where not?', [completion('right')])];
    await write(3, [tracedPair(3, 0, { views: opposite, verdict: 'only_view' })]);
    expect((await query()).partners).toBe('views');
  });

  test('lists of traces are paged, and return the index of a pair', async () => {
    await write(1, [tracedPair(1, 0, { delta: 0.1 }), tracedPair(1, 1), tracedPair(1, 2, { delta: 0.3 })]);
    await write(4, [tracedPair(4, 0, { delta: 0.2 })]);
    const { list, ...answer } = await query({
      filter: 'delta != null',
      sort: { field: 'delta', descending: true },
    });
    const { unknown, occurring, ...counts } = answer;
    expect(unknown).toEqual(expect.arrayContaining(['set', 'task', 'error']));
    expect(unknown).not.toContain('reward');
    expect(occurring).toMatchObject({ verdict: ['null'], views: ['original'] });
    expect(counts).toEqual({
      total: 3,
      inSource: 4,
      compared: null,
      partners: null,
      steps: [1, 4],
      broken: 0,
      problems: [],
    });
    const rows = await service.traceRows({ run, list, from: 1, count: 5 });
    expect(rows.map((row) => [row.step, row.pair, row.delta])).toEqual([
      [4, 0, 0.2],
      [1, 0, 0.1],
    ]);
    const place = (step: number, pair: number) => service.traceIndex({ run, list, id: { step, pair } });
    expect([await place(4, 0), await place(1, 1), await place(9, 9)]).toEqual([1, -1, -1]);
  });

  test('lists of traces stay unchanged while the run continues, until newer lists replace them', async () => {
    await write(1, [tracedPair(1, 0)]);
    const { list } = await query();
    await write(2, [tracedPair(2, 0)]);
    expect((await query()).total).toBe(2);
    expect(await service.traceRows({ run, list, from: 0, count: 9 })).toHaveLength(1);
    for (let i = 0; i < 10; i++) await query();
    await expect(service.traceRows({ run, list, from: 0, count: 9 })).rejects.toThrow('outdated');
  });

  test('lists of traces report the first unreadable lines and their number', async () => {
    await mkdir(join(run, 'traces'));
    await writeFile(join(run, 'traces/step-000003.jsonl'), '{}\n'.repeat(50));
    const { total, broken, problems } = await query();
    expect([total, broken, problems.length]).toEqual([0, 50, 20]);
    expect(problems[0]).toBe('traces/step-000003.jsonl:1 cannot be read: "step" is missing.');
  });

  test('lists of traces are read in the worker thread, which stops when cancelled', async () => {
    for (const step of [1, 2])
      await write(
        step,
        Array.from({ length: 600 }, (_, i) => tracedPair(step, i)),
      );
    const worker = new Service(resolve('dist/service.cjs'));
    try {
      const all = { run, query: { filter: '', text: '', sort: null } };
      const shares: number[] = [];
      const stop = new AbortController();
      const stopped = worker.call('traces', all, {
        signal: stop.signal,
        onProgress: (share) => {
          shares.push(share);
          stop.abort();
        },
      });
      await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
      expect(shares).toHaveLength(1);
      const { list, total } = await worker.call('traces', all);
      expect(total).toBe(1200);
      expect(await worker.call('traceRows', { run, list, from: 599, count: 2 })).toMatchObject([
        { step: 1, pair: 599 },
        { step: 2, pair: 0 },
      ]);
      const wrong = worker.call('traces', { ...all, query: { ...all.query, filter: 'kept and' } });
      await expect(wrong).rejects.toThrow('The filter lacks a comparison at the end.');
    } finally {
      await worker.dispose();
    }
  });

  test('lists of traces can be filtered by any reward part', async () => {
    const agreeing = (value: number) => completion('left', { rewards: { agreement: { value, why: '' } } });
    await write(1, [
      tracedPair(1, 0, { views: [view('original', 'Where?', [agreeing(0), agreeing(0.5)])] }),
      tracedPair(1, 1, { views: [view('original', 'Where?', [agreeing(1), agreeing(0.5)])] }),
    ]);
    const { list, total } = await query({ filter: 'agreement > 0.5' });
    expect(total).toBe(1);
    expect(await service.traceRows({ run, list, from: 0, count: 1 })).toMatchObject([{ pair: 1 }]);
  });

  test('lists of traces follow one row through the steps', async () => {
    for (const step of [1, 2, 3])
      await write(step, [tracedPair(step, 0, { sample: step === 2 ? 'b' : 'a' })]);
    const steps = async (sample: string) =>
      (await service.traceSample({ run, sample, set: null })).map(({ step }) => step);
    expect([await steps('a'), await steps('b'), await steps('c')]).toEqual([[1, 3], [2], []]);
  });
});

test('TraceRows: finds a row with a numeric id', async () => {
  const path = join(folder, 'data.qa.jsonl');
  const rows = ['{"id":"a","question":"?"}', '{broken', '{"id":7,"question":"Where?","answer":"left"}'];
  await writeFile(path, rows.join('\n'));
  await writeFile(join(run, 'manifest.json'), JSON.stringify({ data: [{ path, sha256: '', rows: 2 }] }));
  await writeFile(join(run, 'run.yaml'), '');
  const found = new TraceRows(new Rows(), new PairRows());
  const row = await found.read({ run, sample: '7', set: null, views: [], allowed: [folder] });
  expect(row).toMatchObject({ path, line: 3, row: { sample: { id: '7' } } });
});

describe('opened pair', () => {
  /** A pair with arrays for one of its two completions. */
  async function writeArrays(): Promise<void> {
    const arrays = new TraceArrays();
    arrays.int32([7, 7, 7]); // those of another pair
    const kept = completion('<think>left');
    Object.assign(kept.segments[0]!, {
      tokens: arrays.int32([6, 9, 5, 99]),
      logprobs: arrays.float32([-0.5, -0.25, 0, -1]),
      entropies: arrays.float32([1, 2, 3, 4]),
    });
    await write(1, [tracedPair(1, 0, { views: [view('original', 'Q?', [kept, completion('x')])] })], arrays);
  }
  const bin = () => join(run, 'traces/step-000001.bin');
  const open = () => service.tracePair({ run, id: { step: 1, pair: 0 } });

  test('an opened pair contains stored arrays, and token texts if a checkpoint has the vocabulary', async () => {
    await writeArrays();
    const arrays = {
      tokens: [6, 9, 5, 99],
      logprobs: [-0.5, -0.25, 0, -1],
      ref_logprobs: null,
      entropies: [1, 2, 3, 4],
    };
    expect(await open()).toMatchObject({
      arrays: [[[{ ...arrays, texts: null }], [null]]],
      arraysProblem: null,
    });
    await mkdir(join(run, 'checkpoints/step-000001'), { recursive: true });
    const config = { model: 'chirality-embedded', words: ['<think>', 'a', 'b', 'left'] };
    await writeFile(join(run, 'checkpoints/step-000001/config.json'), JSON.stringify(config));
    const { arrays: read, summary } = await open();
    expect(read[0]![0]![0]!.texts).toEqual(['<think>', 'left', '<end>', '#99']);
    expect(summary).toMatchObject({ step: 1, pair: 0, sample: 'row-10' });
  });

  test.each<[string, () => Promise<void>, string]>([
    ['missing', () => rm(bin()), 'does not exist'],
    ['too short', () => truncate(bin(), 40), 'ends at byte 40, before byte 60'],
    ['a folder', () => rm(bin()).then(() => mkdir(bin())), 'is a folder, not a file'],
  ])('an opened pair is shown without arrays if the array file is %s', async (_, spoil, problem) => {
    await writeArrays();
    await spoil();
    const { traced, arrays, arraysProblem } = await open();
    expect(traced.views[0]!.question).toBe('Q?');
    expect(arrays).toEqual([[[null], [null]]]);
    expect(arraysProblem).toContain(problem);
  });

  test.each([{ at: -4, n: 1 }, { at: 0, n: 1e300 }, { at: 0.5, n: 1 }, { at: 'a', n: 1 }, { n: 1 }, 3])(
    'an opened pair is shown without arrays if the reference is %j',
    async (ref) => {
      await writeArrays();
      const odd = completion('left');
      const refs = { tokens: ref, logprobs: ref, entropies: ref } as object;
      Object.assign(odd.segments[0]!, refs);
      const pair = tracedPair(1, 0, { views: [view('original', 'Q?', [odd])] });
      await writeFile(join(run, 'traces/step-000001.jsonl'), `${JSON.stringify(pair)}\n`);
      const { arrays, arraysProblem } = await open();
      expect(arrays).toEqual([[[null]]]);
      expect(arraysProblem).not.toBeNull();
    },
  );
});

describe('images of a pair', () => {
  const image = (n: number, source?: string, allowed = [folder]) =>
    service.traceImage({ run, source, id: { step: source ? 0 : 1, pair: 0 }, image: n, allowed });
  const writeImages = async (images: TracedPair['views'][number]['images']) => {
    const views = [{ ...view('original', 'Q?', [completion('x')]), images }];
    await write(1, [tracedPair(1, 0, { views })]);
  };
  beforeEach(async () => {
    const data_root = join(folder, 'data');
    await mkdir(join(data_root, 'set/images'), { recursive: true });
    await mkdir(join(run, 'images'), { recursive: true });
    for (const path of ['data/set/images/a.png', 'data/root.png', 'runs/a/images/made.png', 'secret.png']) {
      await writeFile(join(folder, path), Buffer.concat([PNG, Buffer.from(path)]));
    }
    await symlink('../secret.png', join(data_root, 'link.png'));
    const data = [{ path: join(data_root, 'set/data.qa.jsonl'), sha256: '', rows: 1 }];
    await writeFile(join(run, 'manifest.json'), JSON.stringify({ data, data_root }));
  });

  test('images of a pair are found next to the data file, in the data root, or in the run', async () => {
    await writeImages(['images/a.png', { path: 'root.png' }, 'images/made.png']);
    for (const [n, path] of ['data/set/images/a.png', 'data/root.png', 'runs/a/images/made.png'].entries()) {
      const { bytes, type } = await image(n);
      expect([Buffer.from(bytes.subarray(8)).toString(), type]).toEqual([path, 'image/png']);
    }
  });

  test('images of a pair are drawn for scene views that draw their own images', async () => {
    const views = [
      { ...view('original', 'Q?', [completion('x')]), images: ['root.png'] },
      { ...view('orbit:90', 'Q?', [completion('x')]), images: ['images/a.png'] },
    ];
    await write(1, [tracedPair(1, 0, { views })]);
    const { bytes } = await service.traceImage({
      run,
      source: undefined,
      id: { step: 1, pair: 0 },
      view: 1,
      image: 0,
      allowed: [folder],
    });
    expect(Buffer.from(bytes.subarray(8)).toString()).toBe('data/set/images/a.png');
  });

  test('images of a pair outside the data root are rejected', async () => {
    await writeImages([
      '../../secret.png',
      join(folder, 'secret.png'),
      'link.png',
      'none.png',
      { w: 3, h: 4 },
    ]);
    for (const n of [0, 1, 2]) await expect(image(n)).rejects.toThrow('is outside the data root');
    await expect(image(3)).rejects.toThrow('Image file none.png does not exist.');
    await expect(image(4)).rejects.toThrow('but no image file');
    await expect(image(5)).rejects.toThrow('This pair has fewer images');
  });

  test('images outside the run are rejected, even if the manifest has a wide or remote root', async () => {
    await writeImages([join(folder, 'secret.png'), '//server/share/a.png']);
    for (const data_root of ['/', '//', '/tmp/..', '\\\\server\\share', 'data']) {
      await writeFile(join(run, 'manifest.json'), JSON.stringify({ data: [], data_root }));
      expect(await foldersToAllow({ run }, [])).toEqual([]);
      for (const n of [0, 1]) await expect(image(n)).rejects.toThrow(`is outside the data root ${run}.`);
    }
  });

  test('images are read only from opened or allowed folders, by their real paths', async () => {
    await writeImages(['root.png', 'images/made.png']);
    const data = join(folder, 'data');
    expect(await foldersToAllow({ run }, [])).toEqual([data]);
    await expect(image(0, undefined, [])).rejects.toThrow(
      `Cannot read the images in ${data} without your permission. To allow this, add the folder to the workspace.`,
    );
    expect((await image(1, undefined, [])).type).toBe('image/png');
    expect((await image(0, undefined, [data])).type).toBe('image/png');
    // A link in the workspace opens nothing else, as a stranger's repository may hold one.
    const open = join(folder, 'open');
    await mkdir(open);
    await symlink(data, join(open, 'link'));
    const manifest = { data: [], data_root: join(open, 'link') };
    await writeFile(join(run, 'manifest.json'), JSON.stringify(manifest));
    expect(await foldersToAllow({ run }, [open])).toEqual([manifest.data_root]);
    await expect(image(0, undefined, [open])).rejects.toThrow('without your permission');
    expect((await image(0, undefined, [open, manifest.data_root])).type).toBe('image/png');
  });

  test('images of an evaluation are found next to the data file of their set', async () => {
    await mkdir(join(run, 'eval/e'), { recursive: true });
    const row = {
      id: 'a',
      set: 'val',
      view: 'original',
      question: 'Q?',
      answer: 'A',
      images: ['images/a.png'],
      segments: [{ stage: 'answer', text: 'x', stop_reason: 'end' }],
      right: true,
      score: { task: 'format', format_ok: true, answer_text: 'x', answer_text_strict: null, path: 'tags' },
    };
    await writeFile(join(run, 'eval/e/rows.jsonl'), `${JSON.stringify(row)}\n`);
    const manifest = {
      sets: { val: join(folder, 'data/set/val.qa.jsonl') },
      root: join(folder, 'data'),
      scoring_rules: 5,
    };
    await writeFile(join(run, 'eval/e/manifest.json'), JSON.stringify(manifest));
    expect((await image(0, 'e')).type).toBe('image/png');
  });
});
