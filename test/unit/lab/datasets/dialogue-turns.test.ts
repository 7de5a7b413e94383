import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { splitTurns } from '../../../../src/lab/datasets/dialogue-turns.ts';

describe('splitTurns', () => {
  it('converts every turn of a dialogue to a row with the same images', () => {
    const dialogue: Sample = {
      id: 'd',
      question: 'Q1?',
      answer: 'A1',
      images: ['a.png'],
      boxes: [[1, 2]],
      box_format: 'point_px',
      meta: { note: 1, turns: [{ question: 'Q2?', answer: 'A2', reasoning: 'R2' }] },
    };
    const meta = { note: 1, dialogue: 'd' };
    expect(splitTurns(dialogue)).toEqual([
      { ...dialogue, id: 'd-1', meta: { ...meta, turn: 1 } },
      {
        id: 'd-2',
        question: 'Q2?',
        answer: 'A2',
        reasoning: 'R2',
        images: ['a.png'],
        box_format: 'point_px',
        meta: { ...meta, turn: 2 },
      },
    ]);
  });

  it('leaves a row with a single turn unchanged', () => {
    const single: Sample = { id: 'q', question: 'Which side?', answer: 'left', images: ['a.png'] };
    expect(splitTurns(single)).toEqual([single]);
  });
});
