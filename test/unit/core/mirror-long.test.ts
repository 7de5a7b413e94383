import { expect, it } from 'vitest';
import { mirrorSample } from '../../../src/core/spatial/mirror/mirror-sample.ts';

it.each(['x', 'a.', '(', '( ', '3 ', '"', '<a '])(
  'a very long text of %j takes no more than its length',
  (piece) => {
    const question = piece.repeat(200_000 / piece.length);
    expect(mirrorSample({ id: '', question, answer: 'y', images: [] }).question).toBe(question);
  },
);
