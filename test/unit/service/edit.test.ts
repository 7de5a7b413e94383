import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { decide } from '../../../src/core/annotation/puts.ts';
import { isUnwritten } from '../../../src/core/spatial/variant.ts';
import { flipPolarity } from '../../../src/core/spatial/polarity/flip.ts';
import { mirrorSample } from '../../../src/core/spatial/mirror/mirror-sample.ts';
import type { Sample } from '../../../src/core/spatial/sample.ts';
import { Edits } from '../../../src/service/edit.ts';
import { PairRows } from '../../../src/service/pair-row.ts';
import { quiet } from '../../support/call.ts';
import type { VariantName } from '../../../src/core/spatial/views/list.ts';

const folder = mkdtempSync(join(tmpdir(), 'chirality-edit-'));
afterAll(() => rmSync(folder, { recursive: true }));

const whole = (i: number): Sample => {
  const question = i % 2 ? 'Is the cup left of the jug?' : 'Which is closer, the cup or the jug?';
  const sample = { id: `r${i}`, question, answer: i % 2 ? 'Yes' : 'the cup', images: [] };
  return { ...sample, variants: { mirror: mirrorSample(sample), polarity: flipPolarity(sample) } };
};
const text = (rows: readonly Sample[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

async function open(name: string, rows: readonly Sample[]) {
  const path = join(folder, name);
  writeFileSync(path, text(rows));
  const { api } = new Edits(new PairRows());
  const { file } = await api.openEdited({ path, backup: null });
  return {
    ...{ api, file, path },
    queue: (form: VariantName, filter = '') => api.reviewQueue({ file, filter, form }, quiet),
  };
}

describe('the service of the annotation editor', () => {
  test('two windows on one file lose nothing: the second to save takes in the first, and shows what both changed', async () => {
    const one = await open(
      'windows.qa.jsonl',
      Array.from({ length: 6 }, (_, i) => whole(i)),
    );
    const { api } = new Edits(new PairRows());
    const other = { api, ...(await api.openEdited({ path: one.path, backup: null })) };
    const answer = (at: { api: Edits['api']; file: number }, row: number, value: string) =>
      at.api.putFields({
        ...{ file: at.file, row, id: `r${row}`, typing: false },
        puts: [{ path: ['answer'], value }],
      });
    await answer(one, 1, 'No');
    await answer(one, 4, 'the jug');
    await answer(other, 3, 'No');
    await answer(other, 4, 'neither');
    await one.api.saveEdited({ file: one.file });
    expect(await one.api.changedOutside({ file: one.file })).toBe(false);
    await expect(api.saveEdited({ file: other.file })).rejects.toThrow('was changed by another program');
    expect(await api.changedOutside({ file: other.file })).toBe(true);
    const { lost } = await api.reloadEdited({ file: other.file, keepEdits: true });
    expect(lost.map(({ inserted }) => inserted.map((row) => (JSON.parse(row) as Sample).answer))).toEqual([
      ['neither'],
    ]);
    await api.saveEdited({ file: other.file });
    await one.api.reloadEdited({ file: one.file, keepEdits: true });
    await answer(one, 0, 'the jug');
    await one.api.saveEdited({ file: one.file });
    const rows = readFileSync(one.path, 'utf8').trim().split('\n');
    expect(rows.map((row) => (JSON.parse(row) as Sample).answer)).toEqual([
      ...['the jug', 'No', 'the cup', 'No', 'the jug', 'Yes'],
    ]);
    for (const { api, file } of [one, other]) await api.closeEdited({ file });
  });

  test('counts a review anew after changes as one that had never counted before', async () => {
    const action = fc.record({
      what: fc.constantFrom('accepted', 'discarded', 'type', 'add', 'undo', 'redo', 'save'),
      form: fc.constantFrom<VariantName>('mirror', 'polarity'),
      row: fc.nat({ max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 12 }), async (actions) => {
        const { api, file, path, queue } = await open('figures.qa.jsonl', [0, 1, 2, 3, 4].map(whole));
        for (const { what, form, row } of actions) {
          const { row: read, polarity } = await api.editedRow({ file, row, place: null });
          const { id } = read.sample!;
          if (what === 'accepted' || what === 'discarded') {
            const variant = form === 'mirror' ? read.mirror! : polarity!;
            if (what === 'accepted' && isUnwritten(read.sample!, form, variant)) continue;
            const puts = decide({ sample: read.sample!, form, variant }, what, '2026-01-01');
            await api.putFields({ file, row, id, puts, typing: false });
          } else if (what === 'type') {
            const puts = [{ path: ['answer'], value: `${read.sample!.answer}.` }];
            await api.putFields({ file, row, id, puts, typing: true });
          } else if (what === 'add') {
            const copy = await api.copyOfRow({ file, row });
            await api.editRows({ file, at: row, remove: 0, texts: [copy] });
          } else if (what === 'save') await api.saveEdited({ file });
          else await api.undoEdit({ file, redo: what === 'redo' });
          await queue(form);
        }
        const counted = [await queue('mirror'), await queue('polarity')];
        await api.saveEdited({ file });
        const rows = readFileSync(path, 'utf8').trim().split('\n');
        const fresh = await open(
          'fresh.qa.jsonl',
          rows.map((line) => JSON.parse(line) as Sample),
        );
        expect(counted).toEqual([await fresh.queue('mirror'), await fresh.queue('polarity')]);
        await api.closeEdited({ file });
        await fresh.api.closeEdited({ file: fresh.file });
      }),
      { numRuns: 40 },
    );
  });

  test('filters many rows, by the form under review', async () => {
    const rows = Array.from({ length: 1100 }, (_, i) => {
      const row = whole(i);
      if (i % 500 === 499) row.variants!.polarity!.review = { state: 'pending' };
      return row;
    });
    const { api, file, queue } = await open('many.qa.jsonl', rows);
    expect([...(await queue('polarity', 'state = pending')).rows!]).toEqual([499, 999]);
    expect([...(await queue('mirror', 'state = pending')).rows!]).toEqual([]);
    expect((await queue('mirror', 'jug')).rows).toHaveLength(1100);
    await expect(queue('mirror', 'stat = x')).rejects.toThrow('state');
    await api.closeEdited({ file });
  });

  test('forms that the rules made follow the row; those that a person decided on stay', async () => {
    const decided = whole(1);
    decided.variants!.mirror!.review = { state: 'accepted' };
    const { api, file } = await open('rules.qa.jsonl', [whole(1), decided]);
    for (const row of [0, 1]) {
      const puts = [{ path: ['question'], value: 'Is the cup right of the jug?' }];
      await api.putFields({ file, row, id: 'r1', puts, typing: false });
    }
    const rows = await Promise.all([0, 1].map((row) => api.editedRow({ file, row, place: null })));
    expect(rows.map(({ row }) => row.mirror!.question)).toEqual([
      'Is the cup left of the jug?',
      'Is the cup right of the jug?',
    ]);
    expect(rows.map(({ polarity }) => polarity!.question)).toEqual(
      Array(2).fill('Is the cup left of the jug?'),
    );
    await api.closeEdited({ file });
  });
});
