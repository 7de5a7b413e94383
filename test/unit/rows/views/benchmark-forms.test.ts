import { expect, it } from 'vitest';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { isTrusted } from '../../../../src/rows/sample/variant.ts';
import { rewriteFor } from '../../../../src/rows/views/view.ts';

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
])('views: transform options in the question like choices: %s %j', (view, menu, turned) => {
  expect(seen(view, CV_BENCH + menu, '(A)')).toMatchObject({ question: CV_BENCH + turned, answer: '(A)' });
});

it('views: permute options that appear both in the question and as choices', () => {
  const choices = ['left', 'right'];
  expect(seen('permute-options:1', `${CV_BENCH}\n(A) left\n(B) right`, '(A)', { choices })).toMatchObject({
    question: `${CV_BENCH}\n(A) right\n(B) left`,
    answer: '(B)',
    choices: ['right', 'left'],
  });
  const others = { id: 'x', question: 'Where?\n(A) left\n(B) up', answer: '(A)', images: [], choices };
  expect(isTrusted(rewriteFor(others, 'permute-options:1'))).toBe(false);
});

it.each([
  ['How is the lamp placed with respect to the desk?', 'back-down', 'above-left back-down left down-right'],
  ['Could you describe where the lamp is relative to the desk?', 'up-left', 'up-left down left-back'],
  ['Where is the lamp in relation to the desk?', 'down', 'right behind-left down'],
])('views: mirror sides that are joined to another direction: "%s" %s', (question, answer, options) => {
  const mirrored = (text: string) =>
    text.replace(/left|right/g, (side) => (side === 'left' ? 'right' : 'left'));
  const choices = options.split(' ');
  const expected = { answer: mirrored(answer), choices: choices.map(mirrored) };
  expect(seen('mirror', question, answer, { choices })).toMatchObject(expected);
});

it.each(['Is the cup on the far right in the cabinet?', 'Is the man at the top right in the picture old?'])(
  'views: mirror a place in a corner before "in": "%s"',
  (question) => {
    expect(seen('mirror', question, 'Yes').question).toBe(question.replace('right', 'left'));
  },
);

const TUPLES = 'Answer as a list of tuples, i.e. [(x1, y1), (x2, y2), ...].';
it.each([
  ['between 0 and 1, the normalized locations of the points', '[(0.25, 0.5)]', '[(0.75, 0.5)]'],
  ['between 0 and 1000', '[(250, 500), (1, 2)]', '[(750, 500), (999, 2)]'],
  ['rounded integers, the absolute pixel locations', '[(140, 20)]', '[(500, 20)]'],
])('views: mirror points in the form that the question requests: %s', (range, answer, mirrored) => {
  const question = (side: string) =>
    `Locate points in the free space to the ${side} of the mug. ${TUPLES} The coordinates should be ${range}.`;
  expect(seen('mirror', question('left'), answer)).toMatchObject({
    question: question('right'),
    answer: mirrored,
  });
});

it('views: keep a clock in a list of what appears', () => {
  const question = 'What is the first-time appearance order of these categories in the video: clock, bed?';
  const choices = ['clock, bed', 'bed, clock'];
  expect(seen('mirror', question, 'A', { choices })).toMatchObject({ question, answer: 'A' });
});

it('views: defer points if the question requests an order but no unit', () => {
  const row = { id: 'x', question: `Locate the mug. ${TUPLES}`, answer: '[(0.25, 0.5)]', images: [] };
  expect(rewriteFor(row, 'mirror').status).toBe('needs_llm');
});

it('views: keep what was left behind, and defer letters on a label', () => {
  const left = 'Which bags are left-behind?';
  expect(seen('mirror', left, 'the red ones').question).toBe(left);
  const letters = 'For the letters on the red label, where is the letter a relative to the letter i?';
  const row = { id: 'x', question: letters, answer: 'left', images: [] };
  expect(rewriteFor(row, 'mirror').status).toBe('needs_llm');
});

const EGO = 'If I am standing by the stove and facing the door, is the sofa to my left, right, or back?';
const PART = 'In which part of the picture is the lamp, the top or the bottom?';
const MENU = 'Is the plate on the right part or the left part of the picture?';
const HATS = 'How many people in the top left corner of the image are wearing hats?';

it.each([
  ['rotate:180', EGO, EGO, 'left', 'left'],
  ['flip', EGO, EGO.replace('left, right', 'right, left'), 'left', 'right'],
  ['rotate:180', PART, PART.replace('top or the bottom', 'bottom or the top'), 'top', 'bottom'],
  ['rotate:180', MENU, 'Is the plate on the left part or the right part of the picture?', 'right', 'left'],
  ['flip', HATS, HATS.replace('top left', 'bottom left'), '4', '4'],
  ['rotate:180', HATS, HATS.replace('top left', 'bottom right'), '4', '4'],
])('views: swap sides of people and parts of the image: %s "%s"', (view, asked, turned, was, is) => {
  expect(seen(view, asked, was)).toMatchObject({ question: turned, answer: is });
});

it.each([
  'If I am standing by the stove and facing the door, is the sofa left of the lamp?',
  'If you are standing at the door facing the left bed, is the lamp on your right?',
  'Is the man standing by the car and facing the camera to my left?',
  'How many people in the left half of the picture above the sofa are wearing hats?',
  'A candle on a table. Is this what you see?',
])('views: defer a question whose frame of reference is uncertain: %s', (question) => {
  const row = { id: 'x', question, answer: 'yes', images: [{ w: 640, h: 480 }] };
  expect(isTrusted(rewriteFor(row, 'rotate:180'))).toBe(false);
});

it('views: keep heights in the world, and flip heights in the image', () => {
  const asked = 'Consider the real-world 3D locations of the objects. Which object has a higher location?';
  expect(seen('flip', asked, 'the kite').question).toBe(asked);
  const row = { id: 'x', question: asked.replace('?', ' in the image?'), answer: 'the kite', images: [] };
  expect(rewriteFor(row, 'flip').question).not.toBe(row.question);
});

it('views: mirror the quadrants of VSI-Bench and the clock directions of SpatialRGPT', () => {
  const asked =
    'If I am standing by the stove and facing the sofa, is the table to my front-left or front-right? The directions ' +
    'refer to the quadrants of a Cartesian plane (if I am standing at the origin and facing along the positive y-axis).';
  expect(seen('mirror', asked, 'front-left').answer).toBe('front-right');
  const hour = 'If you are at the desk, at what clock direction is the door?';
  expect(seen('mirror', hour, "The door is at 4 o'clock.").answer).toBe("The door is at 8 o'clock.");
});

it.each([
  ['mirror', '<point x="21.5" y="40.0" alt="a">a</point>', '<point x="78.5" y="40.0" alt="a">a</point>'],
  [
    'mirror',
    '<point x="21.5" y="40.0" alt="leftmost a">leftmost a</point>',
    '<point x="78.5" y="40.0" alt="rightmost a">rightmost a</point>',
  ],
  ['rotate:180', '<point x="21.5" y="40.0" alt="a">a</point>', '<point x="78.5" y="60.0" alt="a">a</point>'],
  [
    'flip',
    '<points x1="21.5" y1="40.0" x2="60" y2="1" alt="a">a</points>',
    '<points x1="21.5" y1="60.0" x2="60" y2="99" alt="a">a</points>',
  ],
  ['mirror', '<loc0100><loc0200><loc0300><loc0999> a', '<loc0100><loc0024><loc0300><loc0823> a'],
  ['flip', '<loc0100><loc0200><loc0300><loc0400> a', '<loc0723><loc0200><loc0923><loc0400> a'],
])('views: transform Molmo points and PaliGemma locations: %s %s', (view, answer, turned) => {
  expect(seen(view, 'Find a.', answer).answer).toBe(turned);
});

it.each([
  ['crop:0.05,0.05,0.9,0.9', '<point x="12.5" y="20.8" alt="a">a</point>', undefined, 'geometry'],
  ['pad:square', '<loc0100><loc0200><loc0300><loc0400> a', undefined, 'geometry'],
  ['scale:0.5', '[60, 80, 100, 80, 100, 120]', 'polygon_px' as const, 'geometry'],
  ['scale:0.5', '<point x="12.5" y="20.8" alt="a">a</point>', undefined, undefined],
])('views: defer coordinates that a resampling view cannot move: %s %s', (view, answer, box_format, code) => {
  const box: [number, number, number, number] = [60, 80, 100, 120];
  const graph = {
    version: 1 as const,
    objects: [{ id: 'a', label: 'a', box }],
    relations: [],
    complete: true,
  };
  const row = { id: 'x', question: 'Find a.', answer, images: [{ w: 640, h: 480 }], scene_graph: graph };
  const variant = rewriteFor({ ...row, ...(box_format && { box_format }) }, view);
  expect('code' in variant ? variant.code : undefined).toBe(code);
});

it.each([
  '<point x="312" y="40.0" alt="a">a</point>',
  '<points coords="1 1 345 678"/>',
  '<point x="21.5" y="40.0" alt="a">a</point> at x = 21.5',
  '<loc0100><loc0200>',
])('views: defer malformed coordinates: %s', (answer) => {
  const row = { id: 'x', question: 'Find a.', answer, images: [{ w: 640, h: 480 }] };
  expect(isTrusted(rewriteFor(row, 'mirror'))).toBe(false);
});
