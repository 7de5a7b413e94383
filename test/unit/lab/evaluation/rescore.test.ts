import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { SCORING_RULES } from '../../../../src/core/answers/score.ts';
import type { EvaluationRow } from '../../../../src/core/evaluation/evaluation-row.ts';
import type { Sampler } from '../../../../src/engines/sampler.ts';
import { readEvaluation } from '../../../../src/lab/evaluation/evaluation-folders.ts';
import type { EvaluationOptions } from '../../../../src/lab/evaluation/evaluation-plan.ts';
import { rescoreEvaluation } from '../../../../src/lab/evaluation/rescore.ts';
import { evaluate } from '../../../../src/lab/recipes/evaluate.ts';
import { openStrategy } from '../../../../src/lab/strategies.ts';
import { folderOfEachTest } from '../../../support/folder.ts';
import { parseRows, rowLines } from '../../../support/rows.ts';

let folder = '';
folderOfEachTest('rescore-', (made) => (folder = made));
const at = (path: string) => join(folder, path);
const textOf = (path: string) => readFile(at(path), 'utf8');

/** Says "B", and "yes" where there are no options. */
const model: Sampler = {
  info: () => ({
    engine: 'openai',
    model: 'm',
    runtime: '',
    coordinates: null,
    vocabulary: null,
    features: ['system-message'],
    contextTokens: null,
    imagesKept: null,
  }),
  putImage: () => Promise.reject(new Error('There are no pictures.')),
  complete: (prompts) =>
    Promise.resolve(
      prompts.map((prompt) => {
        const text = prompt.at(-1)!.content.join('').includes('Which') ? 'B' : 'yes';
        return [{ text, stopReason: 'end' as const }] as never;
      }),
    ),
  close: () => Promise.resolve(),
};

const options = (): EvaluationOptions => ({
  sets: { v: at('v.qa.jsonl') },
  root: folder,
  views: ['original'],
  strategy: openStrategy('direct'),
  sampling: { n: 1, temperature: 0, topP: 1, maxTokens: 16, seed: 3 },
  about: { model: 'm' },
});
const ask = () => evaluate(() => Promise.resolve(model), at('out'), options());

const ROWS = [
  { id: 'a', question: 'Is the cup red?', answer: 'yes', task: 'yesno' },
  { id: 'b', question: 'Is the cup blue?', answer: 'no', task: 'yesno' },
  { id: 'c', question: 'Which is nearer?', answer: 'B', choices: ['the cup', 'the jug'] },
];

let now = { rows: '', results: '' };

/** An evaluation that older rules scored: it has other verdicts. */
beforeEach(async () => {
  await writeFile(
    at('v.qa.jsonl'),
    ROWS.map((row) => `${JSON.stringify({ images: [], ...row })}\n`).join(''),
  );
  await ask();
  now = { rows: await textOf('out/rows.jsonl'), results: await textOf('out/results.json') };
  const rows = parseRows<EvaluationRow>(now.rows);
  const old = rows.map((row, i) =>
    i === 0 ? { ...row, right: false, score: { ...row.score, parsed: null, correct: false, judge: 1 } } : row,
  );
  await writeFile(at('out/rows.jsonl'), rowLines(old));
  const manifest = JSON.parse(await textOf('out/manifest.json')) as object;
  await writeFile(at('out/manifest.json'), JSON.stringify({ ...manifest, scoring_rules: 1 }));
  await writeFile(at('out/results.json'), '[]');
});

const rulesNow = async () =>
  (JSON.parse(await textOf('out/manifest.json')) as { scoring_rules?: number }).scoring_rules;

it('rescoreEvaluation applies the current rules, keeps judge verdicts, and writes the version', async () => {
  expect((await readEvaluation(at('out'))).variant).toContain('rules 1');
  await writeFile(at('out/controls.json'), '[]');
  expect(await rescoreEvaluation(at('out'))).toEqual({
    open: 0,
    from: 1,
    rows: 3,
    changed: { 'wrong to right': 1 },
    recorded: [],
    controls: true,
    unjudged: { count: 0, why: undefined },
  });
  const rows = (await textOf('out/rows.jsonl')).trim().split('\n');
  const [first] = rows.map((line) => JSON.parse(line) as EvaluationRow);
  expect(first).toMatchObject({ right: true, score: { judge: 1, correct: true } });
  expect(rows.slice(1)).toEqual(now.rows.trim().split('\n').slice(1));
  const accuracy = (text: string) =>
    (JSON.parse(text) as { metric: string; task: string }[]).find(
      ({ metric, task }) => metric === 'accuracy' && task === 'all',
    );
  expect(accuracy(await textOf('out/results.json'))).toEqual(accuracy(now.results));
  expect(await rulesNow()).toBe(SCORING_RULES);
  expect((await readEvaluation(at('out'))).variant).not.toContain('rules');
  await expect(textOf('out/controls.json')).rejects.toThrow();
  expect(await rescoreEvaluation(at('out'))).toMatchObject({ from: SCORING_RULES, changed: {} });
});

it('rescoreEvaluation uses the stored rows if the set’s file is missing or changed', async () => {
  await rm(at('v.qa.jsonl'));
  expect(await rescoreEvaluation(at('out'))).toMatchObject({
    changed: { 'wrong to right': 1 },
    recorded: ['v'],
  });
  await writeFile(at('v.qa.jsonl'), '{"id":"a","question":"Is it?","answer":"no","images":[]}\n');
  expect(await rescoreEvaluation(at('out'))).toMatchObject({ changed: {}, recorded: ['v'] });
});

it('evaluate applies the current rules to stored answers', async () => {
  const { results } = await ask();
  expect(results.find(({ metric, task }) => metric === 'accuracy' && task === 'all')?.value).toBeCloseTo(
    2 / 3,
    12,
  );
  expect(await rulesNow()).toBe(SCORING_RULES);
});

it('rescoreEvaluation rejects other folders and evaluations of other programs', async () => {
  await expect(rescoreEvaluation(folder)).rejects.toThrow('is not an evaluation of Chirality');
  await writeFile(at('out/manifest.json'), JSON.stringify({ origin: { program: 'verifiers' } }));
  await expect(rescoreEvaluation(at('out'))).rejects.toThrow('another program');
});

it('all readers reject an evaluation from before version 0.1.0', async () => {
  const manifest = JSON.parse(await textOf('out/manifest.json')) as object;
  await writeFile(at('out/manifest.json'), JSON.stringify({ ...manifest, scoring_rules: undefined }));
  const older =
    '"scoring_rules" is missing. The file is from a Chirality version before 0.1.0. Create the file again (`chirality eval`).';
  for (const read of [() => readEvaluation(at('out')), () => rescoreEvaluation(at('out')), ask])
    await expect(read()).rejects.toThrow(`${at('out/manifest.json')} cannot be read: ${older}`);
});
