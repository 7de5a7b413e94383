import { afterEach, describe, expect, it } from 'vitest';
import { checkLabel } from '../../../../src/base/labels.ts';
import { parseRepairPrompt, parseRewritePrompt } from '../../../../src/core/prompts/prompt-file.ts';
import type { MirrorVariant, Sample } from '../../../../src/rows/sample/sample.ts';
import { isTrusted } from '../../../../src/rows/sample/variant.ts';
import type { Prompt } from '../../../../src/core/prompts/message.ts';
import type { Sampler, TextCompletion } from '../../../../src/engines/sampler.ts';
import { openPrompt } from '../../../../src/lab/library.ts';
import { mirrorRow } from '../../../../src/lab/recipes/rewrite-data-set.ts';
import type { Rewriter } from '../../../../src/lab/rollouts/ask-rewrite.ts';

const asked: string[][] = [];
afterEach(() => asked.splice(0));

/** A model that says what the test lets it say, in this order. */
function model(...answers: (string | Partial<TextCompletion>)[]): Sampler {
  return {
    info: () => ({
      engine: 'openai',
      model: 'm',
      features: [],
      contextTokens: null,
      vocabulary: null,
      imagesKept: null,
      coordinates: null,
      runtime: '',
    }),
    putImage: () => Promise.reject(new Error('no images')),
    complete: (prompts: Prompt[]) => {
      asked.push(prompts[0]!.map(({ content }) => content.join('')));
      const answer = answers.shift();
      if (answer === undefined) throw new Error('One question too many.');
      const full = typeof answer === 'string' ? { text: answer } : answer;
      return Promise.resolve([[{ text: '', stopReason: 'end' as const, ...full }]]);
    },
    close: () => Promise.resolve(),
  };
}

const rewriter = (sampler: Sampler, more: Partial<Rewriter> = {}): Rewriter => ({
  sampler,
  prompt: openPrompt('flip-naive', parseRewritePrompt),
  verify: null,
  repair: openPrompt('flip-repair', parseRepairPrompt),
  images: null,
  maxTokens: 64,
  ...more,
});
const VERIFY = { verify: openPrompt('flip-verify', parseRewritePrompt) };

const row = (question: string, answer: string, more: object = {}): Sample => ({
  id: 'x',
  question,
  answer,
  images: [],
  ...more,
});
const CAKE = row('What is left of the cake?', 'crumbs');
const said = (question: string, answer: string, more: object = {}) =>
  JSON.stringify({ question, answer, ...more });
const attemptsOf = (variant: MirrorVariant) => variant.llm!.attempts;

it('mirrorRow: sends only rows on which the rules abstain to the language model', async () => {
  await mirrorRow(row('Is the cup left of the plate?', 'Yes'), {}, rewriter(model()));
  expect(asked).toEqual([]);
  const east = await mirrorRow(
    row('Which way does the car face?', 'The car is facing east.'),
    {},
    rewriter(model(said('Which way does the car face?', 'The car is facing west.'))),
  );
  expect(asked.splice(0)).toHaveLength(1);
  expect(east).toMatchObject({
    status: 'needs_llm',
    answer: 'The car is facing west.',
    reason: '"east" depends on where north is.',
    review: { state: 'pending' },
  });
  await mirrorRow(CAKE, {}, rewriter(model(said('What is right of the cake?', 'crumbs'))));
  expect(asked).toHaveLength(1);
  expect(asked[0]![0]).toMatch(
    /^You are a spatial reasoning assistant\..*Original question: What is left of the cake\?\. Original answer: crumbs\. Return/,
  );
});

describe('mirrorRow with an answer from a language model', () => {
  it('trusts an answer that passes every check, and keeps the raw text', async () => {
    const raw =
      '```json\n{"rewritten_question": "What is right of the cake?", "rewritten_answer": "crumbs"}\n```';
    const variant = await mirrorRow(CAKE, {}, rewriter(model(raw)));
    expect(variant).toMatchObject({
      status: 'flipped',
      question: 'What is right of the cake?',
      answer: 'crumbs',
      route: 'llm',
      llm: { model: 'm', images: false, attempts: [{ prompt: 'flip-naive', raw }] },
    });
    expect(new Set(Object.values(variant.checks))).toEqual(new Set(['pass']));
    expect(variant).not.toHaveProperty('reason');
    expect(isTrusted(variant)).toBe(true);
  });

  it('adds boxes, points and graph by rules', async () => {
    const sample = row('What is left of the cake?', 'crumbs', {
      boxes: [[10, 0, 30, 5]],
      box_format: 'xyxy_px',
      images: [{ w: 100, h: 10 }],
    });
    const variant = await mirrorRow(
      sample,
      {},
      rewriter(model(said('What is right of the cake?', 'crumbs'))),
    );
    expect(variant).toMatchObject({ status: 'flipped', boxes: [[70, 0, 90, 5]] });
  });

  const suspicious: [string, Sample, string, string][] = [
    [
      'corrects a label (R46)',
      row('Did he turn right in front of us?', 'Yes'),
      said('Did he turn left in front of us?', 'No'),
      'yes_no_kept',
    ],
    ['changes more than sides', CAKE, said('What is right of the big cake?', 'crumbs'), 'pair_words_only'],
    [
      'mentions the flip',
      CAKE,
      said('In the flipped image, what is right of the cake?', 'crumbs'),
      'no_flip_mention',
    ],
    [
      'changes the answer by rewriting choices',
      row('What is left of the cake?', 'cup', { choices: ['cup', 'jug'] }),
      said('What is right of the cake?', 'jug'),
      'options_kept',
    ],
    [
      'keeps an unambiguous side',
      row('The left cup: is it left, right?', 'Yes, the left cup.'),
      said('The left cup: is it left, right?', 'Yes, the left cup.'),
      'sides_swapped',
    ],
    [
      'contradicts the graph',
      row('What is left of the cake?', 'cup', {
        choices: ['cup', 'jug'],
        scene_graph: {
          version: 1,
          image: { w: 100, h: 100 },
          frame: 'viewer',
          source: 'user',
          view: 'original',
          objects: [
            { id: 'a', label: 'cup', box: [0, 0, 9, 9] },
            { id: 'b', label: 'cake', box: [40, 0, 60, 9] },
            { id: 'c', label: 'jug', box: [80, 0, 90, 9] },
          ],
          relations: [],
        },
      }),
      said('What is right of the cake?', 'jug'),
      'graph_agrees',
    ],
    ['might change no side', CAKE, said('What is left of the cake?', 'crumbs'), 'side_changed'],
  ];
  it.each(suspicious)('sends an answer that %s to review', async (_, sample, text, check) => {
    const variant = await mirrorRow(sample, {}, rewriter(model(text)));
    expect(variant.reason).toContain(checkLabel(check));
    expect(variant.checks[check]).not.toBe('pass');
    expect(variant).toMatchObject({ status: 'needs_llm', route: 'llm', review: { state: 'pending' } });
    expect(isTrusted(variant)).toBe(false);
  });

  it.each([
    ['a short form', row('Which cup is 2nd from rt?', 'The blue one.'), 'Which cup is 2nd from lt?'],
    ['an unknown word', row('Is the arrow leftfacing?', 'Yes'), 'Is the arrow rightfacing?'],
    ['a bearing', row("Which lamp is near 3 o'clock?", 'The red one.'), "Which lamp is near 9 o'clock?"],
  ])('trusts an answer that mirrors %s, but not an unchanged answer', async (_, sample, question) => {
    expect(await mirrorRow(sample, {}, null)).toMatchObject({ status: 'needs_llm' });
    const right = said(question, sample.answer);
    const turned = await mirrorRow(sample, {}, rewriter(model(right, right), VERIFY));
    expect(turned).toMatchObject({ status: 'flipped', question, checks: { double_flip: 'pass' } });
    const same = said(sample.question, sample.answer);
    const kept = await mirrorRow(sample, {}, rewriter(model(same, same), VERIFY));
    expect(kept).toMatchObject({ status: 'needs_llm', review: { state: 'pending' } });
    expect(kept.checks).toMatchObject({ sides_swapped: 'undecidable', side_changed: 'undecidable' });
  });

  it('sends an answer that mirrors only one of two short forms to review', async () => {
    const sample = row('Is the cup rt of the jug?', 'It is rt of it.');
    const half = said('Is the cup lt of the jug?', 'It is rt of it.');
    const variant = await mirrorRow(sample, {}, rewriter(model(half, half), VERIFY));
    expect(variant).toMatchObject({ status: 'needs_llm', checks: { sides_swapped: 'undecidable' } });
  });

  it.each([
    [row('Quale oggetto è a sinistra?', 'La tazza'), 'Quale oggetto è a sinistra?', 'La tazza'],
    [
      row('Quale oggetto è a sinistra del piatto?', 'La tazza a sinistra.'),
      'Quale oggetto è a destra del piatto?',
      'La tazza a sinistra.',
    ],
  ])('sends an answer in an unsupported language to review, changed or not', async (sample, ...texts) => {
    const answer = said(...texts);
    const variant = await mirrorRow(sample, {}, rewriter(model(answer, answer), VERIFY));
    expect(variant).toMatchObject({ status: 'needs_llm', review: { state: 'pending' } });
    expect(variant.reason).toContain(checkLabel('language_read'));
  });

  it('repeats the request to the language model once if the answer is unparsed', async () => {
    const mended = await mirrorRow(
      CAKE,
      {},
      rewriter(model('Sure! The new question:', said('What is right of the cake?', 'crumbs'))),
    );
    expect(mended).toMatchObject({ status: 'flipped', checks: { answer_read: 'pass' } });
    expect(attemptsOf(mended)[0]).toMatchObject({
      raw: 'Sure! The new question:',
      repaired: expect.stringContaining('{') as string,
    });
    expect(asked[1]!.slice(1)).toEqual([
      'Sure! The new question:',
      expect.stringMatching(/not a JSON object/),
    ]);

    const lost = await mirrorRow(CAKE, {}, rewriter(model('No.', 'No!')));
    expect(lost).toMatchObject({
      status: 'needs_llm',
      question: CAKE.question,
      answer: CAKE.answer,
      checks: { answer_read: 'fail' },
      review: { state: 'pending' },
    });
  });

  it('rejects an excessively long answer, and ignores fields that the row lacks', async () => {
    const long = 'x'.repeat(1 << 20);
    const novel = await mirrorRow(CAKE, {}, rewriter(model(said(long, 'crumbs'), said('?', long))));
    expect(novel.checks).toEqual({ answer_read: 'fail' });
    expect(JSON.stringify(novel).length).toBeLessThan(60_000);
    const extra = said('What is right of the cake?', 'crumbs', { reasoning: 'because', choices: ['a'] });
    const variant = await mirrorRow(CAKE, {}, rewriter(model(extra)));
    expect(variant.status).toBe('flipped');
    expect(variant).not.toHaveProperty('reasoning');
    expect(variant).not.toHaveProperty('choices');
  });

  it('leaves the row for the next attempt if the request fails', async () => {
    const variant = await mirrorRow(CAKE, {}, rewriter(model({ stopReason: 'failed', error: 'timed out' })));
    expect(variant).toMatchObject({
      status: 'needs_llm',
      route: 'rules',
      reason: 'The language model returned no answer: timed out',
    });
    expect(variant).not.toHaveProperty('review');
  });
});

describe('mirrorRow with verification', () => {
  const right = said('What is right of the cake?', 'crumbs');
  it('verification keeps both answers, and uses the verified answer', async () => {
    const variant = await mirrorRow(
      CAKE,
      {},
      rewriter(model(said('What is left of the cake?', 'none'), right), VERIFY),
    );
    expect(variant).toMatchObject({ status: 'flipped', question: 'What is right of the cake?' });
    expect(attemptsOf(variant).map(({ prompt, answer }) => [prompt, answer])).toEqual([
      ['flip-naive', 'none'],
      ['flip-verify', 'crumbs'],
    ]);
    expect(asked[0]![0]).not.toContain('verify the correctness');
    expect(asked[1]![0]).toContain('Also, verify the correctness of the left/right spatial relationship');
  });

  it('sends a row to review if both answers pass but differ', async () => {
    const sample = row('What is left of the cake on the left plate?', 'crumbs');
    const first = said('What is left of the cake on the right plate?', 'crumbs');
    const second = said('What is right of the cake on the right plate?', 'crumbs');
    const variant = await mirrorRow(sample, {}, rewriter(model(first, second), VERIFY));
    expect(attemptsOf(variant).map(({ checks }) => Object.values(checks).every((c) => c === 'pass'))).toEqual(
      [true, true],
    );
    expect(variant).toMatchObject({ status: 'needs_llm', checks: { attempts_agree: 'fail' } });
  });

  it('does not fall back to the first answer if the verified answer fails', async () => {
    const variant = await mirrorRow(CAKE, {}, rewriter(model(right, 'no', 'no'), VERIFY));
    expect(variant).toMatchObject({
      status: 'needs_llm',
      question: 'What is right of the cake?',
      checks: { answer_read: 'fail' },
    });
  });
});

it('parseRewritePrompt: accepts all fields of a row, and reports mistakes', async () => {
  const sample = row('What is left of the cake?', 'A', {
    choices: ['cup', 'left jug'],
    reasoning: 'On the left.',
  });
  const fields = openPrompt('flip-fields', parseRewritePrompt);
  const answer = said('What is right of the cake?', 'A', {
    choices: ['cup', 'right jug'],
    reasoning: 'On the right.',
  });
  const variant = await mirrorRow(sample, {}, rewriter(model(answer), { prompt: fields }));
  expect(asked[0]![0]).toContain('"choices": [\n  "cup",\n  "left jug"\n ]');
  expect(variant).toMatchObject({
    status: 'flipped',
    choices: ['cup', 'right jug'],
    reasoning: 'On the right.',
  });
  expect(
    parseRewritePrompt('p', '# note\nFlip {question} of {picture}').problems.map(({ code }) => code),
  ).toEqual(['prompt-slot', 'prompt-slots']);
  expect(parseRewritePrompt('p', '# note\n\n# more\n').problems).toMatchObject([{ code: 'prompt-empty' }]);
});
