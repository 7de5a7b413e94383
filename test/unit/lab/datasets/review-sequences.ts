import { readFile, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect } from 'vitest';
import { ReviewFigures } from '../../../../src/core/annotation/review-figures.ts';
import { decide, type Decision } from '../../../../src/core/annotation/review.ts';
import { mirrorSample } from '../../../../src/rows/views/mirror/mirror-sample.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { parseJson } from '../../../../src/lab/datasets/parse-json.ts';
import { ReviewFile } from '../../../../src/lab/datasets/review-file.ts';

export const WHO = { by: 'mira', at: '2026-02-03T04:05:06Z' };
const QUESTIONS = [
  'What is left of the cake?',
  'Is the cup left of the jug?',
  'How far is it?',
  'Is it the right one?',
];

/** Lines as programs and people write them; the fifth is broken, the second has no mirror. */
const lines = [
  ...QUESTIONS.map((question, i) => {
    const sample: Sample = { id: String(i), question, answer: 'Yes', images: [] };
    const text = JSON.stringify(i === 1 ? sample : { ...sample, variants: { mirror: mirrorSample(sample) } });
    return i === 2 ? text.replaceAll('":', '" :').replace('{', '{ "big": 12345678901234567890, ') : text;
  }),
  '{broken',
];
export const FILE = `\uFEFF${lines.join('\r\n')}\r\n\n`;

const decision = fc.oneof(
  fc.constantFrom<Decision[]>(
    { kind: 'accept', although: ['side_changed'] },
    { kind: 'discard', note: 'no' },
    { kind: 'reopen' },
  ),
  fc.constantFrom('One?', 'Two?').map((question): Decision => ({ kind: 'edit', texts: { question } })),
);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ row: fc.constantFrom(0, 2, 3), decision }) },
  { weight: 2, arbitrary: fc.constant('undo' as const) },
);

/** Random decisions and undos give the bytes and the figures that a model predicts. */
export async function tryRandomReviews(path: string, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
      await writeFile(path, FILE);
      const review = await ReviewFile.open(path, { variant: 'mirror', filter: '' });
      const texts = new Map([0, 2, 3].map((row) => [row, lines[row]!]));
      const history: [number, string][] = [];
      for (const one of steps) {
        if (one === 'undo') {
          const last = history.pop();
          expect(await review.undo()).toBe(last?.[0] ?? null);
          if (last) texts.set(...last);
          continue;
        }
        const before = texts.get(one.row)!;
        const after = await review.decide(one.row, one.decision, WHO);
        expect(after).toEqual(decide(parseJson(before).value as Sample, 'mirror', one.decision, WHO));
        history.push([one.row, before]);
        texts.set(one.row, (await readFile(path, 'utf8')).split('\r\n')[one.row]!.replace('\uFEFF', ''));
      }
      const written = await readFile(path, 'utf8');
      expect(written).toBe(`\uFEFF${lines.map((line, i) => texts.get(i) ?? line).join('\r\n')}\r\n\n`);
      for (const [row, text] of texts) {
        if (text !== lines[row])
          expect(text).toContain(row === 2 ? '{ "big": 12345678901234567890, ' : '"id":');
      }
      const fresh = new ReviewFigures('mirror');
      for (const text of texts.values()) fresh.add(JSON.parse(text) as Sample);
      expect(review.figures.counts).toEqual(fresh.counts);
      expect(review.figures.precision).toEqual(fresh.precision);
      await review.close();
    }),
    { numRuns },
  );
}
