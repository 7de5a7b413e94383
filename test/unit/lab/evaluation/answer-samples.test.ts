import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Prompt } from '../../../../src/core/prompts/message.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import type { Feature, Sampler, SamplingOptions } from '../../../../src/engines/sampler.ts';
import { ImageFiles } from '../../../../src/lab/datasets/image-files.ts';
import type { AnswerSegment } from '../../../../src/core/evaluation/evaluation-row.ts';
import { answerSamples, refusalOf } from '../../../../src/lab/evaluation/answer-samples.ts';
import { openStrategy } from '../../../../src/lab/strategies.ts';

interface Call {
  prompts: Prompt[];
  options: SamplingOptions;
}

/** Says what the test says of the last turn's text and which completion of the call it is. */
function model(
  say: (text: string, i: number, options: SamplingOptions) => string,
  calls: Call[] = [],
): Sampler {
  return {
    info: () => ({
      engine: 'openai',
      model: 'm',
      runtime: '',
      coordinates: null,
      features: ['system-message'],
      contextTokens: null,
      imagesKept: null,
      vocabulary: null,
    }),
    putImage: () => Promise.reject(new Error('There are no pictures.')),
    complete(prompts, options) {
      calls.push({ prompts, options });
      const answers = prompts.map((prompt) =>
        Array.from({ length: options.n }, (_, i) => {
          const text = say(prompt.at(-1)!.content.join(''), i, options);
          return text === 'FAIL'
            ? { text: '', stopReason: 'failed' as const, error: 'no answer' }
            : { text, stopReason: 'end' as const };
        }),
      );
      return Promise.resolve(answers);
    },
    close: () => Promise.resolve(),
  };
}

let folder = '';
beforeAll(async () => (folder = await mkdtemp(`${tmpdir()}/answer-`)));
afterAll(() => rm(folder, { recursive: true }));

const form = (id: string, more: Partial<Sample> = {}) => ({
  sample: { id, question: `${id}?`, answer: 'yes', images: [], ...more },
  view: 'original' as const,
  images: new ImageFiles(folder, folder),
});
const DRAWN = { n: 2, temperature: 0.7, topP: 1, maxTokens: 9, seed: 5 };
const GREEDY = { ...DRAWN, n: 1, temperature: 0 };

it('answerSamples continues each completion from its own first stage, with its own seed', async () => {
  const calls: Call[] = [];
  const sampler = model(
    (text, i) =>
      text.startsWith('Scene graph') ? `saw ${/\{.*\}/.exec(text)![0]}` : `\`\`\`json\n{"i": ${i}}\n\`\`\``,
    calls,
  );
  const answers = await answerSamples(sampler, [form('a'), form('b')], openStrategy('scene-graph'), DRAWN);
  expect(answers.map((group) => group.map((segments) => segments.at(-1)!.text))).toEqual([
    ['saw {"i":0}', 'saw {"i":1}'],
    ['saw {"i":0}', 'saw {"i":1}'],
  ]);
  expect(answers[0]![0]).toEqual([
    { stage: 'graph', text: '```json\n{"i": 0}\n```', stop_reason: 'end', source: 'code_block' },
    { stage: 'answer', text: 'saw {"i":0}', stop_reason: 'end' },
  ]);
  expect(calls.map(({ options }) => options.n)).toEqual([2, 1, 1]);
  expect(new Set(calls.map(({ options }) => options.seed)).size).toBe(3);
  // The stage's own longest text holds.
  expect(calls[0]!.options.maxTokens).toBe(4000);
});

it('answerSamples forwards raw text without JSON (R26), and stops after a failed call', async () => {
  const sampler = model((text) =>
    text.includes('b?') ? 'FAIL' : text.startsWith('Scene graph: just words\n') ? 'yes' : 'just words',
  );
  const strategy = openStrategy('scene-graph');
  const both = await answerSamples(sampler, [form('a'), form('b')], strategy, GREEDY);
  const [first, second] = both.map(([segments]) => segments!);
  expect(first!.map(({ text, source }) => [text, source])).toEqual([
    ['just words', 'raw'],
    ['yes', undefined],
  ]);
  expect(second).toEqual([
    { stage: 'graph', text: '', stop_reason: 'failed', source: 'raw', error: 'no answer' },
  ]);
});

it('answerSamples truncates a completion whose graph leaves no room for the question', async () => {
  const room = (limit: number): Sampler => {
    const honest = model((text) =>
      text.startsWith('Scene graph') ? 'yes' : text.includes('a?') ? 'g'.repeat(900) : 'short',
    );
    const complete: Sampler['complete'] = (prompts, options) =>
      Promise.all(
        prompts.map(async (prompt) => {
          if (prompt.at(-1)!.content.join('').length <= limit)
            return (await honest.complete([prompt], options))[0]!;
          if (options.overlong !== 'cut') throw new Error('does not fit');
          const cut = { text: '', stopReason: 'length', noRoom: true } as const;
          return Array.from({ length: options.n }, () => cut);
        }),
      );
    return { ...honest, complete };
  };
  const strategy = openStrategy('scene-graph');
  const [a, b] = await answerSamples(room(900), [form('a'), form('b')], strategy, GREEDY);
  expect(a![0]![1]).toEqual({ stage: 'answer', text: '', stop_reason: 'length' });
  expect(b![0]![1]).toEqual({ stage: 'answer', text: 'yes', stop_reason: 'end' });
  // A question that has no room whatever the model writes is an error, as where there is one stage.
  const long = {
    ...strategy,
    stages: strategy.stages.map((stage, s) => (s ? { ...stage, user: 'x'.repeat(901) } : stage)),
  };
  await expect(answerSamples(room(900), [form('b')], long, GREEDY)).rejects.toThrow('does not fit');
});

it('answerSamples runs the next stage after a stage without visible text', async () => {
  const silent: Sampler = {
    ...model(() => 'never'),
    complete: (prompts) => Promise.resolve(prompts.map(() => [{ text: '', stopReason: 'length' }])),
  };
  const strategy = openStrategy('coordinates');
  const [[segments]] = (await answerSamples(silent, [form('a')], strategy, GREEDY)) as [AnswerSegment[][]];
  expect(segments!.map(({ stage }) => stage)).toEqual(['boxes', 'objects', 'answer']);
});

it('scene-graph-shuffled permutes the object names of the graph that the model wrote', async () => {
  const graph = { objects: [{ label: 'cup' }, { label: 'jug' }] };
  const sampler = model((text) => (text.startsWith('Scene graph') ? text : JSON.stringify(graph)));
  const strategy = openStrategy('scene-graph-shuffled');
  const [[segments]] = (await answerSamples(sampler, [form('a')], strategy, GREEDY)) as [[AnswerSegment[]]];
  expect(segments[0]!.text).toBe(JSON.stringify(graph));
  expect(segments[1]!.text).toContain('{"objects":[{"label":"jug"},{"label":"cup"}]}');
});

it('answerSamples passes no seed with greedy decoding, so cached answers fit any seed', async () => {
  const calls: Call[] = [];
  await answerSamples(
    model(() => 'yes', calls),
    [form('a')],
    openStrategy('direct'),
    GREEDY,
  );
  expect(calls[0]!.options).not.toHaveProperty('seed');
});

it('answerSamples throws for a row without the input that the strategy shows', async () => {
  await expect(
    answerSamples(
      model(() => 'yes'),
      [form('a')],
      openStrategy('depth-map'),
      GREEDY,
    ),
  ).rejects.toThrow('Cannot use row "a" with the strategy depth-map: it has no depth map.');
});

it('answerSamples crops a depth map like its image, but never changes its brightness', async () => {
  const raw = { width: 4, height: 2, channels: 3 as const };
  for (const name of ['a.png', 'depth.png'])
    await sharp(Buffer.alloc(24, 200), { raw }).png().toFile(join(folder, name));
  const put: Uint8Array[] = [];
  const sampler: Sampler = {
    ...model(() => 'yes'),
    putImage: (bytes) => Promise.resolve({ hash: String(put.push(bytes)), width: 1, height: 1 }),
  };
  const sees = async (view: string) => {
    put.length = 0;
    const row = form('a', { images: ['a.png'], depth_map: 'depth.png' });
    await answerSamples(sampler, [{ ...row, view }], openStrategy('depth-map'), GREEDY);
    return Promise.all(
      put.map(async (bytes) => {
        const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
        return [info.width, data[0]];
      }),
    );
  };
  expect(await sees('crop:0.5,0,1,1+light:0.5+mirror')).toEqual([
    [2, 100],
    [2, 200],
  ]);
  expect(await sees('grey')).toEqual([
    [4, 200],
    [4, 200],
  ]);
});

it('refusalOf rejects a strategy that requires unsupported features of the engine', () => {
  const info = model(() => '').info();
  const strategy = openStrategy('four-shot');
  expect(refusalOf(info, strategy, [form('a')], GREEDY)).toMatch(
    /^The strategy "four-shot" does not work with \S+\. .*does not support prompts of several turns\..*does not support images\./,
  );
  const closed = { ...info, engine: 'embedded' as const, vocabulary: ['a', '?', '.'] };
  expect(refusalOf(closed, openStrategy('direct'), [form('a')], GREEDY)).toBe(
    'The strategy "direct" does not work with m. The embedded model does not know "Answer", "or", "phrase", "short", "with" and 1 more. Use only the words a. To create rows in these words, run `chirality worlds --style compact`.',
  );
  // Words of the row alone: the strategy is not at fault. Case counts.
  const direct = openStrategy('direct');
  const bare = { ...direct, stages: [{ ...direct.stages[0]!, user: '{question}' }] };
  const spelled = { ...closed, vocabulary: ['is', 'it', '?'] };
  expect(refusalOf(spelled, bare, [form('a', { question: 'Is it red?' })], GREEDY)).toBe(
    'The embedded model does not know "Is" (but "is"), "red". Use only the words is, it. To create rows in these words, run `chirality worlds --style compact`.',
  );
  const drawn = { ...info, features: ['temperature'] as Feature[] };
  expect(refusalOf(drawn, openStrategy('direct'), [form('a')], DRAWN)).toMatch(/does not support seeds/);
  expect(
    refusalOf(
      { ...info, features: ['image'] },
      openStrategy('direct'),
      [form('a', { images: ['x.png'] })],
      GREEDY,
    ),
  ).toBeNull();
});
