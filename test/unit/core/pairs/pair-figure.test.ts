import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawPairFigure, pairFigureSvg, type PairFigure } from '../../../../src/core/pairs/pair-figure.ts';
import { property } from '../../../support/property.ts';

const figureWith = (question: string, answers: string[]): PairFigure => ({
  views: ['Original', 'Mirror'].map((label) => ({
    label,
    question,
    reference: 'left',
    picture: { w: 4, h: 2 },
  })),
  models: answers.map((text, i) => ({
    name: `model ${i}`,
    verdict: 'only the original correct',
    answers: [
      { text, right: true },
      { text, right: i === 0 ? null : false },
    ],
  })),
});

describe('figure of a pair', () => {
  it('a pair figure shows both images, the question and all answers', () => {
    const figure = figureWith('Is <it> 5% left & near?', ['left', 'it_is']);
    const svg = pairFigureSvg(figure, ['data:image/png;base64,AA', 'data:image/png;base64,BB']);
    expect(svg.match(/<image /g)).toHaveLength(2);
    expect(svg).toContain('Is &lt;it&gt; 5% left &amp; near?');
    expect(svg).toContain('model 0: only the original correct');
    expect([svg.match(/correct: /g)!.length, svg.match(/wrong: /g)!.length]).toEqual([2, 1]);
    expect(svg).toContain('not scored: left');
  });

  property(
    'a pair figure keeps all texts inside the frame',
    [fc.string({ maxLength: 300 }), fc.array(fc.string({ maxLength: 500 }), { maxLength: 4 })],
    (q, answers) => {
      const { width, height, marks } = drawPairFigure(figureWith(q, answers));
      for (const mark of marks) {
        expect(mark.y).toBeLessThanOrEqual(height);
        expect(mark.x).toBeLessThan(width);
        // A letter of Helvetica is at least as wide as a quarter of its size.
        if (mark.kind === 'text') expect([...mark.text].length * 9 * 0.34).toBeLessThanOrEqual(width + 1);
      }
    },
  );
});
