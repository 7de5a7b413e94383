import { describe, expect, it } from 'vitest';
import { fillPrompt } from '../../../../src/core/prompts/template.ts';
import { moveOptions, wholeQuestion } from '../../../../src/rows/read/move-options.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';

const sample = (question: string, answer: string, more: object = {}): Sample => ({
  id: 'r1',
  question,
  answer,
  images: [],
  ...more,
});
const textOf = (template: string, row: Sample) =>
  fillPrompt(template, row, [], 'original')[0]!.content.at(-1);

describe('options moved out of a question', () => {
  const moved = moveOptions(sample('Which?\nA. shed\nB. barn\nAnswer with the letter.', 'B'))!;

  it('moved options appear once in every prompt', () => {
    expect(textOf('{question}', moved)).toBe('Which?\n(A) shed\n(B) barn\nAnswer with the letter.');
    expect(textOf('{question} One of {choices}', moved)).toBe('Which? One of shed or barn');
    const own = sample('Which?', 'B', { choices: ['shed', 'barn'] });
    expect(textOf('{question}', own)).toBe('Which?');
  });

  it('options move in the same way after wholeQuestion restores them', () => {
    expect(moveOptions({ ...moved, meta: {}, question: wholeQuestion(moved) })).toEqual(moved);
    expect(moveOptions(moved)).toBeNull();
  });

  it('options stay in the question if variants repeat them or no question text would remain', () => {
    const variants = { mirror: { status: 'invariant', question: 'Which?\nA. shed\nB. barn', answer: 'B' } };
    expect(moveOptions(sample('Which?\nA. shed\nB. barn', 'B', { variants }))).toBeNull();
    expect(moveOptions(sample('A. shed B. barn', 'B'))).toBeNull();
    expect(moveOptions(sample('Pick: A. shed B. barn', 'B'))).toMatchObject({ question: 'Pick' });
  });
});
