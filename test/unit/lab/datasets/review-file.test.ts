import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ReviewFigures } from '../../../../src/core/annotation/review-figures.ts';
import { decide, type Decision } from '../../../../src/core/annotation/review.ts';
import { mirrorSample } from '../../../../src/rows/views/mirror/mirror-sample.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { parseJson } from '../../../../src/lab/datasets/parse-json.ts';
import { ReviewFile } from '../../../../src/lab/datasets/review-file.ts';
import { folderOfTests } from '../../../support/folder.ts';
import { forAllAsync } from '../../../support/property.ts';

const folder = folderOfTests('review-');
const WHO = { by: 'mira', at: '2026-02-03T04:05:06Z' };
const QUESTIONS = [
  'What is left of the cake?',
  'Is the cup left of the jug?',
  'How far is it?',
  'Is it the right one?',
];
const IDS = ['0', '2', '3'];

/** Lines as programs and people write them; the fifth is broken, the second has no mirror. */
const lines = [
  ...QUESTIONS.map((question, i) => {
    const sample: Sample = { id: String(i), question, answer: 'Yes', images: [] };
    const text = JSON.stringify(i === 1 ? sample : { ...sample, variants: { mirror: mirrorSample(sample) } });
    return i === 2 ? text.replaceAll('":', '" :').replace('{', '{ "big": 12345678901234567890, ') : text;
  }),
  '{broken',
];
const FILE = `\uFEFF${lines.join('\r\n')}\r\n\n`;

const decision = fc.oneof(
  fc.constantFrom<Decision[]>(
    { kind: 'accept', although: ['side_changed'] },
    { kind: 'discard', note: 'no' },
    { kind: 'reopen' },
  ),
  fc.constantFrom('One?', 'Two?').map((question): Decision => ({ kind: 'edit', texts: { question } })),
);

it('property: ReviewFile: decides only the requested rows, and keeps all other bytes', () =>
  forAllAsync(
    [fc.array(fc.record({ id: fc.constantFrom(...IDS), decision }), { maxLength: 6 })],
    { numRuns: 25 },
    async (decisions) => {
      const path = join(folder, 'random.qa.jsonl');
      await writeFile(path, FILE);
      const review = await ReviewFile.open(path, { variant: 'mirror', filter: '', ids: IDS });
      const rows = new Map(IDS.map((id) => [id, parseJson(lines[Number(id)]!).value as Sample]));
      expect(await review.decideAll(decisions, WHO)).toEqual([]);
      for (const one of decisions) rows.set(one.id, decide(rows.get(one.id)!, 'mirror', one.decision, WHO));
      const written = (await readFile(path, 'utf8')).replace('\uFEFF', '').split('\r\n');
      for (const [i, line] of lines.entries())
        if (decisions.every(({ id }) => id !== String(i))) expect(written[i]).toBe(line);
        else expect(parseJson(written[i]!).value).toEqual(rows.get(String(i)));
      expect(written[2]).toContain('{ "big": 12345678901234567890, ');
      const fresh = new ReviewFigures('mirror');
      for (const row of rows.values()) fresh.add(row);
      expect(review.figures.counts).toEqual(fresh.counts);
      expect(review.figures.precision).toEqual(fresh.precision);
      await review.close();
    },
  ));

it('ReviewFile applies several decisions together, or no decision if one is invalid', async () => {
  const path = join(folder, 'bad.qa.jsonl');
  await writeFile(path, FILE);
  const review = await ReviewFile.open(path, {
    variant: 'mirror',
    filter: 'not state = accepted',
    ids: ['1', '3', 'nobody'],
  });
  expect([review.queued, review.unreadable, ...review.rows]).toEqual([3, 1, ['1', 1], ['3', 3]]);
  const accept = { kind: 'accept', although: ['side_changed'] } as const;
  const both = ['3', '1'].map((id) => ({ id, decision: accept }));
  await expect(review.decideAll(both, WHO)).rejects.toThrow('has no mirror');
  expect(await review.decideAll([{ id: 'nobody', decision: accept }], WHO)).toEqual(['nobody']);
  expect(await readFile(path, 'utf8')).toBe(FILE);
  await review.close();
});

it('ReviewFile applies decisions to the rows of a file that another program changed', async () => {
  const path = join(folder, 'outside.qa.jsonl');
  await writeFile(path, FILE);
  const review = await ReviewFile.open(path, { variant: 'mirror', filter: '', ids: ['0'] });
  await writeFile(path, `${FILE}{}\n`);
  const accept = { kind: 'accept', although: ['side_changed'] } as const;
  expect(await review.decideAll([{ id: '0', decision: accept }], WHO)).toEqual([]);
  const written = await readFile(path, 'utf8');
  expect(written.endsWith('{}\n')).toBe(true);
  expect(written).toContain('"state":"accepted"');
  await review.close();
});
