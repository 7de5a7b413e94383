import { describe, expect, it } from 'vitest';
import { parseSample } from '../../../../src/rows/sample/parse-sample.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { applyVariant, isTrusted } from '../../../../src/rows/sample/variant.ts';
import { isViewId, readViewId, viewOf } from '../../../../src/rows/view-list.ts';
import { inView, rewriteFor } from '../../../../src/rows/views/view.ts';
import { SEQUENCE_EXAMPLES } from '../../../support/sequence-examples.ts';
import { readExamples, rowOfExample } from '../../../support/view-examples.ts';

const row = (question: string, answer: string, more: object = {}, n = 5): Sample => {
  const images = Array.from({ length: n }, (_, i) => `f${i + 1}.png`);
  return parseSample({ id: 'a', question, answer, images, ...more }).sample!;
};
const seen = (view: string, sample: Sample) => {
  const variant = rewriteFor(sample, view);
  return isTrusted(variant)
    ? [variant.question, variant.answer]
    : [(variant as { code?: string }).code, variant.status];
};
const SIGHT = { duration_s: 10, in_sight: { dog: [[0, 6]], ball: [[4, 9]], cat: [[8, 10]] } };

describe('sequence views', () => {
  it('sequence views order images with their sizes, combined with rotations and flips', () => {
    const images = [{ path: 'a.png', w: 4, h: 2 }, { path: 'b.png', w: 4, h: 2 }, 'c.png', 'd.png'];
    const sample = row('How many cups are there?', '3', { images });
    const paths = (view: string) =>
      inView(sample, view)?.images.map((one) =>
        typeof one === 'string' ? one : `${one.path} ${one.w}×${one.h}`,
      );
    expect(paths('reverse')).toEqual(['d.png', 'c.png', 'b.png 4×2', 'a.png 4×2']);
    expect(paths('mirror+reverse')).toEqual(paths('reverse'));
    expect(paths('rotate:90+reverse')).toEqual(['d.png', 'c.png', 'b.png 2×4', 'a.png 2×4']);
    expect(paths('repeat:2')).toHaveLength(8);
    const lengths = row('How far is the cup from the plate?', '2 m', { images });
    expect(inView(lengths, 'every:2')?.images).toEqual([images[0], 'c.png']);
    expect(['mirror+reverse', 'reverse', 'grey+every:3'].map((id) => viewOf(id).kind)).toEqual([
      'pixels',
      'sequence',
      'pixels',
    ]);
  });

  it('sequence views have one normal form, with the order after the pixel views', () => {
    expect(['reverse+mirror', 'exchange+flip+converse', 'repeat:3+grey'].map(readViewId)).toEqual([
      { id: 'mirror+reverse' },
      { id: 'flip+exchange+converse' },
      { id: 'grey+repeat:3' },
    ]);
    expect(readViewId('mirror+reverse+mirror')).toEqual({ id: 'reverse' });
    expect(readViewId('reverse+reverse')).toMatchObject({
      problem: expect.stringMatching(/same as the original/) as string,
    });
    expect(readViewId('reverse+repeat:2')).toMatchObject({
      problem: '"reverse+repeat:2" orders the images twice. Use reverse or repeat:2.',
    });
    expect(
      ['reverse', 'repeat:2', 'every:12', 'repeat', 'repeat:1', 'every:0', 'reverse:2'].map(isViewId),
    ).toEqual([true, true, true, false, false, false, false]);
  });

  it('sequence views restore the row when applied in reverse', () => {
    for (const example of SEQUENCE_EXAMPLES.filter(({ view, to }) => /reverse|exchange/.test(view) && to)) {
      const { sample } = parseSample(rowOfExample(example));
      const variant = rewriteFor(sample!, example.view);
      const once = applyVariant(sample!, variant);
      const twice = inView(once, example.view)!;
      expect(twice.images).toEqual(sample!.images);
      expect(twice.meta).toEqual(sample!.meta);
      // "Towards" stands for "closer to", and means the same.
      if (example.n !== 78) expect([twice.question, twice.answer]).toEqual(example.from);
      else expect(twice.question).toBe('Does the ball move towards the camera?');
    }
  });

  const examples = readExamples(
    `
1 reverse | Is the ball rolling to the right? → No
  ⇒ Is the ball rolling to the left? → No
2 reverse | Does the balloon rise? → Yes
  ⇒ Does the balloon sink? → Yes
3 reverse | Does the car approach the house? → Yes
  ⇒ Does the car recede from the house? → Yes
4 reverse | Is the dog leaving the room? → No
  ⇒ Is the dog entering the room? → No
5 reverse | Does the door open or close? → It closes.
  ⇒ Does the door open or close? → It opens.
6 reverse | In which direction does the car move? → B
  ⇒ In which direction does the car move? → A
7 exchange | How did the camera move? → moved forward
  ⇒ How did the camera move? → moved backward
8 exchange | How did the camera rotate? → It does not turn
  =
9 reverse | Does the wheel rotate clockwise? → Yes
  ⇒ Does the wheel rotate counterclockwise? → Yes
10 reverse | In the second frame, is the lamp on? → No
  ⇒ In the fourth frame, is the lamp on? → No
11 reverse | In the first frame, is the lamp on? → No
  ⇒ In the last frame, is the lamp on? → No
12 reverse | In which frame is the cup larger? → frame 2
  ⇒ In which frame is the cup larger? → frame 4
13 reverse | At what second does the door open? → 2.5 s
  ⇒ At what second does the door close? → 7.5 s
14 reverse | How often does the door open? → 2
  ⇒ How often does the door close? → 2
15 reverse | How often does the light flash? → 3
  =
16 reverse | How long is the clip? → 20 s
  =
17 reverse | What is the first-time appearance order of the following? → A
  ⇒ What is the first-time appearance order of the following? → B
18 every:2 | Does the car move to the left? → Yes
  =
19 every:2 | How many animals are in the clip? → 2
  =
20 repeat:2 | Does the car move to the left? → Yes
  =
21 repeat:3 | How tall is the lamp? → 2 m
  =
`,
    {
      '6 reverse': { row: { choices: ['To the left', 'To the right', 'It does not move'] } },
      '7 exchange': { row: { choices: ['moved forward', 'moved backward'] } },
      '13 reverse': { row: { meta: { duration_s: 10 } } },
      '17 reverse': { row: { choices: ['dog, ball, cat', 'cat, ball, dog', 'ball, dog, cat'], meta: SIGHT } },
      '19 every:2': { row: { meta: SIGHT } },
      '21 repeat:3': { row: { reasoning: 'The lamp is 2 m tall.' } },
    },
  );
  it.each(examples)('rewrites the row in $view: $from', ({ view, from, to, row: more }) =>
    expect(seen(view, row(...from, more, view === 'exchange' ? 2 : 5))).toEqual(to),
  );

  it.each<[question: string, answer: string, asked: string, becomes: string]>([
    ...(
      [
        ['Did the camera move left or right between the first and second image?', 'left', 'right'],
        [
          'Between the first and the second image, did the camera move forward or backward?',
          'forward',
          'backward',
        ],
        ['In which direction did the camera rotate from the first image to the second?', 'left', 'right'],
        ['Did the car move to the left or the right?', 'to the left', 'to the right'],
        ['Did the car move towards or away from the camera?', 'towards', 'away'],
        ['Does the balloon get bigger or smaller?', 'bigger', 'smaller'],
        ['Was the first image taken before or after the second one?', 'before', 'after'],
        ['Is the cup closer to the camera in the first or the second image?', 'the first', 'the second'],
        ['Which image shows more cups, the first or the second?', 'The second one.', 'The first one.'],
        ['Is the cup left of the plate in both images?', 'Yes', 'Yes'],
        ['How many different chairs are shown in the two images?', '3', '3'],
        ['How many different chairs appear across all images?', '3', '3'],
        ['In the two images, how many different chairs are there?', '3', '3'],
      ] as const
    ).map(([question, answer, becomes]): [string, string, string, string] => [
      question,
      answer,
      question,
      becomes,
    ]),
    ['Has the camera moved closer to the table?', 'No', 'Has the camera moved away from the table?', 'No'],
    [
      'Was the first image taken before the second?',
      'Yes',
      'Was the first image taken after the second?',
      'Yes',
    ],
    ['Which cup is missing in the first image?', 'red', 'Which cup is missing in the second image?', 'red'],
    [
      'Which cup appears only in the first image?',
      'red',
      'Which cup appears only in the second image?',
      'red',
    ],
  ])('sequence views rewrite plain questions about two images: %s', (question, answer, asked, becomes) => {
    for (const view of ['reverse', 'exchange'])
      expect(seen(view, row(question, answer, {}, 2))).toEqual([asked, becomes]);
  });

  it.each([
    'Did the camera move left or right between the first and second image?',
    'Which image shows more cups, the first or the second?',
    'Is the cup closer in the first or the second image?',
    'Was the first image taken before or after the second?',
  ])('sequence views defer "first" and "second" among more than two images: %s', (question) => {
    for (const answer of ['left', 'the first', 'before'])
      expect(seen('reverse', row(question, answer))).toEqual(['undecided', 'needs_llm']);
  });

  it('sequence views read long runs of spaces in linear time', () => {
    const blanks = ' '.repeat(50_000);
    const start = process.cpuUsage().user;
    for (const text of [`Which image is ${blanks}x`, `Is ${blanks}x`])
      expect(seen('exchange', row(text, 'left', {}, 2))).toEqual(['undecided', 'needs_llm']);
    // Half a minute of processor time, where every blank is tried.
    expect((process.cpuUsage().user - start) / 1e6).toBeLessThan(8);
  });

  const REFUSED: [view: string, sample: Sample, code: string][] = [
    ['reverse', row('How many cups are there?', '3', {}, 1), 'no_sequence'],
    ['exchange', row('How many cups are there?', '3', {}, 3), 'no_sequence'],
    ['every:5', row('How far is the cup from the plate?', '2 m'), 'no_sequence'],
    [
      'reverse',
      row('What is the box of the dog?', '[1, 2, 3, 4]', { boxes: [[1, 2, 3, 4]], box_format: 'xyxy_px' }),
      'geometry',
    ],
    ['reverse', row('How many cups are there?', '3', { depth_map: 'd.png' }), 'geometry'],
    ['reverse', row('Why does the man move to the left?', 'to reach the cup'), 'arrow_of_time'],
    ['reverse', row('Is the glass falling?', 'Yes'), 'arrow_of_time'],
    ['reverse', row('Does the car move forward?', 'Yes'), 'arrow_of_time'],
    ['repeat:2', row('Is the man pouring water?', 'Yes'), 'arrow_of_time'],
    // Relations may hold in some images only, or be meant of the last one.
    ['reverse', row('Is the cup left of the plate?', 'Yes'), 'undecided'],
    ['reverse', row('Which is closer to the sofa, the lamp or the table?', 'the lamp'), 'undecided'],
    ['reverse', row('How far is the chair from the camera?', '3 m'), 'undecided'],
    ['reverse', row('Does the car turn left?', 'Yes'), 'undecided'],
    ['reverse', row('Is the man on the left moving to the right?', 'Yes'), 'undecided'],
    ['reverse', row('Does the man sit down?', 'Yes'), 'undecided'],
    ['reverse', row('In which direction does the (car move?', 'left'), 'undecided'],
    ['reverse', row('In which direction does the man on the left move?', 'left'), 'undecided'],
    ['reverse', row('Are there people climbing the stairs?', 'Yes'), 'undecided'],
    [
      'reverse',
      row('Which appears first, the dog or the ball?', 'the dog', {
        meta: { in_sight: { dog: [null], ball: 3 } },
      }),
      'no_intervals',
    ],
    ['reverse', row('Does the dog leave its bone?', 'Yes'), 'undecided'],
    ['reverse', row('What does the woman do after the dog enters?', 'She sits'), 'undecided'],
    ['reverse', row('How did the camera move?', 'left and forward'), 'undecided'],
    ['exchange', row('Does the car move to the left?', 'Yes, it moves to the left.', {}, 2), 'undecided'],
    ['reverse', row('In the first frame, is the dog moving?', 'Yes'), 'undecided'],
    ['reverse', row('In the seventh frame, is the lamp on?', 'Yes'), 'undecided'],
    ['reverse', row('Which appears first, the dog or the ball?', 'the dog'), 'no_intervals'],
    ['reverse', row('Which appears first, the dog or the cup?', 'the dog', { meta: SIGHT }), 'no_intervals'],
    ['reverse', row('Which appears first, the dog or the ball?', 'the ball', { meta: SIGHT }), 'undecided'],
    ['reverse', row('At what second does the door open?', '2 s'), 'no_duration'],
    [
      'reverse',
      row('In which direction does the car move?', 'left', { choices: ['left', 'up'] }),
      'no_option',
    ],
    ['repeat:2', row('Does the balloon rise?', 'Yes'), 'change'],
    ['repeat:2', row('At the start, is the lamp on?', 'Yes'), 'frame'],
    ['repeat:2', row('How long is the man in the room?', '4 s'), 'undecided'],
    ['every:2', row('How often does the door open?', '2'), 'events'],
    ['every:2', row('How many chairs are there?', '2'), 'no_intervals'],
    [
      'every:2',
      row('How many things are there?', '1', { meta: { duration_s: 10, in_sight: { dog: [[2, 3]] } } }),
      'cut',
    ],
    ['every:2', row('In the second frame, is the lamp on?', 'No'), 'frame'],
    ['mirror+reverse', row('Is the cup left of the plate?', 'Yes'), 'undecided'],
    // What begins first need not end first.
    ['reverse', row('Does the door open before or after the car moves to the left?', 'before'), 'undecided'],
    ['repeat:2', row('Is the lamp on in both images?', 'Yes', {}, 2), 'frame'],
    ['repeat:2', row('Was the first image taken before the last?', 'Yes'), 'frame'],
    ['every:2', row('Is the lamp on in all images?', 'No'), 'undecided'],
  ];
  it.each([
    row('How far is the cup from the plate?', '2 m', { reasoning: 'First the cup is seen.' }),
    row('Does the door open or close?', 'opens', { reasoning: 'The door is wide.' }),
  ])('sequence views drop reasoning that might not hold: %o', (sample) => {
    expect(rewriteFor(sample, 'reverse').reasoning_dropped).toMatch(/\S/);
    expect(inView(sample, 'reverse')).not.toHaveProperty('reasoning');
  });

  it.each(REFUSED)('sequence views do not rewrite: %s of %o, %s', (view, sample, code) => {
    const variant = rewriteFor(sample, view) as { code?: string; reason?: string };
    expect([isTrusted(rewriteFor(sample, view)), variant.code]).toEqual([false, code]);
    expect(variant.reason).toMatch(/\S/);
  });
});
