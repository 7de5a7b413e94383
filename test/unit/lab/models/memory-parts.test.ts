import { expect, test } from 'vitest';
import { RunConfig } from '../../../../src/core/config/run-config.ts';
import { memoryParts, memoryText } from '../../../../src/lab/models/memory-parts.ts';

const config = (engine: object = {}, more: object = {}) =>
  RunConfig.parse({
    recipe: 'grpo',
    steps: 1,
    engine: { kind: 'torch', model: 'm', micro_tokens: 4096, ...engine },
    data: { train: 'rows.qa.jsonl' },
    prompt: '{question}',
    batch: { rows: 4 },
    views: { mirror: true },
    sampling: { group_size: 8, max_tokens: 512, temperature: 1 },
    rewards: { accuracy: { weight: 1 } },
    ...more,
  });

/** Of a model of 3.75 billion numbers in bfloat16, with 30 million trained. */
const sizes = {
  weights: 7.5e9,
  training: 0.4e9,
  states: 0.2e9,
  offloadable: 0,
  pass_token: 285e3,
  checkpointed_token: 150e3,
  logits: 0.6e9,
  cached_token: 37e3,
  room: null,
};
const longest = { longest_prompt: 300 };

test('memoryParts: estimates memory from tokens; memoryText counts only the larger phase', () => {
  const parts = memoryParts(config(), sizes, longest);
  expect(parts).toEqual({
    weights: 7.5e9,
    reference: 0,
    training: 0.4e9,
    drawing: 37e3 * (64 * 512 + 8 * 300),
    pass: 285e3 * 4096 + 0.6e9,
  });
  expect(memoryText(parts).split('\n')).toEqual([
    'estimated memory          9.7 GB, plus about 2 GB for CUDA and fragmentation on a GPU',
    '  weights                 7.5 GB',
    '  gradients and optimiser 0.4 GB',
    '  sampling                1.3 GB',
    '  backward pass           1.8 GB',
  ]);
});

test('memoryParts: divides completions among processes, and counts all weights for KL', () => {
  const one = memoryParts(config(), sizes, longest);
  expect(memoryParts(config({ devices: 2, nodes: 2 }), sizes, longest).drawing).toBe(one.drawing / 4);
  const whole = { adapter: { kind: 'none' } };
  expect(memoryParts(config(whole, { loss: { beta: 0.04 } }), sizes, longest).reference).toBe(7.5e9);
  expect(memoryParts(config(whole, { loss: { beta: 0 } }), sizes, longest).reference).toBe(0);
});

test('memoryParts: sizes a pass for at least the longest prompt and one completion', () => {
  const parts = memoryParts(config({ micro_tokens: 'auto' }), sizes, longest);
  expect(parts.pass).toBe(285e3 * (300 + 512) + 0.6e9);
});

test('memoryText: lists the pass lengths that fit on each GPU size', () => {
  const plain = { ...sizes, pass_token: 5e6 };
  const cards = (run: RunConfig, check: typeof longest) =>
    memoryText(memoryParts(run, plain, check), { config: run, sizes: plain, check })
      .split('\n')
      .slice(-4);
  const text = (engine: object) => {
    const run = config({ micro_tokens: 'auto', gradient_checkpointing: 'auto', ...engine });
    return cards(run, longest);
  };
  // (0.75 · (card − 9.9 GB) − 0.6 GB) / 5 MB, for at least 812 tokens.
  expect(text({})).toEqual([
    '  16 GB GPU               passes of up to 971 tokens',
    '  24 GB GPU               passes of up to 2260 tokens',
    '  48 GB GPU               passes of up to 6125 tokens',
    '  80 GB GPU               passes of up to 11279 tokens',
  ]);
  const longer = { longest_prompt: 1000 };
  const run = config({ micro_tokens: 'auto', gradient_checkpointing: 'auto' });
  const [first, second] = cards(run, longer);
  expect(first).toBe('  16 GB GPU               passes of up to 32399 tokens, with gradient checkpointing');
  expect(second).toBe('  24 GB GPU               passes of up to 2260 tokens');
  expect(text({ micro_tokens: 4096, gradient_checkpointing: false })).toEqual([
    '  16 GB GPU               not enough memory',
    '  24 GB GPU               not enough memory',
    '  48 GB GPU               passes of 4096 tokens fit',
    '  80 GB GPU               passes of 4096 tokens fit',
  ]);
});

test('memoryParts: counts no sampling for SFT', () => {
  const sft = RunConfig.parse({
    recipe: 'sft',
    steps: 1,
    engine: { kind: 'torch', model: 'm' },
    data: { train: 'rows.qa.jsonl' },
  });
  const parts = memoryParts(sft, sizes, longest);
  expect([parts.drawing, parts.reference]).toEqual([0, 0]);
  expect(memoryText(parts)).not.toContain('drawing');
});
