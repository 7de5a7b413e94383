import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { decisionChanges } from '../../../webview/annotate/sample-changes.ts';
import { inView } from '../../../src/rows/views/view.ts';
import { isUnwritten } from '../../../src/rows/sample/variant.ts';
import { flipPolarity } from '../../../src/rows/views/polarity/flip.ts';
import { mirrorSample } from '../../../src/rows/views/mirror/mirror-sample.ts';
import type { Sample } from '../../../src/rows/sample/sample.ts';
import type { VariantName } from '../../../src/rows/view-list.ts';
import {
  AnnotatedDocument,
  type Change,
  type LeftOut,
} from '../../../src/panels/annotate/annotate-document.host.ts';
import { Service } from '../../../src/panels/service.host.ts';
import { Uri } from '../extension/fake-vscode.ts';
import { rowLines } from '../../support/rows.ts';
import { isSlow, slowly } from '../../support/slow.ts';
import { folderOfTests } from '../../support/folder.ts';
import { forAllAsync } from '../../support/property.ts';

const folder = folderOfTests('chirality-edit-');
const service = new Service(resolve('dist/service.cjs'));
afterAll(() => service.dispose());

const whole = (i: number): Sample => {
  const question = i % 2 ? 'Is the cup left of the jug?' : 'Which is closer, the cup or the jug?';
  const sample = { id: `r${i}`, question, answer: i % 2 ? 'Yes' : 'the cup', images: [] };
  return { ...sample, variants: { mirror: mirrorSample(sample), polarity: flipPolarity(sample) } };
};
const text = (rows: readonly Sample[]) => rowLines(rows);

/** An editor on a file, as VS Code has it. */
async function edit(path: string) {
  const { document } = await AnnotatedDocument.open(Uri.file(path) as never, false, service, null);
  const steps: Change[] = [];
  document.onDidEdit((change) => steps.push(change));
  return {
    document,
    path,
    steps,
    queue: (variant: VariantName, filter = '') => document.queue({ filter, variant }),
    row: (row: number) => document.row(row),
    put: (row: number, id: string, path: string, value: unknown, typing = false) =>
      document.change({ row, id, changes: [{ path: [path], value }], label: path, typing }),
  };
}

function open(name: string, rows: readonly Sample[]) {
  const path = join(folder, name);
  writeFileSync(path, text(rows));
  return edit(path);
}

describe('annotation editor service', () => {
  test('lists rows without variants if the filter contains only ids', async () => {
    const bare = whole(2);
    delete bare.variants;
    const { queue } = await open('chosen.qa.jsonl', [whole(0), whole(1), bare]);
    expect([...(await queue('mirror', 'id in ("r0", "r2")')).rows!]).toEqual([0, 2]);
    expect([...(await queue('mirror', 'id in ("r0", "r2") and status = flipped')).rows!]).not.toContain(2);
  });

  test('rejects a decision on a text that has changed', async () => {
    const { document, row, put } = await open('stale.qa.jsonl', [whole(0)]);
    const { text: seen } = await row(0);
    await put(0, 'r0', 'answer', 'another');
    const decide = (text: string) => {
      const changes = [{ path: ['label_review'], value: { given: 'left', verdicts: [] } }];
      return document.change({
        row: 0,
        id: 'r0',
        changes,
        label: 'Confirm label',
        typing: false,
        seen: text,
      });
    };
    await expect(decide(seen)).rejects.toThrow('Row 1 changed while you were reviewing it');
    expect((await row(0)).row.sample).toMatchObject({ answer: 'another' });
    expect((await row(0)).text).not.toContain('label_review');
    await decide((await row(0)).text);
    expect((await row(0)).text).toContain('label_review');
  });

  test('updates an early backup after undo and redo', async () => {
    const { document, put, steps } = await open('backup.qa.jsonl', [whole(0)]);
    await put(0, 'r0', 'answer', 'another');
    const backup = join(folder, 'backup.json');
    await document.backup(backup);
    const kept = () => readFileSync(backup, 'utf8');
    expect(kept()).toContain('another');
    await steps[0]!.undo();
    await expect.poll(kept).not.toContain('another');
    await steps[0]!.redo();
    await expect.poll(kept).toContain('another');
  });

  test('accepts edits of a temporarily blank question, and lists the row with a placeholder', async () => {
    const { document, row, put } = await open('blank.qa.jsonl', [whole(0)]);
    for (const question of ['', ' ', ' W', ' Who is left?']) {
      await put(0, 'r0', 'question', question, true);
      expect((await row(0)).row.sample?.question).toBe(question);
      const [line] = await document.lines({ rows: [0], variant: 'mirror' });
      expect(line).toMatchObject({ id: 'r0', question: question.trim() === '' ? '…' : question });
    }
    document.dispose();
  });

  test('lists rows of converted labels by id and image, with their graph', async () => {
    const path = join(folder, 'coco.qa.jsonl');
    const argv = ['convert', 'test/fixtures/labels/coco.json', '-o', path];
    execFileSync(process.execPath, ['dist/cli.js', ...argv], { stdio: 'ignore' });
    const { document, row } = await edit(path);
    const [line] = await document.lines({ rows: [0], variant: 'mirror' });
    expect(line).toMatchObject({
      id: 'pictures/desk "a" & <b>',
      question: 'pictures/desk "a" & <b>',
      image: { ref: { path: expect.any(String) as string } },
    });
    const { sample, mirror } = (await row(0)).row;
    expect([sample!.question, mirror!.reason]).toEqual(['', 'The row needs a question and an answer.']);
    expect(sample!.scene_graph!.objects.length).toBeGreaterThan(1);
    document.dispose();
  });

  test('finds text typed immediately before the search', async () => {
    const { document, put } = await open('typed.qa.jsonl', [whole(0), whole(1)]);
    void put(1, 'r1', 'answer', 'unheard of', true);
    expect(await document.find({ row: 0, by: 1, text: 'unheard' })).toBe(1);
    document.dispose();
  });

  test('merges the edits of two windows on one file, and reports conflicting rows', async () => {
    const one = await open(
      'windows.qa.jsonl',
      Array.from({ length: 6 }, (_, i) => whole(i)),
    );
    const other = await edit(one.path);
    const answer = (at: typeof one, row: number, value: string) => at.put(row, `r${row}`, 'answer', value);
    await answer(one, 1, 'No');
    await answer(one, 4, 'the jug');
    await answer(other, 3, 'No');
    await answer(other, 4, 'neither');
    await one.document.save();
    expect(await service.call('changedOutside', one.document.opened)).toBe(false);
    expect(await service.call('changedOutside', other.document.opened)).toBe(true);
    const left: LeftOut[] = [];
    other.document.onDidLeaveOut((each) => left.push(each));
    await other.document.save();
    const kept = one.path.replace('.qa.', '.conflict.qa.');
    expect(left).toMatchObject([{ edits: 1, kept: { fsPath: kept } }]);
    expect((JSON.parse(readFileSync(kept, 'utf8')) as Sample).answer).toBe('neither');
    await one.document.merge();
    await answer(one, 0, 'the jug');
    await one.document.save();
    const rows = readFileSync(one.path, 'utf8').trim().split('\n');
    expect(rows.map((row) => (JSON.parse(row) as Sample).answer)).toEqual([
      'the jug',
      'No',
      'the cup',
      'No',
      'the jug',
      'Yes',
    ]);
    for (const { document } of [one, other]) document.dispose();
  });

  test('property: edit service: updates review counts to the counts of a fresh read', async () => {
    const action = fc.record({
      what: fc.constantFrom('accepted', 'discarded', 'type', 'add', 'undo', 'redo', 'save'),
      form: fc.constantFrom<VariantName>('mirror', 'polarity'),
      row: fc.nat({ max: 4 }),
    });
    await forAllAsync(
      [fc.array(action, { maxLength: 12 })],
      { numRuns: isSlow ? 40 : 8 },
      async (actions) => {
        const { document, path, steps, queue, ...on } = await open(
          'figures.qa.jsonl',
          [0, 1, 2, 3, 4].map(whole),
        );
        const undone: Change[] = [];
        for (const { what, form, row } of actions) {
          const { row: read, polarity } = await on.row(row);
          const { id } = read.sample!;
          if (what === 'accepted' || what === 'discarded') {
            const variant = form === 'mirror' ? read.mirror! : polarity!;
            if (what === 'accepted' && isUnwritten(read.sample!, form, variant)) continue;
            const changes = decisionChanges(
              { sample: read.sample!, view: form, variant },
              { kind: what === 'accepted' ? 'accept' : 'discard' },
              { at: '2026-01-01' },
            );
            await document.change({ row, id, changes, label: what, typing: false });
          } else if (what === 'type') await on.put(row, id, 'answer', `${read.sample!.answer}.`, true);
          else if (what === 'add') await document.addCopy(row);
          else if (what === 'save') await document.save();
          else {
            const [from, to] = what === 'undo' ? [steps, undone] : [undone, steps];
            const step = from.pop();
            if (step) to.push(step);
            await (what === 'undo' ? step?.undo() : step?.redo());
          }
          if (!['undo', 'redo', 'save'].includes(what)) undone.length = 0;
          await queue(form);
        }
        const counted = [await queue('mirror'), await queue('polarity')];
        await document.save();
        const rows = readFileSync(path, 'utf8').trim().split('\n');
        const fresh = await open(
          'fresh.qa.jsonl',
          rows.map((line) => JSON.parse(line) as Sample),
        );
        expect(counted).toEqual([await fresh.queue('mirror'), await fresh.queue('polarity')]);
        document.dispose();
        fresh.document.dispose();
      },
    );
  });

  slowly('filters many rows by the variant under review', async () => {
    const rows = Array.from({ length: 1100 }, (_, i) => {
      const row = whole(i);
      if (i % 500 === 499) row.variants!.polarity!.review = { state: 'pending' };
      return row;
    });
    const { document, queue } = await open('many.qa.jsonl', rows);
    expect([...(await queue('polarity', 'state = pending')).rows!]).toEqual([499, 999]);
    expect([...(await queue('mirror', 'state = pending')).rows!]).toEqual([]);
    expect((await queue('mirror', 'jug')).rows).toHaveLength(1100);
    await expect(queue('mirror', 'stat = x')).rejects.toThrow('state');
    document.dispose();
  });

  test('updates variants by rules with the row, and restores a decision with its text', async () => {
    const accepted = whole(1);
    accepted.variants!.mirror!.review = { state: 'accepted' };
    const written = whole(1);
    Object.assign(written.variants!.mirror!, { route: 'human', review: { state: 'edited' } });
    const { document, row, put } = await open('rules.qa.jsonl', [whole(1), accepted, written]);
    const own = (await row(1)).row.sample!.question;
    const type = async (question: string) => {
      for (const at of [0, 1, 2]) await put(at, 'r1', 'question', question);
      return Promise.all([0, 1, 2].map(row));
    };
    const lines = async () =>
      (await document.lines({ rows: [0, 1, 2], variant: 'mirror' })).map(({ state }) => state);
    const first = await lines();
    const rows = await type('Is the cup right of the bowl?');
    expect(rows.map(({ row }) => row.mirror!.question)).toEqual([
      'Is the cup left of the bowl?',
      'Is the cup left of the bowl?',
      written.variants!.mirror!.question,
    ]);
    expect(rows.map(({ polarity }) => polarity!.question)).toEqual(
      Array(3).fill('Is the cup left of the bowl?'),
    );
    expect(await lines()).toEqual(['flipped', 'older', 'older']);
    // The checks of the text that somebody wrote ran again, on the new question.
    expect(rows[2]!.row.mirror!.checks).toMatchObject({ pair_words_only: 'fail' });
    for (const { row } of rows) expect(inView(row.sample!, 'mirror') === null).toBe(row !== rows[0]!.row);
    expect((await type(own)).map(({ row }) => row.mirror!.question)).toEqual(
      [accepted, accepted, written].map(({ variants }) => variants!.mirror!.question),
    );
    expect(await lines()).toEqual(first);
    document.dispose();
  });
});
