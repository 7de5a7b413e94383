import { describe, expect, it } from 'vitest';
import { agreementOf, comparison } from '../../../../src/core/rewards/agreement.ts';
import { breakerOf, fixedAnswer } from '../../../../src/core/rewards/fixed-answers.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { inViews } from '../../../../src/lab/rollouts/draw-groups.ts';

const images = [{ path: 'a.png', w: 640, h: 480 }];
const yesNo: Sample = {
  id: 'y',
  question: 'Is the cup left of the jug?',
  answer: 'Yes',
  task: 'yesno',
  images,
};
const where: Sample = {
  id: 'w',
  question: 'Where is the cup from the jug?',
  answer: 'left',
  task: 'mcq',
  images,
  choices: ['left', 'right'],
};
const count: Sample = { id: 'c', question: 'How many cups are there?', answer: '3', task: 'count', images };
const box: Sample = {
  id: 'b',
  question: 'The box of the dog?',
  answer: '[100, 50, 300, 200]',
  task: 'bbox',
  images,
  box_format: 'xyxy_px',
};
const fixed = (sample: Sample, views: string[], template = '{question}') =>
  fixedAnswer(inViews(sample, ['original', ...views]), template);
const compare = (sample: Sample, view: string) => {
  const [original, other] = inViews(sample, ['original', view]);
  return comparison(original!, other!);
};

describe('constant answers that agree under the views', () => {
  it.each([
    ['yes under the mirror and the converse', yesNo, ['mirror', 'converse'], 'yes'],
    ['no verdict if names are exchanged', yesNo, ['mirror', 'exchange-names'], null],
    ['no side under the mirror', where, ['mirror'], null],
    ['a number under all views', count, ['mirror', 'rotate:180'], '3'],
    ['the whole image as a box', box, ['mirror', 'rotate:180'], '[0, 0, 640, 480]'],
    ['none without another view', yesNo, [], null],
  ] as const)('constant answers that agree under the views include %s', (_, sample, views, answer) => {
    expect(fixed(sample, [...views])).toBe(answer);
  });

  it('a constant letter agrees if the prompt shows letters, until its option moves', () => {
    expect(fixed(where, ['mirror'], '{question} {choices}')).toBe('A');
    expect(fixed(where, ['permute-options:1'], '{question} {choices}')).toBe('left');
    expect(fixed(where, ['mirror', 'permute-options:1'], '{question} {choices}')).toBeNull();
    expect(breakerOf('mcq', 'A')).toContain('permute-options');
    expect(breakerOf('yesno', 'yes')).toContain('exchange-names');
    expect(breakerOf('count', '3')).toContain('remove these rows');
  });
});

describe('agreement reward', () => {
  it('agreement reward compares answers mapped between views, right or wrong', () => {
    const mirrored = compare(where, 'mirror')!;
    expect(mirrored('left', 'right')).toBe(true);
    expect(mirrored('right', 'left')).toBe(true);
    expect(mirrored('left', 'left')).toBe(false);
    expect(mirrored('left', null)).toBe(false);
    const boxes = compare(box, 'mirror')!;
    expect(boxes('[0, 0, 100, 100]', '[540, 0, 640, 100]')).toBe(true);
    expect(boxes('[0, 0, 100, 100]', '[0, 0, 100, 100]')).toBe(false);
  });

  it('agreement reward is a share of pairs, equal for an inverted and for a correct model', () => {
    const mirrored = compare(where, 'mirror')!;
    expect(agreementOf(mirrored, ['left', 'right'], ['right', 'right', 'left', 'x'])).toBe(3 / 8);
    expect(agreementOf(mirrored, ['left'], ['right'])).toBe(agreementOf(mirrored, ['right'], ['left']));
    expect(agreementOf(mirrored, [], ['left'])).toBeNull();
  });

  it('agreement reward is undefined for open answers', () => {
    expect(
      compare({ ...count, question: 'What is there?', answer: 'a cup', task: 'open' }, 'mirror'),
    ).toBeNull();
  });
});
