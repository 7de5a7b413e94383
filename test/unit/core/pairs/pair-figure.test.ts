import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  drawPairFigure,
  pairFigureLatex,
  pairFigureSvg,
  type PairFigure,
  drawingPdf,
} from '../../../../src/core/pairs/pair-figure.ts';

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
  it('a pair figure shows both images, the question and all answers, as SVG and as LaTeX', () => {
    const figure = figureWith('Is <it> 5% left & near?', ['left', 'it_is']);
    const svg = pairFigureSvg(figure, ['data:image/png;base64,AA', 'data:image/png;base64,BB']);
    expect(svg.match(/<image /g)).toHaveLength(2);
    expect(svg).toContain('Is &lt;it&gt; 5% left &amp; near?');
    expect(svg).toContain('model 0: only the original correct');
    expect([svg.match(/correct: /g)!.length, svg.match(/wrong: /g)!.length]).toEqual([2, 1]);
    expect(svg).toContain('not scored: left');
    const latex = pairFigureLatex(figure, ['a-original', 'a-mirror']);
    expect(latex).toContain('\\includegraphics[width=\\linewidth]{a-original} & ');
    expect(latex).toContain('Is \\textless{}it\\textgreater{} 5\\% left \\& near?');
    expect(latex).toContain('wrong: it\\_is');
  });

  it('property: a pair figure keeps all texts inside the frame', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 300 }),
        fc.array(fc.string({ maxLength: 500 }), { maxLength: 4 }),
        (q, answers) => {
          const { width, height, marks } = drawPairFigure(figureWith(q, answers));
          for (const mark of marks) {
            expect(mark.y).toBeLessThanOrEqual(height);
            expect(mark.x).toBeLessThan(width);
            // A letter of Helvetica is at least as wide as a quarter of its size.
            if (mark.kind === 'text') expect([...mark.text].length * 9 * 0.34).toBeLessThanOrEqual(width + 1);
          }
        },
      ),
    );
  });

  it('pair figures as PDF have a correct xref table and escaped texts', () => {
    const deflated = deflateSync(new Uint8Array(24));
    const pictures = [0, 1].map(() => ({ w: 4, h: 2, deflated }));
    const pdf = drawingPdf(drawPairFigure(figureWith('a) Tj ET (b\\ – 左', ['left'])), pictures);
    const text = Buffer.from(pdf).toString('latin1');
    const start = Number(/startxref\n(\d+)/.exec(text)![1]);
    expect(text.slice(start, start + 4)).toBe('xref');
    const places = [...text.slice(start).matchAll(/^(\d{10}) 00000 n/gm)].map(([, at]) => Number(at));
    expect(places).toHaveLength(8);
    for (const [i, at] of places.entries())
      expect(text.slice(at, at + `${i + 1} 0 obj`.length)).toBe(`${i + 1} 0 obj`);
    expect(text).toContain('(a\\) Tj ET \\(b\\\\ \x96 ?) Tj');
    expect(text.match(/\/Subtype \/Image/g)).toHaveLength(2);
  });
});
