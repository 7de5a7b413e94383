import { describe, expect, it } from 'vitest';
import { correspondingSpan, findQuery } from '../../../../src/lab/insight/find-query.ts';

describe('findQuery and correspondingSpan', () => {
  const texts = [
    { message: 0, part: 1, text: 'Is the red-cube left of the red cone?' },
    { message: 1, part: 0, text: 'The red-cube is left.' },
  ];

  it('findQuery finds whole words in the order of the texts', () => {
    expect(findQuery(texts, 'left')).toEqual({ message: 0, part: 1, start: 16, end: 20 });
    expect(findQuery(texts, 'left#2')).toEqual({ message: 1, part: 0, start: 16, end: 20 });
    expect(findQuery(texts, 'RED CONE')).toMatchObject({ message: 0, start: 28, end: 36 });
    expect(findQuery(texts, 'the#3')).toMatchObject({ message: 1, start: 0 });
    for (const missing of ['lef', 'left#3', 'blue', '', ' ', 'left#0'])
      expect(findQuery(texts, missing)).toBeNull();
  });

  it('correspondingSpan finds the same word position in the mirrored text', () => {
    const mirrored = 'Is the red-cube right of the red cone?';
    const span = findQuery(texts, 'left')!;
    expect(correspondingSpan(texts[0]!.text, span, mirrored)).toMatchObject({ start: 16, end: 21 });
    expect(correspondingSpan(texts[0]!.text, span, 'Is it?')).toBeNull();
  });
});
