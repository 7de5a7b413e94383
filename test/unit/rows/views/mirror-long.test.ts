import { expect, it } from 'vitest';
import { mirrorSample } from '../../../../src/rows/views/mirror/mirror-sample.ts';
import { few } from '../../../support/slow.ts';

it.each(few(['a.', '"', '<a ', 'x', '(', '( ', '3 ', 'a-1', 'Ab ', 'which b '], 3))(
  'mirrorSample: runs in linear time for 200,000 characters of %j',
  (piece) => {
    const text = piece.repeat(200_000 / piece.length);
    expect(mirrorSample({ id: '', question: text, answer: 'y', images: [] }).question).toBe(text);
    expect(mirrorSample({ id: '', question: 'What is it?', answer: text, images: [] }).answer).toBe(text);
  },
);
