import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bleuCounts, corpusBleu, sentenceBleu } from '../../../../src/core/answers/bleu.ts';
import { scoreRow } from '../../../../src/core/answers/score-row.ts';
import type { BoxFormat } from '../../../../src/rows/sample/boxes.ts';

const fixture = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/parity/${name}`, import.meta.url), 'utf8')) as T;

interface Bleu {
  bleu1: number;
  bleu2: number;
}

describe('BLEU, compared with NLTK', () => {
  const { rows, corpus } = fixture<{
    rows: (Bleu & { candidate: string; reference: string })[];
    corpus: Bleu;
  }>('bleu/bleu.json');

  it.each(rows)('BLEU matches NLTK for the sentence %j', ({ candidate, reference, bleu1, bleu2 }) => {
    const counts = bleuCounts(candidate, reference);
    expect(sentenceBleu(counts, 1)).toBeCloseTo(bleu1, 12);
    expect(sentenceBleu(counts, 2)).toBeCloseTo(bleu2, 12);
  });

  it('BLEU matches NLTK for the corpus', () => {
    const pairs = rows.map(({ candidate, reference }) => bleuCounts(candidate, reference));
    const counts = pairs[0]!.map((_, i) => pairs.reduce((sum, pair) => sum + pair[i]!, 0));
    expect(corpusBleu(counts, 1)).toBeCloseTo(corpus.bleu1, 12);
    expect(corpusBleu(counts, 2)).toBeCloseTo(corpus.bleu2, 12);
  });
});

describe('IoU, compared with polygon geometry', () => {
  const { image, cases } = fixture<{
    image: { w: number; h: number };
    cases: { box_format: BoxFormat; completion: string; answer: string; iou: number }[];
  }>('iou/iou.json');

  it.each([...new Set(cases.map((row) => row.box_format))])('IoU matches polygons in %s', (format) => {
    for (const { iou, ...row } of cases.filter((row) => row.box_format === format)) {
      for (const images of [[image], []]) {
        const score = scoreRow({ ...row, task: 'bbox', images });
        if (score.task !== 'bbox') throw new Error('Not scored as a box.');
        expect(score.iou).toBeCloseTo(iou, 9);
        expect(score.acc75).toBe(iou >= 0.75);
      }
    }
  });
});
