import { describe, expect, it } from 'vitest';
import { checkMirror } from '../../../../src/rows/views/mirror/mirror-checks.ts';
import { mirrorSample } from '../../../../src/rows/views/mirror/mirror-sample.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { QUANTITIES } from '../../../../src/rows/read/words/quantity-words.ts';
import { TRIGGERS } from '../../../../src/rows/read/reading.ts';

const sampleOf = (question: string, answer: string, more: Partial<Sample> = {}): Sample => ({
  id: 'x',
  images: [],
  question,
  answer,
  ...more,
});

describe('mirrorSample: question and answer together', () => {
  it.each([
    ['Did the dog turn right?', 'Right.', 'Did the dog turn left?', 'Left.', 'side.move side.asked'],
    ['Is the dog brown?', 'Right.', 'Is the dog brown?', 'Right.', 'kept.tag'],
    [
      'Is the dog on the right, or not?',
      'Right.',
      'Is the dog on the left, or not?',
      'Left.',
      'side.at side.asked',
    ],
    ['Which one is it?', 'the right one', 'Which one is it?', 'the left one', 'side.asked'],
    ['A. left B. right', 'A', 'A. right B. left', 'A', 'side.partner'],
    ['Does he have rights?', 'Yes', 'Does he have rights?', 'Yes', 'kept.phrase'],
    ['Took he two lefts and two rights?', 'Yes', 'Took he two rights and two lefts?', 'Yes', 'side.noun'],
    [
      'Is the cup on the left bigger than the right one?',
      'No',
      'Is the cup on the right bigger than the left one?',
      'No',
      'side.noun side.asked',
    ],
    [
      'What does "the left cup" touch?',
      '"the left cup" touches it',
      'What does "the right cup" touch?',
      '"the right cup" touches it',
      'side.noun',
    ],
    [
      'Which way does the arrow o → point?',
      'right',
      'Which way does the arrow o ← point?',
      'left',
      'arrow side.asked',
    ],
    [
      "What is at 2 o'clock?",
      "The lamp, at his 2 o'clock.",
      "What is at 10 o'clock?",
      "The lamp, at his 10 o'clock.",
      'clock.bearing',
    ],
  ])('mirrorSample mirrors "%s" "%s"', (question, answer, turned, said, rules) => {
    expect(mirrorSample(sampleOf(question, answer))).toMatchObject({
      status: turned === question && said === answer ? 'invariant' : 'flipped',
      question: turned,
      answer: said,
      rules: rules.split(' '),
    });
  });
});

describe('mirrorSample: deferred rows', () => {
  it.each([
    ['Is the dog brown or black?', 'Right.', 'The rules cannot determine whether "Right" is a side.'],
    ['Is the dog to the left of the cat?', 'Right.', 'The rules cannot determine whether "Right" is a side.'],
    [
      'Is the cup on the right bigger than the right one?',
      'No',
      '"right" can mean a side or something else.',
    ],
    [
      'a man left dog',
      '[10, 20, 30, 40]',
      'The rules cannot determine whether "left" is a side. Numbers look like coordinates, but box_format is not declared.',
    ],
    ['Is it at three o’clock?', 'yes', '"three o’clock" might be a bearing or a time.'],
    ['Is the top-left corner x 20 or 30?', '20', 'The coordinates are not a list.'],
    ['right dog', '[10, 20, 30, 40]', 'Numbers look like coordinates, but box_format is not declared.'],
    ['Where is the cup?', 'It lies at 10:30 o’clock.', expect.any(String)],
  ])('mirrorSample defers "%s" "%s"', (question, answer, reason) => {
    const { status, ...got } = mirrorSample(sampleOf(question, answer));
    expect(['needs_llm', 'discard']).toContain(status);
    expect(got.reason).toEqual(reason);
  });
});

describe('mirrorSample: referring expressions with a box or a point as the answer', () => {
  it.each([
    '<box>10,20,30,40</box>',
    '[10, 20, 30, 40]',
    '{"bbox_2d": [1, 2, 3, 4]}',
    '(0.1, 0.2)',
    '[1; 2]',
  ])('mirrors a side in the expression for the answer %s', (answer) =>
    expect(mirrorSample(sampleOf('blue shirt left', answer)).rules).toContain('side.reference'),
  );
  it.each([
    ['bag left unattended', 'kept.participle'],
    ['the man who left the room', 'kept.departed'],
    ['the right answer', 'kept.correct'],
  ])('mirrorSample finds no side in "%s"', (question, rule) => {
    const { rules, ...got } = mirrorSample(sampleOf(question, '[10, 20, 30, 40]'));
    expect([got.question, rules[0]]).toEqual([question, rule]);
  });
  it.each(['[10, 20, cup]', '10', 'about 10, 20'])('does not read %s as coordinates', (answer) =>
    expect(mirrorSample(sampleOf('blue shirt left', answer)).rules).not.toContain('side.reference'),
  );
});

it('mirrorSample: discards questions about text in the image', () => {
  for (const question of ['Read the text on the left sign.', 'What does the sign on the left say?'])
    expect(mirrorSample(sampleOf(question, 'STOP')).status).toBe('discard');
});

describe('mirrorSample: corner names that define a coordinate format', () => {
  it.each([
    'Give the top-left x of the cup.',
    'Give the top left corner point (x1, y1).',
    'Give the top-left(x1, y1).',
    'Is x of the top left corner 20?',
    'What is y1, for x1 the upper left corner?',
    'Answer with top-left and bottom-right pixels.',
  ])('keeps the corner of a coordinate format in "%s"', (question) => {
    const { rules, ...got } = mirrorSample(sampleOf(question, 'no'));
    expect(rules).toContain('kept.format');
    expect(got.question).toBe(question);
  });
  it.each([
    'Is it in the top left corner?',
    'Is the top left box empty?',
    'Give the box as pixels. Is it in the top left corner?',
  ])('does not treat the corner as a coordinate format in "%s"', (question) =>
    expect(mirrorSample(sampleOf(question, 'no')).rules).not.toContain('kept.format'),
  );
});

describe('mirrorSample: strategy keep-question', () => {
  const kept = (question: string, answer: string, more: Partial<Sample> = {}) => {
    const got = mirrorSample(sampleOf(question, answer, more), { strategy: 'keep-question' });
    if (got.strategy === 'keep-question') expect(got.choices).toEqual(more.choices);
    return got.strategy === 'keep-question' && got.question === question
      ? `${got.answer} ${got.rules.join()}`
      : null;
  };
  const which = 'Which is further left, the cup or the plate?';
  it.each([
    [which, 'The cup.', 'The plate. keep.candidates'],
    [which, 'cup', 'plate keep.candidates'],
    ['Which is further left, the Cup or the Plate?', 'the Cup', 'the Plate keep.candidates'],
    ['Which is on the left, cup or the plate?', 'a cup', 'a plate keep.candidates'],
    ['Which is on the left, the cup, or the plate?', 'the plate', 'the cup keep.candidates'],
    ['Where is the cup?', 'On the left', 'On the right keep.direction'],
    ['Is the cup to the left or the right of the plate?', 'left', 'right keep.direction'],
    ['Is the cup left of the plate?', 'Yes.', 'No. keep.yes'],
    ['Is the cup left of the plate?', 'yes', 'no keep.yes'],
    ['Is the cup left of the plate?', 'Yes, it is left of it.', 'No, it is right of it. keep.yes'],
    [
      'Is the cup left of the plate?',
      'No, the cup is right of the plate.',
      'Yes, the cup is left of the plate. keep.no',
    ],
    ['The cup is left of the plate, right?', "Yes, that's right, it is left of it.", 'No. keep.yes'],
    [which, 'The cup is further left.', 'The plate is further left. keep.candidates'],
  ])('mirrors "%s" "%s"', (question, answer, expected) => expect(kept(question, answer)).toBe(expected));
  it.each([
    ['Is the cup left of the plate?', 'No'],
    ['Is the cup left of the plate?', 'Oh yes'],
    ['Is the cup left of the plate red?', 'Yes'],
    [which, 'the bowl'],
    ['Which is further left, the cup or the cup?', 'the cup'],
    ['Which is further left, the cup, the bowl or the plate?', 'the cup'],
  ])('keep-question rejects "%s" "%s"', (question, answer) => expect(kept(question, answer)).toBeNull());
  it('rewrites only the directions in a row with reasons for the old answer', () => {
    const reasoning = 'It can be seen.';
    expect(kept(which, 'the cup', { reasoning })).toBeNull();
    expect(kept('Where is the cup?', 'On the left', { reasoning })).toBe('On the right keep.direction');
  });
  it('selects the option of the opposite side, also by letter', () => {
    const choices = ['On the left', 'On the right'];
    expect(kept('Where is the cup?', 'A', { choices })).toBe('B keep.direction');
    expect(kept('Where is the cup?', 'On the right', { choices })).toBe('On the left keep.direction');
    expect(kept('Where is the cup?', 'On the left', { choices: ['On the left', 'Behind'] })).toBeNull();
  });
});

describe('coordinates in an answer', () => {
  const images = [{ path: 'a.png', w: 100, h: 60 }];
  const mirrored = (answer: string, box_format: Sample['box_format'], own: Partial<Sample> = { images }) => {
    const got = mirrorSample(sampleOf('Where is the cup?', answer, { box_format, ...own }));
    return got.status === 'needs_llm' ? got.reason : got.answer;
  };
  it.each([
    ['[10, 20, 30, 40]', 'xyxy_px', '[70, 20, 90, 40]'],
    ['[10, 20, 30, 40]', 'xywh_px', '[60, 20, 30, 40]'],
    ['[10, 20, 30, 40, 50, 60]', 'polygon_px', '[90, 20, 70, 40, 50, 60]'],
    ['[10, 20, 30, 40, 50]', 'polygon_px', 'Numbers do not fit polygon_px.'],
    ['[10, 20, 130, 40]', 'xyxy_px', 'Numbers do not fit xyxy_px.'],
    ['[10, 200, 30, 400]', 'xyxy_px', '[70, 200, 90, 400]'],
    ['[0.1, 0.2, 0.3, 0.4]', 'xyxy_norm', '[0.7, 0.2, 0.9, 0.4]'],
    ['[0.1, 1.2, 0.3, 1.4]', 'xyxy_norm', 'Numbers do not fit xyxy_norm.'],
  ] as const)('mirrors coordinates from %s as %s to %s', (answer, format, expected) =>
    expect(mirrored(answer, format)).toBe(expected),
  );
  it('coordinates in pixels require the image width', () => {
    expect(mirrored('[10, 20, 30, 40]', 'xyxy_px', {})).toBe(
      "xyxy_px needs the image's width. Add w and h to the image.",
    );
    expect(mirrored('[0.1, 0.2, 0.3, 0.4]', 'xyxy_norm', {})).toBe('[0.7, 0.2, 0.9, 0.4]');
  });
});

describe('category of a row', () => {
  const boxes = { boxes: [[1, 2, 3, 4]], box_format: 'xyxy_px' };
  it.each([
    ['Is the cup left of the plate?', {}, 'left_right'],
    ['How many cups are there?', boxes, 'box'],
    ['How many cups are there?', { boxes: [] }, 'unaffected'],
  ] as const)('the category of a row for "%s" %o is %s', (question, more, category) =>
    expect(mirrorSample(sampleOf(question, 'no', more as Partial<Sample>)).category).toBe(category),
  );
});

describe('checkMirror', () => {
  const row = sampleOf('Is the cup left of the plate?', 'Yes', { choices: ['Yes', 'No'] });
  const question = 'Is the cup right of the plate?';
  it.each([
    ['a correct mirror', { question }, []],
    ['a replaced word', { question: 'Is the cup right of the bowl?' }, ['pair_words_only', 'double_flip']],
    ['an added word', { question: 'Is the red cup right of the plate?' }, ['pair_words_only', 'double_flip']],
    ['an unchanged row', {}, ['sides_swapped', 'side_changed', 'double_flip']],
    ['an inverted verdict', { question, answer: 'No' }, ['pair_words_only', 'yes_no_kept', 'options_kept']],
    ['a missing option', { question, choices: ['Yes'] }, ['options_kept']],
    ['a mirror mentioned', { question: 'Is the cup right of the plate when mirrored?' }, ['no_flip_mention']],
  ])('checkMirror checks a proposal with %s', (_, proposal, failed) => {
    const checks = checkMirror(row, proposal);
    const found = Object.keys(checks).filter((name) => checks[name] === 'fail');
    expect(found).toEqual(expect.arrayContaining(failed));
    if (failed.length === 0) expect(Object.values(checks).every((result) => result === 'pass')).toBe(true);
  });
  it.each(['anti-clockwise', 'counter clockwise', 'contraclockwise'])('reads %s as one word', (word) => {
    const turning = sampleOf('Does it turn clockwise?', 'Yes');
    const checks = checkMirror(turning, { question: `Does it turn ${word}?` });
    expect(checks).toMatchObject({ pair_words_only: 'pass', double_flip: 'pass' });
  });
  it('checkMirror returns undecidable if the rules cannot determine a side', () => {
    const doubtful = sampleOf('Did the waiter bring the right glass?', 'Yes');
    expect(checkMirror(doubtful, {})).toMatchObject({ sides_swapped: 'pass', side_changed: 'undecidable' });
    const swapped = { question: 'Did the waiter bring the left glass?' };
    expect(checkMirror(doubtful, swapped)).toMatchObject({ pair_words_only: 'pass', side_changed: 'pass' });
    expect(checkMirror(sampleOf('Is it 2nd from rt?', 'Yes'), {})).toMatchObject({
      sides_swapped: 'undecidable',
    });
  });
});

it('triggers with levels review and discard contain the expected rules', () => {
  const rules = (level: string) => [
    ...new Set(TRIGGERS.filter((one) => one.level === level).map(({ rule }) => rule)),
  ];
  expect(rules('review')).toEqual([
    'text.remaining',
    'text.team',
    'text.capitals',
    'text.figure',
    'medical.organ',
    'medical.term',
    'medical.sided',
    'medical.side',
    'mirror.inside',
    'convention.screw',
    'convention.priority',
    'convention.usual',
    'convention.sign',
    'convention.law',
    'convention.lane',
    'convention.key',
    'convention.custom',
    'compass.letter',
    'convention.game',
    'grid.square',
    'convention.word',
    'convention.elevation',
    'convention.idiom',
    'other.plan',
    'angle.signed',
    'angle.absolute',
    'coordinates.compared',
    'grid.cell',
    'order.unnamed',
    'other.layout',
    'other.picture',
    ...QUANTITIES.map(({ rule }) => rule).filter((rule, i, all) => all.indexOf(rule) === i),
    'shape.letter',
    'shape.glyph',
    'shape.slope',
    'shape.upright',
    'text.told',
    'text.stated',
  ]);
  expect(rules('discard')).toHaveLength(18);
});
