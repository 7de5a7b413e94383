import { expect, it } from 'vitest';
import { checkLabel } from '../../../../src/base/labels.ts';
import { parseRepairPrompt, parseRewritePrompt } from '../../../../src/core/prompts/prompt-file.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { isTrusted } from '../../../../src/rows/sample/variant.ts';
import type { Sampler } from '../../../../src/engines/sampler.ts';
import { openPrompt } from '../../../../src/lab/library.ts';
import { polarityRow } from '../../../../src/lab/recipes/rewrite-data-set.ts';

/** A model that gives this answer to everything. */
const model = (text: string, more: object = {}) => ({
  sampler: {
    info: () => ({ model: 'm' }),
    complete: () => Promise.resolve([[{ text, stopReason: 'end', ...more }]]),
  } as unknown as Sampler,
  prompt: openPrompt('polarity', parseRewritePrompt),
  verify: null,
  repair: openPrompt('flip-repair', parseRepairPrompt),
  images: null,
  maxTokens: 64,
});

const object = (id: string, depth: number) => ({ id, label: id, depth, depth_unit: 'm' });
const row = (more: object = {}): Sample => ({
  id: 'x',
  question: 'Is the cup closer to the camera than the jug?',
  answer: 'It surely seems so to me.',
  images: [],
  ...more,
});
const GRAPH = {
  scene_graph: {
    version: 1,
    image: { w: 10, h: 10 },
    frame: 'viewer',
    source: 'user',
    view: 'original',
    relations: [],
    objects: [object('cup', 1), object('jug', 3)],
  },
};
const flip = (answer: string, question = 'Is the cup farther from the camera than the jug?') =>
  JSON.stringify({ question, answer });

it('polarityRow: trusts an opposite question that the scene graph confirms', async () => {
  const variant = await polarityRow(row(GRAPH), model(flip('No')));
  expect(variant).toMatchObject({
    status: 'flipped',
    route: 'llm',
    answer: 'No',
    checks: { graph_agrees: 'pass', predicate_only: 'pass' },
  });
  expect(isTrusted(variant)).toBe(true);
});

const waiting: [string, Sample, string, string][] = [
  ['contradicts the graph', row(GRAPH), flip('Yes'), 'graph_agrees'],
  [
    'changes more than the predicate',
    row(GRAPH),
    flip('No', 'Is the blue cup farther from the camera than the jug?'),
    'predicate_only',
  ],
  ['has no graph to confirm it', row(), flip('No'), 'graph_agrees'],
  ['does not change the question', row(GRAPH), flip('Yes', row().question), 'question_changed'],
  ['is unparsed', row(), 'Sorry.', 'answer_read'],
];
it.each(waiting)('polarityRow: sends an answer that %s to review', async (_, sample, text, check) => {
  const variant = await polarityRow(sample, model(text));
  expect(variant).toMatchObject({ status: 'needs_llm', review: { state: 'pending' } });
  expect(variant.reason).toContain(checkLabel(check));
  expect(isTrusted(variant)).toBe(false);
});

it('polarityRow: sends only deferred rows to the model; a failed request changes no row', async () => {
  expect((await polarityRow(row({ answer: 'Yes' }), model('never read'))).route).toBe('rules');
  const lost = await polarityRow(row(), model('', { stopReason: 'failed', error: 'timed out' }));
  expect(lost).toMatchObject({
    status: 'needs_llm',
    route: 'rules',
    reason: expect.stringContaining('timed out') as string,
  });
});
