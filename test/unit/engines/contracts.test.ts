import { describe, expect, it } from 'vitest';
import {
  assertSupported,
  checkSampling,
  featuresOfPrompt,
  featuresOfSampling,
  unsupported,
} from '../../../src/engines/features.ts';
import { flatten, unflatten } from '../../../src/engines/segments.ts';
import type { Prompt } from '../../../src/core/prompts/message.ts';

const ask = (text: string): Prompt => [{ role: 'user', content: [text] }];

describe('features of a request', () => {
  it('features are derived from a prompt', () => {
    const image = { image: 'a'.repeat(64), view: 'mirror' as const };
    const prompt: Prompt = [
      { role: 'system', content: ['be brief'] },
      { role: 'user', content: ['compare', image, 'with', image] },
      { role: 'assistant', content: ['<think>'] },
    ];
    expect(featuresOfPrompt(prompt)).toEqual([
      'system-message',
      'assistant-prefix',
      'image',
      'several-images',
      'view-mirror',
    ]);
    expect(featuresOfPrompt(ask('hello'))).toEqual([]);
  });

  it('features are derived from sampling options', () => {
    const plain = { n: 8, temperature: 1, topP: 1, maxTokens: 10 };
    expect(featuresOfSampling(plain)).toEqual([]);
    expect(featuresOfSampling({ ...plain, temperature: 0.9, topP: 0.95, stop: ['.'], seed: 0 })).toEqual([
      'temperature',
      'top-p',
      'stop',
      'seed',
    ]);
  });

  it('features are rejected by name, once, if an engine does not support them', () => {
    const info = { engine: 'embedded' as const, features: ['image' as const] };
    expect(unsupported(info, ['image'])).toEqual([]);
    expect(unsupported(info, ['seed', 'seed']).map(({ code }) => code)).toEqual(['unsupported-seed']);
    expect(() => assertSupported(info, ['image', 'stop'])).toThrow('does not support stop strings');
  });
});

describe('sampling options of a request', () => {
  it.each([
    { n: 0 },
    { n: 1.5 },
    { maxTokens: 0 },
    { temperature: -1 },
    { temperature: NaN },
    { topP: 0 },
    { topP: 1.1 },
  ])('sampling options are rejected if out of range: %j', (wrong) => {
    const options = { n: 1, temperature: 1, topP: 1, maxTokens: 1 };
    checkSampling(options);
    expect(() => checkSampling({ ...options, ...wrong })).toThrow();
  });
});

describe('flatten and unflatten', () => {
  const groups = [
    {
      prompt: ask('describe'),
      completions: [
        {
          segments: [
            { tokens: [1, 2], trained: true, weights: [0.5, 0.5] },
            { prompt: ask('answer'), tokens: [3], trained: true, weights: [1] },
          ],
        },
        {
          segments: [
            { tokens: [4], trained: false, weights: [] },
            { prompt: ask('other'), tokens: [5, 6], trained: true, weights: [1, 0] },
          ],
        },
      ],
    },
  ];

  it('flatten groups segments by prompt, skips masked segments, and unflatten restores order', () => {
    const flat = flatten(groups);
    expect(flat.map(({ prompt, rows }) => [prompt[0]!.content[0], rows.map(({ tokens }) => tokens)])).toEqual(
      [
        ['describe', [[1, 2]]],
        ['answer', [[3]]],
        ['other', [[5, 6]]],
      ],
    );
    const sums = flat.map(({ rows }) => rows.map(({ tokens }) => tokens.reduce((a, b) => a + b)));
    expect(unflatten(groups, flat, sums, null)).toEqual([
      [
        [3, 3],
        [null, 11],
      ],
    ]);
  });

  it('flatten rejects segments that violate the contract', () => {
    const group = (segment: object) => [
      { prompt: ask('q'), completions: [{ segments: [{ tokens: [1], trained: true, ...segment }] }] },
    ];
    expect(() => flatten(group({ prompt: ask('own') }))).toThrow(
      'only the segments after the first must have their own prompt',
    );
    expect(() => flatten(group({ tokens: [] }))).toThrow('no tokens');
    expect(() => flatten(group({ weights: [1, 2] }))).toThrow('1 tokens but 2 values (weight)');
  });
});
