import { appendFile, mkdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TracedPair } from '../../../../src/core/run-data/trace.ts';
import { TRACE_FIELDS } from '../../../../src/core/run-data/trace-fields.ts';
import { searchText, summariseTrained } from '../../../../src/core/run-data/trace-summary.ts';
import { PairIndex, queryPairs } from '../../../../src/lab/traces/index.ts';
import { listSources, openSource } from '../../../../src/lab/traces/sources.ts';
import { TraceArrays, writeTraces } from '../../../../src/lab/runs/trace-files.ts';
import { completion, tracedPair, view } from './make.ts';
import { quiet } from '../../../support/call.ts';
import { folderOfEachTest } from '../../../support/folder.ts';
import { rowLines } from '../../../support/rows.ts';
import { forAllAsync } from '../../../support/property.ts';

let run: string;
folderOfEachTest('chirality pairs ü ', (made) => (run = made));

const write = (step: number, pairs: TracedPair[]) => writeTraces(run, step, pairs, new TraceArrays());
const trace = (step: number) => join(run, 'traces', `step-${String(step).padStart(6, '0')}.jsonl`);
const open = (source?: string, characters?: number) => new PairIndex(openSource({ run, source }), characters);

async function select(index: PairIndex, filter = '', text = '', sort: string | null = null) {
  const order = sort === null ? null : { field: sort.replace('-', ''), descending: sort.startsWith('-') };
  const { snapshot, rows } = await queryPairs(index, { filter, text, sort: order }, quiet);
  return [...rows].map((row) => snapshot.table.row(row));
}
const ids = async (...args: Parameters<typeof select>) =>
  (await select(...args)).map(({ step, pair }) => `${step}/${pair}`);

const group = (...rewards: number[]) =>
  rewards.map((reward, i) => completion(`answer ${i}`, { reward, right: reward > 0.5 }));

describe('PairIndex on traces', () => {
  test('rejects an invalid filter before reading, and an unknown field after reading', async () => {
    await write(1, [tracedPair(1, 0)]);
    let reads = 0;
    const told = (filter: string) =>
      queryPairs(
        open(),
        { filter, text: '', sort: null },
        { ...quiet, onProgress: () => (reads += 1) },
      ).catch((error: unknown) => (error as Error).message);
    expect(await told('step >')).toBe('The filter lacks a value at the end.');
    expect(reads).toBe(0);
    expect(await told('brevity > 1')).toContain('Field "brevity" does not exist.');
    expect(reads).toBeGreaterThan(0);
  });

  test('PairIndex summarises every field of a pair', async () => {
    const cut = completion('so long', { reward: 0, right: false });
    cut.segments[0]!.stop_reason = 'length';
    const pair = tracedPair(7, 0, {
      views: [
        view('original', 'Is it left?', group(1, 0)),
        view('mirror', 'Is it right?', [...group(0.25), cut]),
      ],
      delta: 0.5,
      penalised: 'original',
      effect: 'scaled',
      verdict: 'neither',
    });
    await write(7, [pair]);
    const [summary] = await select(open());
    expect(summary).toMatchObject({
      step: 7,
      pair: 0,
      sample: 'row-70',
      question: 'Is it left?',
      relation: 'left_right',
      answer: 'left',
      views: 'pair',
      kept: true,
      why: 'varies',
      verdict: 'neither',
      reward: 0.5,
      reward_mirror: 0.125,
      reward_std: expect.closeTo(Math.SQRT1_2),
      accuracy: 0.25,
      accuracy_most: 0.25,
      semantic: 1,
      graph: null,
      length: 7.75,
      truncated: 0.25,
      delta: 0.5,
      penalised: 'original',
      effect: 'scaled',
      logged_by: null,
    });
    expect(Object.keys(summary!)).toEqual(TRACE_FIELDS.map(({ name }) => name));
  });

  test('reports the reward of any partner view and of a single mirror', () => {
    const rewards = (names: readonly string[]) => {
      const views = names.map((name, i) => view(name, 'Is it left?', group(1 - i / 4)));
      const { reward, reward_mirror } = summariseTrained(tracedPair(7, 0, { views }));
      return [reward, reward_mirror];
    };
    expect(rewards(['original', 'polarity'])).toEqual([1, 0.75]);
    expect(rewards(['original', 'rotate:180'])).toEqual([1, 0.75]);
    expect(rewards(['original'])).toEqual([1, null]);
    expect(rewards(['mirror'])).toEqual([null, 1]);
  });

  test('filters, searches and sorts, with null last in both directions', async () => {
    await write(1, [
      tracedPair(1, 0, { sample: 'row-10', delta: 0.2 }),
      tracedPair(1, 1, { sample: 'row-9', views: [view('original', 'Left of the MUG?', group(0.1))] }),
    ]);
    await write(2, [tracedPair(2, 0, { sample: 'row-2', delta: -0.4, kept: false, why: 'all_right' })]);
    const index = open();
    expect(await ids(index)).toEqual(['1/0', '1/1', '2/0']);
    expect(await ids(index, '', '', 'delta')).toEqual(['2/0', '1/0', '1/1']);
    expect(await ids(index, '', '', '-delta')).toEqual(['1/0', '2/0', '1/1']);
    expect(await ids(index, '', '', 'sample')).toEqual(['2/0', '1/1', '1/0']);
    expect(await ids(index, '', '', '-step')).toEqual(['2/0', '1/0', '1/1']);
    expect(await ids(index, 'reward < 0.3')).toEqual(['1/1']);
    expect(await ids(index, 'not kept or mug')).toEqual(['1/1', '2/0']);
    expect(await ids(index, 'kept', 'of the mug')).toEqual(['1/1']);
    expect(await ids(index, '', 'answer 0')).toEqual(['1/1']);
    await expect(ids(index, 'reward <')).rejects.toThrow('The filter lacks a value at the end.');
  });

  test('follows a run while steps are added, removed and rewritten', async () => {
    const index = open();
    expect(await ids(index)).toEqual([]);
    await write(1, [tracedPair(1, 0)]);
    expect(await ids(index)).toEqual(['1/0']);
    await write(3, [tracedPair(3, 0), tracedPair(3, 1)]);
    const before = await index.refresh(quiet);
    await rm(trace(3));
    await write(2, [tracedPair(2, 0, { sample: 'new' })]);
    expect(await ids(index)).toEqual(['1/0', '2/0']);
    await write(3, [tracedPair(3, 4)]);
    expect(await ids(index)).toEqual(['1/0', '2/0', '3/4']);
    expect(before.table.length).toBe(3); // a list that is shown stays as it was
  });

  test('property: PairIndex: is equal after following a long run and after a fresh read', async () => {
    const added = fc.integer({ min: 1, max: 150 });
    const change = fc.oneof(
      fc.record({ resumedAt: fc.constant(1), added }),
      fc.record({ resumedAt: fc.double({ min: 0, max: 1, noNaN: true }), added }),
      fc.record({ replaced: fc.double({ min: 0, max: 0.99, noNaN: true }) }),
    );
    let version = 0;
    await forAllAsync([fc.array(change, { minLength: 2, maxLength: 5 })], { numRuns: 6 }, async (changes) => {
      await rm(join(run, 'traces'), { recursive: true, force: true });
      await mkdir(join(run, 'traces'));
      const index = open();
      const put = (step: number) => {
        const own = version % 3 === 0 && { own: { value: version, why: '' } };
        const rewards = { semantic: { value: 1, why: '' }, ...own };
        const views = [view('original', 'Where?', [completion('left', { rewards })])];
        const pair = tracedPair(step, 0, { sample: `row-${++version}`, views });
        return writeFile(trace(step), `${JSON.stringify(pair)}\n`);
      };
      let steps = 0;
      for (const each of changes) {
        if ('added' in each) {
          const kept = Math.floor(each.resumedAt * steps);
          for (let step = kept + 1; step <= steps; step++) await rm(trace(step));
          for (let step = kept + 1; step <= kept + each.added; step++) await put(step);
          steps = kept + each.added;
        } else if (steps > 0) await put(1 + Math.floor(each.replaced * steps));
        expect(await select(index)).toEqual(await select(open()));
      }
    });
  });

  test('PairIndex reads an unchanged file only once', async () => {
    await write(1, [tracedPair(1, 0)]);
    const index = open();
    const first = await index.refresh(quiet);
    await write(2, [tracedPair(2, 0)]);
    const second = await index.refresh(quiet);
    expect(second.parts[0]).toBe(first.parts[0]);
    expect(await index.refresh(quiet)).toBe(second);
  });

  test('opens a pair, even after its file changed', async () => {
    await write(1, [tracedPair(1, 0), tracedPair(1, 1, { sample: 'sought' })]);
    const old = new Date(Date.now() - 60_000);
    await utimes(join(run, 'traces'), old, old);
    const index = open();
    expect((await index.open({ step: 1, pair: 1 })).pair.sample).toBe('sought');
    await writeFile(trace(1), `${JSON.stringify(tracedPair(1, 1, { sample: 'changed' }))}\n`);
    expect((await index.open({ step: 1, pair: 1 })).pair.sample).toBe('changed');
    await expect(index.open({ step: 1, pair: 0 })).rejects.toThrow('Pair 0 of step 1 does not exist');
  });

  test('reports unreadable lines, and reads all other lines', async () => {
    await write(1, [tracedPair(1, 0)]);
    const broken = (change: object) => JSON.stringify({ ...tracedPair(1, 5), ...change });
    const bad = [
      '{"step": 1, "pair": }',
      broken({ step: 2 }),
      broken({ pair: 0 }),
      broken({ views: [] }),
      broken({
        views: [{ view: 'original', question: 'Q?', answer: 'A', images: [], group: [{ right: 1 }] }],
      }),
      '[1, 2]',
    ];
    await appendFile(trace(1), `${bad.join('\n')}\n\n`);
    await appendFile(trace(1), `"${'x'.repeat(65 * 2 ** 20)}"\n`);
    await appendFile(trace(1), `${JSON.stringify(tracedPair(1, 9))}\r\n{"step": 1, "pai`);
    await writeFile(join(run, 'traces/notes.txt'), 'not a trace');
    const { parts, table } = await open().refresh(quiet);
    expect(table.length).toBe(2);
    expect(parts[0]!.problems.map((problem) => problem.replace(/ \(.*\)/, ''))).toEqual(
      [
        '2 cannot be read: it is not JSON.',
        '3 cannot be read: the pair belongs to step 2, not to step 1.',
        '4: pair 0 occurs twice.',
        '5 cannot be read: "views" must be a list of at least 1 item, not an empty list.',
        '6 cannot be read: "views[0].group[0].segments" is missing.',
        '7 cannot be read: it must be an object, not a list.',
        '9: the line is longer than 64 MiB.',
      ].map((message) => `traces/step-000001.jsonl:${message}`),
    );
  });

  test('stops on request, keeps the data that it has read, and continues from this data', async () => {
    for (let step = 1; step <= 4; step++) {
      await write(
        step,
        Array.from({ length: 300 }, (_, pair) => tracedPair(step, pair)),
      );
    }
    const index = open();
    const shares: number[] = [];
    const stop = new AbortController();
    const onProgress = (share: number) => {
      if (shares.push(share) === 4) stop.abort();
    };
    const first = index.refresh({ signal: stop.signal, onProgress });
    const second = index.refresh(quiet);
    await expect(first).rejects.toMatchObject({ name: 'AbortError' });
    expect((await second).table.length).toBe(1200);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.every((share) => 0 <= share && share <= 1)).toBe(true);
  });

  const words = fc.constantFrom('left', 'Left', 'of', 'ÜBER', 'cup', '\\n', '"');
  const text = fc.array(words, { maxLength: 5 }).map((all) => all.join(' '));
  test.each([0, 60, 10_000])(
    'property: PairIndex: finds every match of a search with %i stored characters',
    async (characters) => {
      await forAllAsync(
        [fc.array(text, { minLength: 1, maxLength: 6 }), fc.array(words, { maxLength: 4 })],
        { numRuns: 30 },
        async (texts, terms) => {
          const pairs = texts.map((t, i) =>
            tracedPair(i % 3, i, { views: [view('original', t, [completion(t)])] }),
          );
          for (const step of [0, 1, 2])
            await write(
              step,
              pairs.filter((pair) => pair.step === step),
            );
          const index = open(undefined, characters);
          for (const term of [...terms, terms.join(' '), 'left', 'left of']) {
            const { snapshot, rows } = await queryPairs(index, { filter: '', text: term, sort: null }, quiet);
            const found = [...rows].map((row) => snapshot.table.row(row).pair).sort();
            const wanted = pairs.filter((pair) => searchText(pair).includes(term.trim().toLowerCase()));
            expect(found).toEqual(wanted.map(({ pair }) => pair).sort());
          }
        },
      );
    },
  );
});

describe('PairIndex on evaluations', () => {
  const row = (id: string, name: string, over: object = {}) => ({
    id,
    set: 'val',
    view: name,
    question: `Q of the ${name}?`,
    answer: 'left',
    images: ['a.png'],
    segments: [{ stage: 'answer', text: `${name} text`, stop_reason: 'end' }],
    right: true,
    score: {
      task: 'open',
      format_ok: name === 'mirror',
      answer_text: 'left',
      answer_text_strict: null,
      path: 'tags',
      bleu1: 1,
      bleu2: 1,
    },
    ...over,
  });
  const save = async (rows: object[], rest = '') => {
    await mkdir(join(run, 'eval/best'), { recursive: true });
    const text = rowLines(rows);
    await writeFile(join(run, 'eval/best/rows.jsonl'), text + rest);
  };

  test('pairs original and mirror of a row in any order', async () => {
    await save([
      row('a', 'mirror', { right: false }),
      row('b', 'original'),
      row('a', 'polarity', { question: 'The opposite?' }),
      row('a', 'original'),
      row('a', 'original', {
        set: 'other',
        segments: [{ stage: 'answer', text: 'x', stop_reason: 'length' }],
      }),
    ]);
    await writeFile(join(run, 'eval/best/manifest.json'), '{"step": 40, "scoring_rules": 5}');
    const index = open('best');
    const found = await select(index);
    expect(
      found.map((one) => {
        const { step, pair, sample, set, views, verdict, accuracy, truncated } = one;
        return [step, pair, sample, set, views, verdict, accuracy, truncated];
      }),
    ).toEqual([
      [40, 0, 'a', 'val', 'pair', 'only_original', 0.5, 0],
      [40, 1, 'b', 'val', 'original', null, 1, 0],
      [40, 2, 'a', 'val', 'polarity', null, 1, 0],
      [40, 3, 'a', 'other', 'original', null, 1, 1],
    ]);
    // Nothing was trained: there is no reward, no penalty, and nothing was kept or dropped.
    for (const pair of found) expect(pair).toMatchObject({ reward: null, delta: null, penalised: null });
    expect(await ids(index, 'reward = null and why = null and kept = null')).toHaveLength(4);
    expect(await ids(index, 'task = open and format = 50%')).toEqual(['40/0']);
    const { pair } = await index.open({ step: 40, pair: 0 });
    expect(pair.views.map(({ view, question }) => [view, question])).toEqual([
      ['original', 'Q of the original?'],
      ['mirror', 'Q of the mirror?'],
    ]);
    expect(Object.keys(pair.views[0]!.group[0]!).sort()).toEqual(['answer_text', 'right', 'segments']);
    const { pair: opposite } = await index.open({ step: 40, pair: 2 });
    expect(opposite.views.map(({ view }) => view)).toEqual(['polarity']);
    expect(await ids(index, 'set = other')).toEqual(['40/3']);
    expect(await ids(index, '', 'mirror text')).toEqual(['40/0']);
  });

  test('pairs each clip evaluated without a mirror with its reverse', async () => {
    const views = ['original', 'polarity', 'shuffle:1', 'reverse'];
    await save(views.map((view) => row('a', view, { right: view !== 'reverse' })));
    await writeFile(
      join(run, 'eval/best/manifest.json'),
      JSON.stringify({ step: 40, views, scoring_rules: 5 }),
    );
    const index = open('best');
    const found = await select(index);
    expect(found.map(({ views, verdict }) => [views, verdict])).toEqual([
      ['reverse', 'only_original'],
      ['polarity', null],
      ['shuffle:1', null],
    ]);
    const { pair } = await index.open({ step: 40, pair: 0 });
    expect(pair.views.map(({ view }) => view)).toEqual(['original', 'reverse']);
  });

  test('lists views other than original and mirror separately, without an outcome', async () => {
    await save(['original', 'rotate:180', 'mirror', 'flip', 'mirror+converse'].map((view) => row('a', view)));
    const found = await select(open('best'));
    expect(found.map(({ views, verdict }) => [views, verdict])).toEqual([
      ['pair', 'consistent'],
      ['rotate:180', null],
      ['flip', null],
      ['mirror+converse', null],
    ]);
  });

  test('filters by unreadable graphs and by causes of wrong answers', async () => {
    const drawn = (name: string, graph: string, error: string | null) =>
      row(name, 'original', {
        right: error === null,
        attribution: { graph: 'right', error },
        segments: [
          { stage: 'graph', text: graph, stop_reason: 'end' },
          { stage: 'answer', text: 'x', stop_reason: 'end' },
        ],
      });
    const read = 'Here: {"objects": []}';
    await save([
      drawn('a', read, null),
      drawn('b', 'none', 'format'),
      drawn('c', read, 'answer'),
      row('d', 'original'),
    ]);
    const index = open('best');
    const samples = async (filter: string) => (await select(index, filter)).map(({ sample }) => sample);
    expect(await samples('graph = 0')).toEqual(['b']);
    expect(await samples('graph = 100%')).toEqual(['a', 'c']);
    expect(await samples('error in (graph, answer)')).toEqual(['c']);
    expect(await samples('error = null and graph = null')).toEqual(['d']);
  });

  test('groups several completions of a question', async () => {
    const drawn = (name: string, index: number, right: boolean, text: string) =>
      row('a', name, {
        completion_index: index,
        right,
        segments: [
          { stage: 'graph', text: `graph ${text}`, stop_reason: 'end' },
          { stage: 'answer', text, stop_reason: 'end' },
        ],
      });
    await save([
      drawn('original', 0, true, 'one'),
      drawn('original', 1, true, 'two'),
      drawn('original', 2, false, 'three'),
      drawn('mirror', 0, false, 'four'),
      drawn('mirror', 1, true, 'five'),
      drawn('mirror', 1, true, 'again'),
    ]);
    const index = open('best');
    const { parts } = await index.refresh(quiet);
    expect(parts[0]!.problems).toEqual(['eval/best/rows.jsonl:6: the view mirror of row "a" occurs twice.']);
    expect((await select(index)).map(({ verdict, accuracy }) => [verdict, accuracy])).toEqual([
      ['only_original', 3 / 5],
    ]);
    const { pair } = await index.open({ step: 0, pair: 0 });
    expect(
      pair.views.map(({ group }) => group.map(({ segments }) => segments.map(({ text }) => text))),
    ).toEqual([
      [
        ['graph one', 'one'],
        ['graph two', 'two'],
        ['graph three', 'three'],
      ],
      [
        ['graph four', 'four'],
        ['graph five', 'five'],
      ],
    ]);
    expect(await ids(index, '', 'graph five')).toEqual(['0/0']);
  });

  test('follows an evaluation that is still being written', async () => {
    const next = JSON.stringify(row('b', 'original'));
    await save([row('a', 'original')], next.slice(0, 50));
    const index = open('best');
    expect(await ids(index)).toEqual(['0/0']);
    await save([row('a', 'original')], next);
    expect(await ids(index)).toEqual(['0/0', '0/1']);
    const twice = [
      row('a', 'original'),
      row('a', 'original'),
      row('a', 'mirror'),
      row('a', 'mirror'),
      { id: 3 },
    ];
    await save(twice);
    const { parts, table } = await index.refresh(quiet);
    expect(table.length).toBe(1);
    expect(parts[0]!.problems).toEqual([
      'eval/best/rows.jsonl:2: the view original of row "a" occurs twice.',
      'eval/best/rows.jsonl:4: the view mirror of row "a" occurs twice.',
      'eval/best/rows.jsonl:5 cannot be read: "id" must be text, not 3.',
    ]);
  });

  test('lists evaluations by name, and rejects names that lead out of the folder', async () => {
    await save([row('a', 'original')]);
    await mkdir(join(run, 'eval/empty'));
    expect((await listSources(run)).map(({ source }) => source)).toEqual([undefined, 'best']);
    expect((await stat(join(run, 'eval'))).isDirectory()).toBe(true);
    const alone = join(run, 'eval/best');
    expect(await listSources(alone)).toEqual([{ source: '.', label: 'Evaluation best' }]);
    expect((await new PairIndex(openSource({ run: alone, source: '.' })).refresh(quiet)).table.length).toBe(
      1,
    );
    for (const id of ['..', '../..', '', 'a/b', 'a\\b']) {
      expect(() => openSource({ run, source: id })).toThrow(`Evaluation "${id}" does not exist.`);
    }
  });

  test('reports a folder that cannot be listed', async () => {
    await rm(join(run, 'eval'), { recursive: true, force: true });
    expect(await listSources(run)).toEqual([{ source: undefined, label: 'Traces' }]);
    await symlink('eval', join(run, 'eval')); // a link to itself
    await expect(listSources(run)).rejects.toThrow('ELOOP');
  });
});
