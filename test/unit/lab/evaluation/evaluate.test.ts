import { appendFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Prompt } from '../../../../src/core/prompts/message.ts';
import { Random } from '../../../../src/base/random.ts';
import {
  OF_CHAT,
  OF_PICTURES,
  OF_SAMPLING,
  type Sampler,
  type SamplingOptions,
  type TextCompletion,
} from '../../../../src/engines/sampler.ts';
import { type SetFile, withSets } from '../../../../src/lab/evaluation/evaluation-samples.ts';
import { openEncoder } from '../../../../src/lab/encoders/open-encoder.ts';
import type { EvaluationOptions } from '../../../../src/lab/evaluation/evaluation-plan.ts';
import { encodePng } from '../../../../src/lab/images/png.ts';
import { evaluate } from '../../../../src/lab/recipes/evaluate.ts';
import type { EvaluationRow } from '../../../../src/core/evaluation/evaluation-row.ts';
import type { EvaluationResult } from '../../../../src/core/evaluation/results.ts';
import { parseJudgePrompt, parsePrompt } from '../../../../src/core/prompts/prompt-file.ts';
import { openPrompt } from '../../../../src/lab/library.ts';
import { openStrategy } from '../../../../src/lab/strategies.ts';
import { folderOfEachTest } from '../../../support/folder.ts';
import { few, slowly } from '../../../support/slow.ts';
import { readRows } from '../../../support/rows.ts';
import { forAllAsync } from '../../../support/property.ts';

type Said = string | Partial<TextCompletion>;
/** What is said to the last turn's text; `drawn` is a number from 0 to 1. */
type Say = (text: string, drawn: number) => Said;

function model(say: Say, name = 'm'): Sampler & { calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    info: () => ({
      engine: 'openai',
      model: name,
      runtime: '',
      coordinates: null,
      vocabulary: null,
      features: ['system-message', 'several-turns', 'temperature', 'seed'],
      contextTokens: null,
      imagesKept: null,
    }),
    putImage: () => Promise.reject(new Error('There are no pictures.')),
    complete: (prompts: Prompt[], { n, seed = 0, first = 0 }: SamplingOptions) =>
      Promise.resolve(
        prompts.map((prompt) =>
          Array.from({ length: n }, (_, i) => {
            const text = prompt.at(-1)!.content.join('');
            calls.push(text);
            // As endpoints promise: by seed, text, and which of n.
            const said = say(text, Random.from(`${seed}/${text}/${first + i}`).uniform());
            return {
              text: '',
              stopReason: 'end' as const,
              ...(typeof said === 'string' ? { text: said } : said),
            };
          }),
        ),
      ),
    close: () => Promise.resolve(),
  };
}

/** A model that refuses no prompt, as most endpoints. */
function openModel(say: Say): ReturnType<typeof model> {
  const made = model(say);
  const features = [...OF_CHAT, ...OF_PICTURES, ...OF_SAMPLING];
  return { ...made, info: () => ({ ...made.info(), features }) };
}

let folder = '';
folderOfEachTest('evaluate-', (made) => (folder = made));

const at = (path: string) => join(folder, path);
const write = (rows: object[]) =>
  writeFile(at('v.qa.jsonl'), rows.map((row) => `${JSON.stringify({ images: [], ...row })}\n`).join(''));

const options = (over: Partial<EvaluationOptions> = {}): EvaluationOptions => ({
  sets: { v: at('v.qa.jsonl') },
  root: folder,
  views: ['original'],
  strategy: openStrategy('direct'),
  sampling: { n: 1, temperature: 0, topP: 1, maxTokens: 16, seed: 3 },
  about: { model: 'm' },
  ...over,
});
const run = (sampler: Sampler, over: Partial<EvaluationOptions> = {}, dir = 'out') =>
  evaluate(() => Promise.resolve(sampler), at(dir), options(over));
const rowsOf = async (dir = 'out') => readRows<EvaluationRow>(at(`${dir}/rows.jsonl`));
const figure = (
  results: readonly EvaluationResult[],
  task: string,
  metric: string,
  view: string | null = 'original',
  about: Pick<EvaluationResult, 'slice' | 'answer'> = {},
) => {
  const found = results.filter(
    ({ slice, answer, ...r }) =>
      r.task === task &&
      r.metric === metric &&
      r.view === view &&
      isDeepStrictEqual([slice, answer], [about.slice, about.answer]),
  );
  expect(found, `${task}/${metric}`).toHaveLength(1);
  return found[0]!;
};

const PLATES = Array.from({ length: 70 }, (_, i) => ({
  id: `p${i}`,
  question: `Is cup ${i} left of the plate?`,
  answer: i % 3 === 0 ? 'No' : 'Yes',
}));
const DRAWN = { n: 4, temperature: 0.7, topP: 1, maxTokens: 16, seed: 3 };

describe('evaluate with several completions per question', () => {
  const guess: Say = (_, drawn) => (drawn < 0.6 ? 'Yes' : 'No');

  it('reports Pass@k as the share of k-subsets with a right answer, with its chance (R53)', async () => {
    await write(PLATES);
    const { results } = await run(model(guess), { sampling: DRAWN });
    const rows = await rowsOf();
    expect(rows).toHaveLength(280);
    expect(rows.slice(0, 5).map((row) => [row.id, row.completion_index])).toEqual([
      ...[0, 1, 2, 3].map((i) => ['p0', i]),
      ['p1', 0],
    ]);
    const rights = PLATES.map(({ id }) => rows.filter((row) => row.id === id).map(({ right }) => right));
    const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
    // Counted out, not by the formula: all pairs of four.
    const pairs = rights.map((r) =>
      mean(
        [
          [0, 1],
          [0, 2],
          [0, 3],
          [1, 2],
          [1, 3],
          [2, 3],
        ].map(([a, b]) => Number(r[a!]! || r[b!]!)),
      ),
    );
    for (const task of ['all', 'yesno']) {
      expect(figure(results, task, 'pass@1').value).toBeCloseTo(mean(rights.flat().map(Number)), 12);
      expect(figure(results, task, 'pass@2').value).toBeCloseTo(mean(pairs), 12);
      expect(figure(results, task, 'pass@4').value).toBeCloseTo(
        mean(rights.map((r) => Number(r.some(Boolean)))),
        12,
      );
      expect(figure(results, task, 'pass@4').chance).toBeCloseTo(0.9375, 12);
    }
    expect(figure(results, 'all', 'accuracy')).toMatchObject({ n: 280, unparsed: 0, chance: 0.5 });
  });

  it.each(few([130, 0, 1, 259]))(
    'resumes after %i answers without repeated requests, and writes the same files',
    async (after) => {
      await write(PLATES);
      await run(model(guess), { sampling: DRAWN }, 'peace');
      let left = after;
      const dying = model((text, drawn) => {
        if (left-- === 0) throw new Error('killed');
        return guess(text, drawn);
      });
      await expect(run(dying, { sampling: DRAWN })).rejects.toThrow('killed');
      // Within a line, too.
      const path = at('out/rows.jsonl');
      const size = (await readFile(path).catch(() => Buffer.alloc(0))).length;
      if (size > 0) await truncate(path, size - 7);
      const whole = (await readFile(path, 'utf8').catch(() => '')).split('\n').slice(0, -1);
      // Each answer was kept when it came; the last line was cut.
      expect(whole.length).toBeGreaterThanOrEqual(after - 1);
      const again = model(guess);
      await run(again, { sampling: DRAWN });
      expect(again.calls).toHaveLength(DRAWN.n * PLATES.length - whole.length);
      for (const file of ['rows.jsonl', 'results.json', 'manifest.json'])
        expect(await readFile(at(`out/${file}`), 'utf8')).toBe(await readFile(at(`peace/${file}`), 'utf8'));
    },
  );

  it.each([
    ['another process takes its folder over', 'Another process has taken over out'],
    ['a person ends it', 'by hand'],
  ])('sends no further requests after %s', async (what, words) => {
    await write(PLATES);
    const byHand = new AbortController();
    let asked = 0;
    const silent: Sampler = {
      ...model(guess),
      complete: async (_, { signal }) => {
        asked += 1;
        if (what.startsWith('a person')) byHand.abort(new Error('by hand'));
        else if (asked === 1) await rename(at('out/lock'), at('out/taken'));
        return new Promise((_, reject) =>
          signal!.aborted
            ? reject(new Error('cancelled'))
            : signal!.addEventListener('abort', () => reject(new Error('cancelled'))),
        );
      },
    };
    const { signal } = byHand;
    await expect(run(silent, { sampling: DRAWN, signal })).rejects.toThrow(words);
    expect(asked).toBeLessThanOrEqual(64); // those that were under way
  });

  it('estimates the time of a local model before the first batch, with the same results', async () => {
    await write(Array.from({ length: 300 }, (_, i) => ({ ...PLATES[i % 70], id: `p${i}` })));
    const local = () => {
      const made = model(guess);
      const { info } = made;
      return { ...made, info: () => ({ ...info(), engine: 'embedded' as const }) };
    };
    const events: string[] = [];
    const told = await evaluate(
      () => Promise.resolve(local()),
      at('told'),
      options({ sampling: DRAWN }),
      (done) => events.push(`${done} done`),
      {
        pace: ({ tried, seconds, questions }) => {
          events.push(`${tried} of ${questions} tried`);
          expect(seconds).toBeGreaterThan(0);
        },
      },
    );
    // A model that answers at once is tried with a whole batch.
    expect(events.slice(0, 2)).toEqual(['64 of 300 tried', '256 done']);
    expect(told.results).toEqual((await run(local(), { sampling: DRAWN })).results);
  });

  it.each([
    // Rows in views, with four completions each.
    [undefined, [64, 64, 22]],
    [100, [64, 64, 22]],
    [512, [128, 22]],
    [4000, [150]],
  ])('uses the batch size that the engine reports: %s', async (completionsAtOnce, expected) => {
    await write(Array.from({ length: 150 }, (_, i) => ({ ...PLATES[i % 70], id: `p${i}` })));
    const made = model(guess);
    const sizes: number[] = [];
    const local: Sampler = {
      ...made,
      info: () => ({
        ...made.info(),
        engine: 'torch',
        ...(completionsAtOnce !== undefined && { completionsAtOnce }),
      }),
      complete: (prompts, sampling) => {
        sizes.push(prompts.length);
        return made.complete(prompts, sampling);
      },
    };
    await run(local, { sampling: DRAWN });
    expect(sizes).toEqual(expected);
  });

  it('does not open the model again for a finished evaluation', async () => {
    await write(PLATES.slice(0, 3));
    const { results } = await run(model(guess), { sampling: DRAWN });
    const never = () => Promise.reject(new Error('opened'));
    expect((await evaluate(never, at('out'), options({ sampling: DRAWN }))).results).toEqual(results);
  });

  it('rejects a folder that contains another evaluation', async () => {
    await write(PLATES.slice(0, 3));
    await run(model(guess));
    await expect(run(model(guess), { sampling: DRAWN })).rejects.toThrow(
      'contains an evaluation with other rows or settings',
    );
    await write(PLATES.slice(0, 2));
    await expect(run(model(guess))).rejects.toThrow('Move or delete the folder.');
  });
});

describe('evaluate while rows are read', () => {
  const KINDS: ((i: number) => object)[] = [
    (i) => ({ question: `Is cup ${i} left of the plate?`, answer: 'Yes' }),
    // Only the whole set decides what these answers mean.
    (i) => ({ question: `Which way does cup ${i} face?`, answer: i % 2 ? 'A' : 'B' }),
    (i) => ({ question: `Cup ${i} is left of the plate.`, answer: i % 2 ? '1' : '0' }),
    (i) => ({ question: `Cup ${i} is right of the plate.`, answer: i % 2 ? 'Right' : 'Wrong' }),
    // The sign has no mirror.
    (i) => ({ question: `What does sign ${i} say?`, answer: 'Stop' }),
    () => ({ question: 'Is it left?' }),
    () => ({ id: 'twice', question: 'Is the jug left of the plate?', answer: 'No' }),
    () => ({ question: 'Is it left?', answer: 'Yes', images: ['gone.png'] }),
  ];
  const answer: Say = (text, drawn) => (/way/.test(text) ? 'B' : drawn < 0.5 ? 'Yes' : '1');
  const FILES = ['rows.jsonl', 'results.json', 'manifest.json'];

  slowly('property: an evaluation killed anywhere and resumed has the same records', () =>
    forAllAsync(
      [
        fc.array(fc.constantFrom(...KINDS), { minLength: 1, maxLength: 30 }),
        fc.constantFrom(1, 2),
        fc.nat(80),
        fc.nat(200),
      ],
      { numRuns: 15 },
      async (kinds, n, after, cut) => {
        await rm(folder, { recursive: true, force: true });
        await mkdir(folder);
        await write([...kinds, KINDS[0]!].map((kind, i) => ({ id: `p${i}`, ...kind(i) })));
        const over = { views: ['original', 'mirror'] as const, sampling: { ...DRAWN, n } };
        // Without all features, the model is asked when all rows are read.
        const { skipped } = await run(model(answer), over, 'whole');
        let left = after;
        const dying = openModel((text, drawn) => {
          if (left-- === 0) throw new Error('killed');
          return answer(text, drawn);
        });
        const first = await run(dying, over, 'out').catch((error: unknown) => String(error));
        if (typeof first === 'string') expect(first).toContain('killed');
        const size = (await stat(at('out/rows.jsonl')).catch(() => null))?.size ?? 0;
        if (typeof first === 'string' && size > 0)
          await truncate(at('out/rows.jsonl'), Math.max(0, size - cut));
        const again = await run(openModel(answer), over, 'out');
        expect(again.skipped).toEqual(skipped);
        for (const file of FILES)
          expect(await readFile(at(`out/${file}`), 'utf8')).toBe(await readFile(at(`whole/${file}`), 'utf8'));
      },
    ),
  );

  it('reports a set that changes while its rows are evaluated, and writes no results', async () => {
    await write(Array.from({ length: 200 }, (_, i) => ({ id: `p${i}`, ...KINDS[0]!(i) })));
    const sampler = openModel((text) => {
      if (sampler.calls.length === 100) appendFileSync(at('v.qa.jsonl'), '{}\n');
      return answer(text, 0);
    });
    await expect(run(sampler)).rejects.toThrow('The file changed while its rows were evaluated.');
    expect(await readdir(at('out'))).not.toContain('results.json');
  });

  it('sends the first question before the last row is read', async () => {
    const rows = Array.from({ length: 1500 }, (_, i) => ({ id: `p${i}`, ...KINDS[0]!(i) }));
    await write(rows);
    await withSets(options(), async (files) => {
      const [{ file }] = files as [SetFile];
      const reads = vi.spyOn(file, 'read');
      const counts: number[] = [];
      const sampler = openModel((text) => {
        counts.push(reads.mock.calls.length);
        return answer(text, 0);
      });
      await run(sampler, { files });
      expect(counts).toHaveLength(rows.length);
      // Sixteen rows are read per row that is asked, and 64 rows are asked at once.
      expect(counts[0]).toBeLessThan(17 * 64);
      expect(reads).toHaveBeenCalledTimes(rows.length);
    });
  });
});

it('evaluate writes nothing if the model cannot process the prompts', async () => {
  await write(PLATES.slice(0, 2));
  const sampler = model(() => 'Yes');
  const closed = { ...sampler, info: () => ({ ...sampler.info(), vocabulary: ['Yes'] }) };
  await expect(run(closed)).rejects.toThrow('Use only the words ');
  expect(await readdir(folder)).toEqual(['v.qa.jsonl']);
});

it('evaluate skips and counts rows without the input that a strategy shows', async () => {
  const graph = {
    objects: [
      { id: 'cup', label: 'cup' },
      { id: 'jug', label: 'jug' },
    ],
    relations: [],
  };
  await write([
    { id: 'a', question: 'a?', answer: 'yes', scene_graph: graph },
    { id: 'b', question: 'b?', answer: 'yes' },
    { id: 'c', question: 'c?', answer: 'yes' },
  ]);
  const { skipped } = await run(
    model(() => 'yes'),
    { strategy: openStrategy('given-graph') },
  );
  expect(skipped).toEqual({ 'it has no scene graph': 2 });
  expect((await rowsOf()).map(({ id }) => id)).toEqual(['a']);
  expect(JSON.parse(await readFile(at('out/manifest.json'), 'utf8'))).toMatchObject({
    strategy: { name: 'given-graph', stages: [{ name: 'answer' }] },
    data: [{ set: 'v', rows: 3 }],
    sampling: { n: 1, temperature: 0, top_p: 1, max_tokens: 16 },
    rows: { answered: 1, failed: 0, skipped: { 'it has no scene graph': 2 } },
  });
});

it('evaluate skips rows with unreadable images until the images exist', async () => {
  const png = await encodePng({ w: 2, h: 1, rgb: new Uint8Array(6).fill(200) });
  await writeFile(at('cup.png'), png);
  await write([
    { ...PLATES[0]!, id: 'a', images: ['cup.png'] },
    { ...PLATES[1]!, id: 'b', images: ['gone.png'] },
  ]);
  const blind = model(() => 'yes');
  const seeing: Sampler = {
    ...blind,
    info: () => ({ ...blind.info(), features: [...blind.info().features, 'image', 'view-mirror'] as const }),
    putImage: () => Promise.resolve({ hash: 'h', width: 2, height: 1 }),
  };
  const ask = () => run(seeing, { views: ['original', 'mirror'] });
  expect((await ask()).skipped).toMatchObject({ 'v: row "b": Image file gone.png does not exist.': 1 });
  const ids = async () => [...new Set((await rowsOf()).map(({ id }) => id))];
  expect(await ids()).toEqual(['a']);
  // A prompt without images asks both.
  const all = await run(seeing, { strategy: openStrategy('blind') }, 'blind');
  expect(all.skipped).toEqual({});

  // Answers are kept though their image is gone, and what could not be seen is asked when it can.
  await rename(at('cup.png'), at('gone.png'));
  expect((await ask()).skipped).toEqual({});
  expect(await ids()).toEqual(['a', 'b']);
});

it('records the depth range of 16-bit images, and rejects a resume with another range', async () => {
  await write([{ ...PLATES[0], images: ['cup.png'] }]);
  await writeFile(at('cup.png'), await encodePng({ w: 2, h: 1, rgb: new Uint8Array(6).fill(200) }));
  const blind = model(() => 'yes');
  const seeing: Sampler = {
    ...blind,
    info: () => ({ ...blind.info(), features: [...blind.info().features, 'image'] as const }),
    putImage: () => Promise.resolve({ hash: 'h', width: 2, height: 1 }),
  };
  await writeFile(at('depth-range.json'), '{"depth_range": "0..5000"}');
  await run(seeing);
  const { data } = JSON.parse(await readFile(at('out/manifest.json'), 'utf8')) as { data: object[] };
  expect(data).toMatchObject([{ set: 'v', depth: { '.': '0..5000' } }]);
  await writeFile(at('depth-range.json'), '{"depth_range": "upper"}');
  await expect(run(seeing)).rejects.toThrow('contains an evaluation with other rows or settings');
});

it('evaluate counts a failed request as wrong, and repeats the request on the next call', async () => {
  await write(PLATES.slice(0, 4));
  let down = true;
  const sampler = model((text) =>
    down && text.includes('cup 1') ? { stopReason: 'failed', error: 'down' } : 'Yes',
  );
  expect(await run(sampler)).toMatchObject({ failed: 1 });
  down = false;
  expect(await run(sampler)).toMatchObject({ failed: 0 });
  expect((await rowsOf()).map(({ id }) => id)).toEqual(['p0', 'p1', 'p2', 'p3']);
});

it('evaluate with four-step reads the last line as the answer if tags are missing (R32)', async () => {
  await write([{ id: 'a', question: 'How far is the cup?', answer: '2 m', task: 'distance' }]);
  const said = 'Step 2: the table is 9 m wide.\nStep 4: so it is\n2.2 meters.';
  await run(
    model(() => said),
    { strategy: openStrategy('four-step') },
  );
  expect((await rowsOf())[0]!.score).toMatchObject({ answer_text: '2.2 meters.', success: true });
});

describe('evaluate on the causes of wrong answers [A-43]', () => {
  const graph = (first: string, second: string) => ({
    objects: ['cup', 'jug'].map((label) => ({ id: label, label })),
    relations: [{ subject: first, predicate: 'left of', object: second, frame: 'viewer' }],
  });
  const rows = ['logic', 'sight', 'silent', 'format', 'nothing', 'right', 'luck', 'open'].map((id) => ({
    id,
    question: `Case ${id}: Is the cup to the left of the jug?`.replace('Case open: ', ''),
    answer: 'Yes',
    task: 'yesno',
    ...(id !== 'open' && { scene_graph: graph('cup', 'jug') }),
  }));
  const true_ = JSON.stringify(graph('cup', 'jug'));
  const false_ = JSON.stringify(graph('jug', 'cup'));
  const none = '{"objects":[{"id":"cup","label":"cup"}],"relations":[]}';
  const drawn: Record<string, string> = {
    logic: true_,
    sight: false_,
    silent: none,
    format: true_,
    nothing: 'no graph',
    right: true_,
    luck: false_,
    open: false_,
  };
  const answers: Record<string, string> = { format: 'hm', right: 'Yes', luck: 'Yes' };

  it('attributes each error to graph, answer or format by the graph that the model wrote', async () => {
    await write(
      rows.map((row) => ({
        ...row,
        question: row.question.replace(/^Case \w+: /, ''),
        meta: { case: row.id },
      })),
    );
    const [toDraw, toAnswer] = [rows.map(({ id }) => id), rows.map(({ id }) => id)];
    const sampler = model((text) =>
      text.startsWith('Scene graph') ? (answers[toAnswer.shift()!] ?? 'No') : drawn[toDraw.shift()!]!,
    );
    const { results } = await run(sampler, { strategy: openStrategy('scene-graph') });
    expect(Object.fromEntries((await rowsOf()).map(({ id, attribution }) => [id, attribution]))).toEqual({
      logic: { graph: 'right', error: 'answer' },
      sight: { graph: 'wrong', error: 'graph' },
      silent: { graph: 'silent', error: 'graph' },
      format: { graph: 'right', error: 'format' },
      nothing: { graph: 'none', error: 'format' },
      right: { graph: 'right', error: null },
      luck: { graph: 'wrong', error: null },
      open: undefined,
    });
    const value = (metric: string) => [
      figure(results, 'attribution', metric).value,
      figure(results, 'attribution', metric).n,
    ];
    expect(value('error_format')).toEqual([2 / 5, 5]);
    expect(value('error_graph')).toEqual([2 / 5, 5]);
    expect(value('error_answer')).toEqual([1 / 5, 5]);
    expect(value('graph_right')).toEqual([3 / 7, 7]);
    expect(value('right_without_graph')).toEqual([1 / 2, 2]);
  });
});

describe('evaluate on published evaluation sets', () => {
  it('slices SAT by question type and spacellava by kind, with answer entropy [A-40, A-44, B-64]', async () => {
    const types = ['ego_movement', 'ego_movement', 'perspective', 'perspective'];
    await write(
      types.map((type, i) => ({
        id: `s${i}`,
        question: i < 2 ? 'Which way did it turn left?' : 'What is it made of?',
        answer: i === 1 ? 'right' : 'left',
        choices: ['left', 'right'],
        task: 'mcq',
        meta: { question_type: type, order_left_to_right: ['a'] },
      })),
    );
    const { results } = await run(model(() => 'left'));
    const ofKind = (field: string, value: string) =>
      figure(results, 'all', 'accuracy', 'original', { slice: { field, value } });
    expect(ofKind('question_type', 'ego_movement')).toMatchObject({
      value: 0.5,
      n: 2,
      chance: 0.5,
      unparsed: 0,
    });
    expect(ofKind('question_type', 'perspective')).toMatchObject({ value: 1, n: 2 });
    expect(ofKind('kind', 'spatial').value).toBe(0.5);
    expect(ofKind('kind', 'general').value).toBe(1);
    // One answer to everything: no entropy, whatever the references are.
    expect(figure(results, 'mcq', 'entropy').value).toBeCloseTo(0, 12);
    expect(figure(results, 'mcq', 'reference_entropy').value).toBeCloseTo(0.8113, 4);
    expect(figure(results, 'mcq', 'top_share').value).toBe(1);
    expect(figure(results, 'mcq', 'reference', 'original', { answer: 'B' }).value).toBe(0.25);
    expect((await rowsOf())[0]!.meta).toEqual({ question_type: 'ego_movement' });
  });

  it('reports CV-Bench by task and total (R22), and close calls of counts [A-42]', async () => {
    const sources: Record<string, string> = {
      Count: 'ADE20K',
      Relation: 'COCO',
      Depth: 'Omni3D',
      Distance: 'Omni3D',
    };
    await write(
      Object.entries(sources).flatMap(([task, source]) =>
        [0, 1].map((i) => ({
          id: `${task}${i}`,
          question: `${task} ${i}?`,
          answer: '(B)',
          task: 'mcq',
          meta: { task, source },
          choices: task === 'Count' ? ['1', '2', '3', '4'] : ['x', 'y'],
        })),
      ),
    );
    const { results } = await run(
      model((text) => (/Count 0|Relation|Depth 1/.test(text) ? '(B)' : /Count/.test(text) ? '(C)' : '(A)')),
    );
    expect(figure(results, 'cv-bench', 'count').value).toBe(0.5);
    expect(figure(results, 'cv-bench', 'total_macro').value).toBe((0.5 + 1 + 0.5 + 0) / 4);
    expect(figure(results, 'cv-bench', 'total_official').value).toBe(((0.5 + 1) / 2 + 0.25) / 2);
    expect(figure(results, 'mcq', 'close_call')).toMatchObject({ value: 1, n: 1 });
  });

  it('compares opposite questions with their originals', async () => {
    await write([
      {
        id: 'a',
        question: 'Which is closer to the camera?',
        answer: 'cup',
        choices: ['cup', 'jug'],
        task: 'mcq',
      },
      {
        id: 'b',
        question: 'Which is closer to the camera?',
        answer: 'jug',
        choices: ['cup', 'jug'],
        task: 'mcq',
      },
    ]);
    const { results } = await run(
      model(() => 'cup'),
      { views: ['original', 'polarity'] },
    );
    expect(figure(results, 'polarity', 'id', null)).toMatchObject({ value: 0.5, n: 2 });
    expect(figure(results, 'polarity', 'inversion', null).value).toBe(1);
  });
});

it('evaluate reports sentence similarity, but not for letters and numbers [B-42]', async () => {
  await write([
    { id: 'a', question: 'What is it?', answer: 'a red sofa' },
    { id: 'b', question: 'Which?', answer: 'A', choices: ['x', 'y'] },
  ]);
  const encoder = await openEncoder({ encoder: 'lexical' });
  const { results } = await run(
    model(() => 'a red sofa'),
    { encoder },
  );
  expect((await rowsOf()).map(({ score }) => score.sbert)).toEqual([expect.closeTo(1, 6), undefined]);
  expect(figure(results, 'text', 'sbert')).toMatchObject({ n: 1 });
});

describe('evaluate with a judge next to the rules [B-43, B-46]', () => {
  const judge = (say: Say, rows: 'all' | 'free' = 'free') => ({
    rows,
    sampler: model(say, 'judge'),
    prompts: {
      yesno: openPrompt('judge-paper', parseJudgePrompt),
      open: openPrompt('judge-open', parseJudgePrompt),
    },
    repair: openPrompt('judge-repair', (name, file) => parsePrompt<never>(name, file, [], [])),
  });
  const ROWS = [
    { id: 'a', question: 'Is it left?', answer: 'Yes' },
    // Its task is declared: of an answer that is none, rules would say nothing otherwise.
    { id: 'b', task: 'yesno', question: 'Is it blue?', answer: 'No' },
    { id: 'c', question: 'What is it?', answer: 'a sofa' },
    { id: 'd', question: 'Which?', answer: 'A', choices: ['x', 'y'] },
  ];
  const answer: Say = (text) =>
    text.includes('What') ? 'a couch' : text.includes('blue') ? 'hm' : 'Yes, it is.';

  it('judges yes/no and open answers, retries once, counts failures and keeps verdicts', async () => {
    await write(ROWS);
    const say: Say = (text) =>
      text.startsWith('Output only')
        ? 'I cannot say.'
        : text.includes('a couch')
          ? 'Verdict: 1'
          : text.includes('hm')
            ? 'Well.'
            : '1';
    const asked = judge(say);
    const { results } = await run(model(answer), { judge: asked });
    expect(
      (await rowsOf()).map(({ score, judge: said }) => [score.judge, said?.prompt, said?.texts]),
    ).toEqual([
      [1, 'judge-paper', ['1']],
      [null, 'judge-paper', ['Well.', 'I cannot say.']],
      [1, 'judge-open', ['Verdict: 1']],
      [undefined, undefined, undefined],
    ]);
    expect(asked.sampler.calls[0]).toMatch(
      /Predicted answer: Yes, it is\., ground-truth answer: Yes\. Output only 0 or 1/,
    );
    expect(asked.sampler.calls).toHaveLength(4);
    expect(figure(results, 'yesno', 'accuracy').value).toBe(0.5);
    expect(figure(results, 'yesno', 'judge')).toMatchObject({ bounds: [0.5, 1], not_judged: 1, n: 2 });
    expect(figure(results, 'yesno', 'judge_failed')).toMatchObject({ value: 0.5, n: 2 });
    expect(figure(results, 'name', 'judge').value).toBe(1);

    const again = judge(() => '0');
    await run(model(answer), { judge: again });
    expect(again.sampler.calls).toEqual([]);
    await run(model(answer));
    expect((await rowsOf())[0]!.score.judge).toBe(1);
  });

  it('judges all texts by default, the same number of texts as BLEU', async () => {
    await write([...ROWS, { id: 'far', question: 'How far is the jug?', answer: '2 m' }]);
    const asked = judge(() => '1', 'all');
    const { results } = await run(model(answer), { judge: asked });
    expect(figure(results, 'all', 'judge').n).toBe(figure(results, 'text', 'bleu1').n);
    // A letter is no text.
    expect((await rowsOf()).map(({ score }) => score.judge)).toEqual([1, 1, 1, undefined, 1]);
  });

  it('repeats only requests with failed verdicts', async () => {
    await write(ROWS);
    let down = true;
    const say: Say = () => (down ? { stopReason: 'failed' } : '0');
    expect(await run(model(answer), { judge: judge(say) })).toMatchObject({ unjudged: 3, failed: 0 });
    down = false;
    expect(await run(model(answer), { judge: judge(say) })).toMatchObject({ unjudged: 0 });
    expect((await rowsOf()).map(({ score }) => score.judge)).toEqual([0, 0, 0, undefined]);
  });

  it('keeps the verdicts from before an interruption, and requests only missing verdicts', async () => {
    await write(ROWS);
    const first = judge(() => '1');
    const { complete } = first.sampler;
    let calls = 0;
    // The second verdict never comes: the evaluation ends while it waits.
    first.sampler.complete = (...asked) =>
      ++calls === 2 ? Promise.reject(new Error('The judge is gone.')) : complete(...asked);
    await expect(run(model(answer), { judge: first })).rejects.toThrow('The judge is gone.');
    expect(await readdir(at('out'))).not.toContain('results.json');

    const second = judge(() => '1');
    await run(model(answer), { judge: second });
    expect(first.sampler.calls.length).toBeGreaterThan(0);
    expect(first.sampler.calls.length + second.sampler.calls.length).toBe(3);
    expect((await rowsOf()).map(({ score }) => score.judge)).toEqual([1, 1, 1, undefined]);
    expect((await readdir(at('out'))).sort()).toEqual(['manifest.json', 'results.json', 'rows.jsonl']);
  });
});
