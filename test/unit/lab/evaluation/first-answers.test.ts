import { expect, it } from 'vitest';
import { firstAnswer } from '../../../../src/lab/evaluation/first-answers.ts';
import { rowOf } from '../../../support/evaluation.ts';

it('firstAnswer keeps the answer or the whole completion, and the frames of a clip', () => {
  const row = rowOf({ id: 'a', task: 'yesno', answer: 'yes', completion: ' I do not know. ' });
  const written = { ...row, score: { ...row.score, answer_text: '' } };
  expect(firstAnswer(written)).toMatchObject({ images: ['a.png'], text: 'I do not know.' });
  expect(firstAnswer({ ...written, completion_index: 1 })).toBeNull();
  // Several images are a clip only where the row says so.
  const frames = { ...written, images: ['a.png', 'b.png'] };
  expect(firstAnswer(frames)!.images).toEqual(['a.png']);
  expect(firstAnswer({ ...frames, clip: { times_s: [0, 0.5] } })).toMatchObject({
    images: ['a.png', 'b.png'],
    times: [0, 0.5],
  });
});
