import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../../src/base/random.ts';
import { checkMirror } from '../../../../src/rows/views/mirror/mirror-checks.ts';
import { mirrorSample } from '../../../../src/rows/views/mirror/mirror-sample.ts';
import { inView } from '../../../../src/rows/views/view.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { property } from '../../../support/property.ts';

const image = { w: 640, h: 480 };
const sample = (question: string, answer: string, more: Partial<Sample> = {}): Sample => ({
  id: 's',
  question,
  answer,
  images: [image],
  ...more,
});
const mirrored = (s: Sample): Sample => inView(s, 'mirror')!;

describe('mirrorSample', () => {
  it('mirrorSample reads question and answer together', () => {
    const answerTo = (question: string, answer: string) => {
      const { status, answer: out } = mirrorSample(sample(question, answer));
      return status === 'flipped' || status === 'invariant' ? out : status;
    };
    expect(answerTo('Which side is it on?', 'Right.')).toBe('Left.');
    expect(answerTo('Is the cup left or right of the plate?', 'The cup is right.')).toBe('The cup is left.');
    expect(answerTo('Is the door open?', 'Right.')).toBe('Right.');
    expect(answerTo('Is the cup under the table?', 'Right, it is.')).toBe('Right, it is.');
    expect(answerTo('How many are left?', 'Two are left.')).toBe('Two are left.');
    expect(answerTo('Is the cup left of the plate?', 'Right.')).toBe('needs_llm');
  });

  it('keeps yes, no, letters and named objects', () => {
    const s = sample('Which is left of the cup, the red one?', 'B', { choices: ['left lamp', 'right lamp'] });
    expect(mirrored(s)).toMatchObject({ answer: 'B', choices: ['right lamp', 'left lamp'] });
    expect(mirrored(sample('Is the cup left of the plate?', 'No')).answer).toBe('No');
  });

  it('mirrors boxes, answer coordinates, points, facts and graph with the text', () => {
    const s = sample('Box of the left cup', '[10, 20, 110.5, 220]', {
      boxes: [[10, 20, 110.5, 220]],
      points: [[0, 5]],
      box_format: 'xyxy_px',
      meta: { order_left_to_right: ['left cup', 'plate'], counts: { 'left cup': 1 } },
      scene_graph: {
        version: 1,
        objects: [{ id: 'a', label: 'cup', box: [10, 20, 110, 220] }],
        relations: [],
      },
    });
    const out = mirrored(s);
    expect(out).toMatchObject({
      question: 'Box of the right cup',
      answer: '[529.5, 20, 630, 220]',
      boxes: [[529.5, 20, 630, 220]],
      points: [[640, 5]],
      meta: { order_left_to_right: ['plate', 'right cup'], counts: { 'right cup': 1 } },
    });
    expect(out.scene_graph!.objects[0]!.box).toEqual([530, 20, 630, 220]);
    expect(mirrored(out)).toEqual(s);
  });

  it('mirrors declared pixel indices to w − 1', () => {
    const s = sample('Box', '[0, 0, 9, 9]', { box_format: 'xyxy_px', meta: { pixel_indices: true } });
    expect(mirrored(s).answer).toBe('[630, 0, 639, 9]');
  });

  it.each<[string, Partial<Sample>, string]>([
    ['boxes without format', { boxes: [[1, 2, 3, 4]] }, 'boxes.undeclared'],
    ['pixels without width', { boxes: [[1, 2, 3, 4]], box_format: 'xyxy_px', images: ['a.jpg'] }, 'boxes'],
    [
      'images of two sizes',
      { boxes: [[1, 2, 3, 4]], box_format: 'xyxy_px', images: [image, { w: 10, h: 10 }] },
      'boxes.image',
    ],
    ['an invalid graph', { scene_graph: { objects: 7 } as never }, 'graph.form'],
  ])('requires review of a row with %s', (_, more, rule) => {
    const variant = mirrorSample(sample('Is the cup red?', 'Yes', more));
    expect(variant).toMatchObject({ status: 'needs_llm', review: { state: 'pending' } });
    expect(variant.rules).toContain(rule);
  });

  it('defers a row whose graph contradicts its answer', () => {
    const scene_graph: Sample['scene_graph'] = {
      version: 1,
      objects: [
        { id: 'cup', label: 'cup', box: [10, 10, 50, 50] },
        { id: 'plate', label: 'plate', box: [400, 10, 500, 50] },
      ],
      relations: [],
    };
    const ask = (answer: string) =>
      mirrorSample(sample('Is the cup to the left of the plate?', answer, { scene_graph }));
    expect(ask('Yes')).toMatchObject({ status: 'flipped', checks: { graph_agrees: 'pass' } });
    expect(ask('No')).toMatchObject({ status: 'needs_llm', checks: { graph_agrees: 'fail' } });
  });

  const word = fc.constantFrom(
    ...'left right leftmost Right of the a to on is was has two cup plate in front behind , . ? and or hand turn which yes'.split(
      ' ',
    ),
  );
  const text = fc.array(word, { minLength: 1, maxLength: 10 }).map((words) => words.join(' '));
  property(
    'mirrorSample: restores a row when applied twice, or defers the row',
    [text, text],
    { numRuns: 300 },
    (question, answer) => {
      const s = sample(question, answer);
      const once = mirrorSample(s);
      if (once.status !== 'flipped') return;
      const twice = mirrorSample({ ...s, question: once.question, answer: once.answer });
      if (twice.status === 'flipped') {
        expect([twice.question, twice.answer]).toEqual([question, answer]);
      }
      expect(twice.status).not.toBe('invariant');
    },
  );
});

describe('mirrorSample: strategy keep-question', () => {
  const kept = (question: string, answer: string, choices?: string[]) => {
    const variant = mirrorSample(sample(question, answer, choices && { choices }), {
      strategy: 'keep-question',
    });
    return variant.strategy === 'keep-question' ? variant.answer : null;
  };

  it('keep-question changes an answer that the question determines', () => {
    expect(kept('Where is the cup?', 'On the left.')).toBe('On the right.');
    expect(kept('Is the cup left or right of the plate?', 'left')).toBe('right');
    expect(kept('Is the cup to the left of the plate?', 'Yes')).toBe('No');
    expect(kept('Is the cup to the left of the plate?', 'Yes, the cup is left of it.')).toBe(
      'No, the cup is right of it.',
    );
    expect(kept('Which is further left, the cup or the plate?', 'The cup.')).toBe('The plate.');
    expect(kept('Which way does it turn?', '(A)', ['left', 'right'])).toBe('(B)');
    expect(kept('Which way does it turn?', 'left', ['left', 'right'])).toBe('right');
  });

  it('keep-question falls back to swapping words for all other questions', () => {
    expect(kept('Is the cup to the left of the plate?', 'No')).toBeNull();
    expect(kept('Is the cup to the left of the plate red?', 'Yes')).toBeNull();
    expect(kept('Is the cup or the jar left of the plate?', 'Yes')).toBeNull();
    expect(kept('Is there a cup to the left of the plate?', 'Yes')).toBeNull();
    expect(kept('Which is leftmost, the cup, the jar or the plate?', 'the cup')).toBeNull();
    expect(kept('Which is closer to the left lamp, the cup or the jar?', 'the cup')).toBeNull();
    expect(kept('Which way does it turn?', 'left', ['left', 'straight'])).toBeNull();
    expect(kept('How far is the cup?', '2 m')).toBeNull();
  });

  it('draws the strategy per row under mix, and stores the strategy in the variant', () => {
    const random = Random.from(1);
    const draw = () => mirrorSample(sample('Where is it?', 'left'), { strategy: 'mix', random }).strategy;
    const strategies = Array.from({ length: 40 }, draw);
    expect(new Set(strategies)).toEqual(new Set(['swap-words', 'keep-question']));
  });
});

describe('checkMirror', () => {
  const s = sample('Is the man on the left holding a cup?', 'Yes, the man on the left holds it.');
  const check = (question: string, answer = 'Yes, the man on the right holds it.') =>
    Object.entries(checkMirror(s, { question, answer }))
      .filter(([, result]) => result !== 'pass')
      .map(([name]) => name);

  it('passes a complete swap', () => expect(check('Is the man on the right holding a cup?')).toEqual([]));

  it.each<[string, string[], string, string?]>([
    ['a partial swap', ['sides_swapped', 'double_flip'], 'Is the man on the left holding a cup?'],
    [
      'an unchanged question',
      ['sides_swapped', 'side_changed', 'double_flip'],
      'Is the man on the left holding a cup?',
      s.answer,
    ],
    [
      'a replaced word',
      ['pair_words_only', 'sides_swapped', 'double_flip'],
      'Is the woman on the right holding a cup?',
    ],
    [
      'an inverted answer',
      ['pair_words_only', 'sides_swapped', 'double_flip', 'yes_no_kept'],
      'Is the man on the right holding a cup?',
      'No, the man on the right holds it.',
    ],
    [
      'a mention of the flip',
      ['pair_words_only', 'double_flip', 'no_flip_mention'],
      'Is the man on the right of the flipped image holding a cup?',
    ],
  ])('reports %s', (_, names, question, answer) => expect(check(question, answer)).toEqual(names));

  it('checkMirror returns undecidable for an unchanged word that might be a side', () => {
    const turned = (question: string, proposed = question) => {
      const checks = checkMirror(sample(question, 'Yes'), { question: proposed });
      expect(checks.pair_words_only).toBe('pass');
      return [checks.sides_swapped, checks.side_changed];
    };
    expect(turned('Is it 2nd from rt?')).toEqual(['undecidable', 'undecidable']);
    expect(turned('Is it 2nd from rt?', 'Is it 2nd from lt?')).toEqual(['pass', 'pass']);
    expect(turned('What is left of the cake?')).toEqual(['pass', 'undecidable']);
    expect(turned('Is the cup left of it?')).toEqual(['fail', 'fail']);
    expect(turned('Is the cup red?')).toEqual(['pass', undefined]);
  });

  it('checkMirror fails an answer that is not one of its choices', () => {
    const choice = sample('Which way?', 'left', { choices: ['left', 'right'] });
    expect(checkMirror(choice, { answer: 'right', choices: ['right', 'left'] })).toMatchObject({
      options_kept: 'pass',
    });
    expect(checkMirror(choice, { answer: 'right' })).toMatchObject({ options_kept: 'fail' });
  });

  it('checkMirror fails boxes outside the image', () => {
    const boxed = sample('Box?', 'ok', { boxes: [[0, 0, 10, 10]], box_format: 'xyxy_px' });
    expect(checkMirror(boxed, { boxes: [[630, 0, 640, 10]] }).boxes_inside).toBe('pass');
    expect(checkMirror(boxed, { boxes: [[-10, 0, 0, 10]] }).boxes_inside).toBe('fail');
  });
});
