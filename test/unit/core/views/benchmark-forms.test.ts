import { expect, it } from 'vitest';
import type { Sample } from '../../../../src/core/sample/sample.ts';
import { isTrusted } from '../../../../src/core/sample/variant.ts';
import { rewriteFor } from '../../../../src/core/views/view.ts';

/* The forms in which benchmarks and models write questions, menus and places. */

const seen = (view: string, question: string, answer: string, more: Partial<Sample> = {}) => {
  const row: Sample = { id: 'x', question, answer, images: [{ w: 640, h: 480 }], ...more };
  const variant = rewriteFor(row, view);
  expect([variant.reason, isTrusted(variant)]).toEqual([undefined, true]);
  return { ...row, ...variant };
};

const CV_BENCH =
  'Considering the relative positions of the lamp and the sofa in the image provided, where is the lamp located ' +
  'with respect to the sofa? Select from the following choices.';

it.each([
  ['rotate:180', '\n(A) above\n(B) below', '\n(A) below\n(B) above'],
  ['flip', '\n(A) above\n(B) below', '\n(A) below\n(B) above'],
  ['rotate:180', '\n(A) left\n(B) right', '\n(A) right\n(B) left'],
  ['flip', '\n(A) left\n(B) right', '\n(A) left\n(B) right'],
  ['rotate:90', '\n(A) left\n(B) right', '\n(A) above\n(B) below'],
])('options in the question turn as choices do: %s %j', (view, menu, turned) => {
  expect(seen(view, CV_BENCH + menu, '(A)')).toMatchObject({ question: CV_BENCH + turned, answer: '(A)' });
});

it('options that stand in the question and as choices are permuted in both', () => {
  const choices = ['left', 'right'];
  expect(seen('permute-options:1', `${CV_BENCH}\n(A) left\n(B) right`, '(A)', { choices })).toMatchObject({
    question: `${CV_BENCH}\n(A) right\n(B) left`,
    answer: '(B)',
    choices: ['right', 'left'],
  });
  const others = { id: 'x', question: 'Where?\n(A) left\n(B) up', answer: '(A)', images: [], choices };
  expect(isTrusted(rewriteFor(others, 'permute-options:1'))).toBe(false);
});

it('the quadrants of VSI-Bench and the hours of SpatialRGPT are directions', () => {
  const asked =
    'If I am standing by the stove and facing the sofa, is the table to my front-left or front-right? The directions ' +
    'refer to the quadrants of a Cartesian plane (if I am standing at the origin and facing along the positive y-axis).';
  expect(seen('mirror', asked, 'front-left').answer).toBe('front-right');
  const hour = 'If you are at the desk, at what clock direction is the door?';
  expect(seen('mirror', hour, "The door is at 4 o'clock.").answer).toBe("The door is at 8 o'clock.");
});

it.each([
  ['mirror', '<point x="21.5" y="40.0" alt="a">a</point>', '<point x="78.5" y="40.0" alt="a">a</point>'],
  ['rotate:180', '<point x="21.5" y="40.0" alt="a">a</point>', '<point x="78.5" y="60.0" alt="a">a</point>'],
  [
    'flip',
    '<points x1="21.5" y1="40.0" x2="60" y2="1" alt="a">a</points>',
    '<points x1="21.5" y1="60.0" x2="60" y2="99" alt="a">a</points>',
  ],
  ['mirror', '<loc0100><loc0200><loc0300><loc0999> a', '<loc0100><loc0024><loc0300><loc0823> a'],
  ['flip', '<loc0100><loc0200><loc0300><loc0400> a', '<loc0723><loc0200><loc0923><loc0400> a'],
])('places of Molmo and PaliGemma say what their numbers mean: %s %s', (view, answer, turned) => {
  expect(seen(view, 'Find a.', answer).answer).toBe(turned);
});

it.each([
  '<point x="312" y="40.0" alt="a">a</point>',
  '<points coords="1 1 345 678"/>',
  '<point x="21.5" y="40.0" alt="a">a</point> at x = 21.5',
  '<loc0100><loc0200>',
])('unlike: %s', (answer) => {
  const row = { id: 'x', question: 'Find a.', answer, images: [{ w: 640, h: 480 }] };
  expect(isTrusted(rewriteFor(row, 'mirror'))).toBe(false);
});
