import { describe, expect, it } from 'vitest';
import { readCompletion } from '../../../../src/core/answers/extract.ts';
import { scorerOf, type RewardName } from '../../../../src/core/rewards/parts.ts';
import { probeCompletions, probeRewards, probeWarnings } from '../../../../src/core/rewards/probe.ts';
import type { Sample } from '../../../../src/core/spatial/sample.ts';

const sample = (over: Partial<Sample>): Sample => ({
  id: 'a',
  question: 'Where is it?',
  answer: 'left',
  images: [],
  ...over,
});
const same = (a: string, b: string) => Number(a === b);
const tagged = (answer: string) => `<think>It stands there.</think> <answer>${answer}</answer>`;
const scored = (
  names: RewardName[],
  completion: string,
  over: Partial<Sample>,
  extraction: 'strict' | 'lenient' = 'strict',
  similarity = same,
) => scorerOf(sample(over), names, extraction, similarity)(readCompletion(completion));
const value = (
  name: RewardName,
  completion: string,
  over: Partial<Sample>,
  extraction: 'strict' | 'lenient' = 'strict',
) => scored([name], completion, over, extraction).rewards[name]!.value;

describe('scoring', () => {
  it('gives only what is asked for, each with a reason', () => {
    const { rewards } = scored(['format', 'semantic'], tagged('left'), {});
    expect(rewards).toEqual({
      format: { value: 1, why: expect.stringContaining('tags') },
      semantic: { value: 1, why: 'cosine of "left" and "left"' },
    });
  });

  it('format: all or nothing', () => {
    expect(value('format', tagged('left'), {})).toBe(1);
    expect(value('format', 'left', {})).toBe(0);
    expect(value('format', `${tagged('left')} Done.`, {})).toBe(0);
  });

  it('strict extraction pays nothing outside an answer block, lenient reads on', () => {
    expect(value('semantic', 'left', {})).toBe(0);
    expect(value('semantic', 'left', {}, 'lenient')).toBe(1);
    expect(value('accuracy', 'left', { choices: ['left', 'right'] })).toBe(0);
    expect(value('accuracy', 'left', { choices: ['left', 'right'] }, 'lenient')).toBe(1);
  });

  it('keeps a negative cosine (R6)', () => {
    expect(scored(['semantic'], tagged('x'), {}, 'strict', () => -0.3).rewards.semantic!.value).toBe(-0.3);
  });

  it.each<[string, Partial<Sample>, string, number]>([
    [
      'distance within a factor of two',
      { task: 'distance', question: 'How far is it?', answer: '2 m' },
      '3 m',
      1,
    ],
    ['distance at exactly two', { task: 'distance', question: 'How far is it?', answer: '2 m' }, '4 m', 0],
    ['yes/no', { task: 'yesno', question: 'Is it?', answer: 'Yes' }, 'Yes, it is.', 1],
    ['choice by text', { choices: ['left', 'right'], answer: 'right' }, 'right', 1],
    ['choice by letter', { choices: ['left', 'right'], answer: 'right' }, 'B', 1],
    ['count', { task: 'count', question: 'How many?', answer: '3' }, 'three', 1],
    ['open text, normalised', { task: 'open', answer: 'Front-left.' }, 'front left', 0],
    ['open text, equal', { task: 'open', answer: 'Front-left.' }, 'front-left', 1],
  ])('accuracy: %s', (_, over, answer, expected) => {
    expect(value('accuracy', tagged(answer), over)).toBe(expected);
    expect(scored([], tagged(answer), over).right).toBe(expected === 1);
  });

  it('exact match, as released, with both sides normalised [A-22, R38]', () => {
    expect(value('exact_match', 'Front-Left.', { answer: 'front-left' }, 'lenient')).toBe(1);
    expect(value('exact_match', '1.5', { answer: '1.5' }, 'lenient')).toBe(1);
    expect(value('exact_match', 'right', { answer: 'left' }, 'lenient')).toBe(0);
    expect(value('exact_match', ' ( ) ', { answer: 'left' }, 'lenient')).toBe(-0.2);
  });

  it('numeric: one less the relative error, never negative [B-18]', () => {
    const far = { task: 'distance', question: 'How far is it?', answer: '2 m' };
    expect(value('numeric', tagged('3 m'), far)).toBeCloseTo(0.5, 12);
    expect(value('numeric', tagged('200 cm'), far)).toBe(1);
    expect(value('numeric', tagged('9 m'), far)).toBe(0);
    expect(value('numeric', tagged('far'), far)).toBe(0);
  });

  it('iou: of the first box [B-18]', () => {
    const box = {
      task: 'bbox',
      question: 'Where is the bounding box?',
      answer: '[0, 0, 10, 10]',
      box_format: 'xyxy_px' as const,
    };
    expect(value('iou', tagged('[0, 0, 10, 5]'), box)).toBeCloseTo(0.5, 12);
    expect(value('iou', tagged('nowhere'), box)).toBe(0);
  });
});

describe('the probe of rewards before training', () => {
  const rows = [
    sample({
      question: 'Is it on the left or on the right?',
      choices: ['left', 'right'],
      variants: {
        mirror: { status: 'flipped', question: 'q', answer: 'right', route: 'rules', rules: [], checks: {} },
      },
    }),
  ];
  const zero = { weight: 0 };
  const weights = {
    format: zero,
    semantic: zero,
    accuracy: zero,
    exact_match: zero,
    numeric: zero,
    iou: zero,
  };
  const probe = (over: Partial<typeof weights>, similarity: (a: string, b: string) => number) =>
    probeRewards(
      rows,
      { weights: { ...weights, ...over }, threshold: 0.5, extraction: 'strict' },
      similarity,
    );

  it('asks only for texts that were announced', () => {
    const announced = probeCompletions(rows).map(({ completion }) => completion);
    const asked: string[] = [];
    probe({ semantic: { weight: 1 } }, (answer) => asked.push(answer));
    for (const answer of asked) expect(announced.some((text) => text.includes(answer))).toBe(true);
  });

  it('finds a reward that cannot tell left from right (R54)', () => {
    const results = probe({ semantic: { weight: 1 } }, (a, b) => (a === b ? 1 : a === 'right' ? 0.97 : 0));
    const mirrored = results.find(({ name }) => name === 'mirrored reference')!;
    expect(mirrored).toMatchObject({ rows: 1, mean: 0.97, reference: 1, above_threshold: 1 });
    expect(mirrored.margin).toBeCloseTo(0.03, 12);
    const warnings = probeWarnings(results, 0.2);
    expect(warnings.filter((text) => text.includes('R54'))).toHaveLength(2);
    expect(warnings.some((text) => text.includes('below the spread'))).toBe(true);
  });

  it('finds a reward that pays for nothing', () => {
    const results = probe({ format: { weight: 1 } }, same);
    const warnings = probeWarnings(results, null).filter((text) => text.includes('without an answer'));
    expect(warnings).toEqual([expect.stringMatching(/"all options" earns .*, "very long" earns /)]);
  });

  it('is content with a reward that sees the answer', () => {
    expect(probeWarnings(probe({ accuracy: { weight: 1 } }, same), 0.4)).toEqual([]);
  });
});
