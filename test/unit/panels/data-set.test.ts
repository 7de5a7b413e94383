import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { auditShortcuts } from '../../support/shortcuts.ts';
import type { DataProgress, DataSummary } from '../../../src/panels/dataset/dataset.contract.ts';
import type { Sample } from '../../../src/rows/sample/sample.ts';
import { mirrorSample } from '../../../src/rows/views/mirror/mirror-sample.ts';
import { DataSets } from '../../../src/panels/dataset/dataset.reads.ts';
import { PairRows } from '../../../src/panels/data-rows.reads.ts';
import { quiet } from '../../support/call.ts';
import { slowly } from '../../support/slow.ts';
import { folderOfTests } from '../../support/folder.ts';

let folder: string;
let path: string;
let service: DataSets['api'];
beforeEach(async () => {
  folder = folderOfTests('chirality data ü ');
  path = join(folder, 'a.qa.jsonl');
  service = new DataSets(new PairRows()).api;
});
afterEach(async () => {
  await service.closeData({ file: 7 });
});

const row = (id: number, change: Partial<Sample> = {}): Sample => ({
  id: `${id}`,
  question: 'Is the cup left of the box?',
  answer: 'yes',
  images: [`${id}.png`],
  task: 'yesno',
  ...change,
});
const write = (rows: readonly unknown[]) =>
  writeFile(path, rows.map((r) => (typeof r === 'string' ? r : JSON.stringify(r))).join('\n'));
const open = () => service.openData({ file: 7, path }, quiet);
const barsOf = ({ facets }: DataSummary, title: string) =>
  Object.fromEntries(
    facets.find((f) => f.title === title)?.bars.map(({ label, count }) => [label, count]) ?? [],
  );
async function keep(summary: DataSummary, bars: Record<string, string>, text = ''): Promise<number[]> {
  const chosen = Object.fromEntries(
    Object.entries(bars).map(([title, label]) => [
      title,
      summary.facets.find((f) => f.title === title)!.bars.find((bar) => bar.label === label)!.code,
    ]),
  );
  return [...(await service.dataRows({ file: 7, filter: { chosen, text } }, quiet))];
}

describe('dataset service', () => {
  test('distinguishes rows with missing texts from unreadable rows', async () => {
    await write([row(1, { question: '', answer: '' }), 'broken']);
    expect(barsOf(await open(), 'Unusable rows')).toEqual({ 'missing texts': 1, unreadable: 1 });
  });

  test('counts rows, and filters the rows by bar and by text', async () => {
    const mcq = { task: 'mcq', question: 'Which side?', choices: ['left', 'right'] } as const;
    const undecided = { status: 'needs_llm' as const, route: 'rules' as const, rules: [], checks: {} };
    await write([
      row(1),
      row(2, {
        answer: 'No, it is not.',
        variants: { mirror: { ...undecided, question: 'Is it left?', answer: 'No.' } },
      }),
      '',
      row(3, { ...mcq, choices: [...mcq.choices], answer: 'B' }),
      'broken',
      row(1),
      row(5, {
        ...mcq,
        choices: [...mcq.choices],
        answer: 'left',
        question: 'Which side, Überall?',
        meta: { question_type: 'perspective' },
      }),
    ]);
    const summary = await open();
    expect(summary).toMatchObject({ rows: 6, bad: 1, duplicates: 1, pictures: 4 });
    expect(summary).toMatchObject({
      mirrors: { mirrored: 0, unchanged: 0, deferred: 1, discarded: 0 },
      sides: { original: { left: 1, right: 1 }, mirror: null },
    });
    expect(barsOf(summary, 'Unusable rows')).toEqual({ unreadable: 1 });
    expect(await keep(summary, { 'Unusable rows': 'unreadable' })).toEqual([3]);
    expect(barsOf(summary, 'Task')).toEqual({ 'yes or no': 3, choice: 2 });
    expect(barsOf(summary, 'Kind of question')).toEqual({ 'yes or no': 3, choice: 1, perspective: 1 });
    expect(barsOf(summary, 'Answer')).toEqual({ yes: 2, no: 1, b: 1, left: 1 });
    expect(barsOf(summary, 'Correct choice')).toEqual({ A: 1, B: 1 });
    expect(barsOf(summary, 'Side in answer')).toEqual({ left: 1, right: 1 });
    expect(barsOf(summary, 'Words in question')).toEqual({ '1–5': 2, '6–10': 3 });
    expect(barsOf(summary, 'Repeated rows')).toEqual({ repeated: 1 });
    expect(barsOf(summary, 'Mirror')).toEqual({ deferred: 1 });

    expect(await keep(summary, {})).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await keep(summary, { Task: 'yes or no' })).toEqual([0, 1, 4]);
    expect(await keep(summary, { Task: 'yes or no', Answer: 'no' })).toEqual([1]);
    expect(await keep(summary, {}, 'ÜBERALL side')).toEqual([5]);
    expect(await keep(summary, { Task: 'yes or no' }, 'überall')).toEqual([]);

    const cards = await service.dataCards({ file: 7, rows: [5, 2, 3], place: null });
    expect(cards.map(({ line, answer }) => [line, answer])).toEqual([
      [7, 'left'],
      [4, 'B'],
      [5, ''],
    ]);
    expect(cards[2]!.question).toContain('Not valid JSON');
  });

  test('tells that only the reasoning of a mirror changes', async () => {
    const sample: Sample = {
      id: '0',
      question: 'Which colour is the cup?',
      answer: 'red',
      reasoning: 'The cup is on the left. It is red.',
      images: ['0.png'],
    };
    await write([{ ...sample, variants: { mirror: mirrorSample(sample) } }]);
    const summary = await open();
    expect(summary.mirrors).toMatchObject({ mirrored: 1, unchanged: 0 });
    expect(barsOf(summary, 'Reason for deferring or discarding')).toEqual({});
    const [card] = await service.dataCards({ file: 7, rows: [0], place: null });
    expect(card!.mirror).toMatchObject({ state: 'mirrored', why: 'only in the reasoning' });
  });

  test('shows each row next to its mirror, and counts both views', async () => {
    const asked = {
      mirrored: ['On which side of the jug is the cup?', 'left'],
      unchanged: ['Which colour is the cup?', 'red'],
      deferred: ['What is left of the cake?', 'nothing'],
      discarded: ['Which letter is written on the sign?', 'B'],
    } as const;
    const states = Object.keys(asked) as (keyof typeof asked)[];
    const rows = Array.from({ length: 1000 }, (_, i) => {
      const [question, answer] = asked[states[i % 4]!];
      const sample: Sample = { id: `${i}`, question, answer, images: [`${i}.png`] };
      return { ...sample, variants: { mirror: mirrorSample(sample) } };
    });
    await write(rows);
    const summary = await open();
    const all = Object.fromEntries(states.map((state) => [state, 250]));
    expect(summary.mirrors).toEqual(all);
    const labels = ['text changed', 'text unchanged', 'deferred', 'discarded'];
    expect(barsOf(summary, 'Mirror')).toEqual(Object.fromEntries(labels.map((label) => [label, 250])));
    expect(summary.sides).toEqual({ original: { left: 250, right: 0 }, mirror: { left: 0, right: 250 } });
    expect(Object.values(barsOf(summary, 'Reason for deferring or discarding'))).toEqual([250, 250]);
    const places = Array.from({ length: 1000 }, (_, i) => i);
    const cards = await service.dataCards({ file: 7, rows: places, place: null });
    for (const [i, { question, answer, mirror }] of cards.entries()) {
      const state = states[i % 4]!;
      expect([question, answer]).toEqual(asked[state]);
      expect(mirror).toMatchObject({ state, question });
      expect(mirror!.answer).toBe(state === 'mirrored' ? 'right' : answer);
      expect(mirror!.why === '').toBe(i % 4 < 2);
    }
    for (const [i, label] of labels.entries())
      expect(await keep(summary, { Mirror: label })).toEqual(places.filter((place) => place % 4 === i));
  });

  test('counts the rows whose mirror a person reviewed', async () => {
    const states = [undefined, 'pending', 'accepted', 'edited', 'discarded', 'accepted'] as const;
    await write(
      states.map((state, i) => {
        const sample = row(i);
        const mirror = mirrorSample(sample);
        return { ...sample, variants: { mirror: { ...mirror, ...(state && { review: { state } }) } } };
      }),
    );
    expect((await open()).reviewed).toBe(4);
  });

  test('shows who discarded a mirror, and why', async () => {
    const mirror = mirrorSample(row(0));
    await write(
      [
        { ...mirror, review: { state: 'discarded' } },
        { ...mirror, review: { state: 'discarded', note: 'The ball is hidden.' } },
        { ...mirror, reason: '"left" can mean a side', review: { state: 'discarded' } },
        { ...mirror, status: 'discard', reason: 'The question asks for text in the image.' },
        { ...mirror, review: { state: 'pending' } },
      ].map((variant, i) => ({ ...row(i), variants: { mirror: variant } })),
    );
    await open();
    const cards = await service.dataCards({ file: 7, rows: [0, 1, 2, 3, 4], place: null });
    expect(cards.map((card) => [card.mirror!.state, card.mirror!.why])).toEqual([
      ['discarded', 'discarded in review'],
      ['discarded', 'discarded in review: The ball is hidden.'],
      ['discarded', 'discarded in review: "left" can mean a side'],
      ['discarded', 'The question asks for text in the image.'],
      ['deferred', 'waiting for review'],
    ]);
  });

  test('shows cards after the first rows, and delays cards of unread rows', async () => {
    await write(Array.from({ length: 1200 }, (_, i) => row(i)));
    const said: string[] = [];
    const cards = (rows: number[]) => service.dataCards({ file: 7, rows, place: null });
    const first = await new Promise<DataProgress>((resolve) => {
      const call = { signal: new AbortController().signal, onProgress: resolve };
      void service.openData({ file: 7, path }, call).then(({ rows }) => said.push(`all ${rows}`));
    });
    expect(first).toMatchObject({ share: 0, summary: { rows: 500, facets: [] } });
    const last = cards([1199]).then(([card]) => said.push(`line ${card!.line}`));
    const [card] = await cards([499]);
    expect([card!.line, said]).toEqual([500, []]);
    await last;
    expect(said).toEqual(['all 1200', 'line 1200']);
    expect(await cards([499, 500])).toMatchObject([{ line: 500 }, { line: 501 }]);
  });

  test('merges rare answers to one bar, which filters exactly those rows', async () => {
    const rows = Array.from({ length: 40 }, (_, i) =>
      row(i, { task: 'open', answer: i < 20 ? `often ${i % 5}` : `once ${i}` }),
    );
    await write(rows);
    const summary = await open();
    const bars = barsOf(summary, 'Answer');
    expect(Object.keys(bars)).toHaveLength(10);
    expect(bars['other values']).toBe(16);
    const shown = new Set(Object.keys(bars));
    const others = rows.flatMap(({ answer }, i) => (shown.has(answer) ? [] : [i]));
    expect(await keep(summary, { Answer: 'other values' })).toEqual(others);
  });

  test('the dataset service returns the same audit as the command line', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => ({
      ...row(i, {
        task: 'mcq',
        question: 'On which side of the box is the cup?',
        choices: ['left', 'right'],
      }),
      answer: i % 3 ? 'left' : 'right',
    }));
    await write(rows);
    expect(await open()).toMatchObject({ audit: null });
    const audit = await service.dataAudit({ file: 7 }, quiet);
    expect(audit).toEqual({ rows: 30, parts: [...auditShortcuts(rows)] });
    expect(audit.parts[0]![1]).toMatchObject({ original: 2 / 3, mirror: 1 / 3 });
  });

  slowly('searches rows while an audit runs', async () => {
    await write(Array.from({ length: 400 }, (_, i) => row(i)));
    const summary = await open();
    const said: string[] = [];
    await Promise.all([
      service.dataAudit({ file: 7 }, quiet).then(() => said.push('audited')),
      keep(summary, { Answer: 'yes' }, 'cup').then(() => said.push('found')),
    ]);
    expect(said).toEqual(['found', 'audited']);
  });

  test('reads rows at the old offsets while another program replaces the file', async () => {
    await write([row(1), row(2)]);
    await open();
    await writeFile(`${path}.new`, `${' '.repeat(99)}\n${await readFile(path, 'utf8')}`);
    await rename(`${path}.new`, path);
    expect(await service.dataCards({ file: 7, rows: [1], place: null })).toMatchObject([
      { line: 2, answer: 'yes' },
    ]);
  });

  test('keeps the file open after a cancelled or a finished search', async () => {
    await write(['\uFEFF' + JSON.stringify(row(0)), ...Array.from({ length: 2000 }, (_, i) => row(i + 1))]);
    const summary = await open();
    const stop = new AbortController();
    const left = { signal: stop.signal, onProgress: () => stop.abort() };
    const filter = { chosen: {}, text: 'cup' };
    await expect(service.dataRows({ file: 7, filter }, left)).rejects.toMatchObject({ name: 'AbortError' });
    expect(await keep(summary, {}, 'cup')).toHaveLength(2001);
    expect(await service.dataCards({ file: 7, rows: [0], place: null })).toMatchObject([{ answer: 'yes' }]);
  });

  test('releases the file if its opening is cancelled', async () => {
    await write(Array.from({ length: 2000 }, (_, i) => row(i)));
    const shares: number[] = [];
    const stop = new AbortController();
    const onProgress = ({ share }: DataProgress) => {
      shares.push(share);
      stop.abort();
    };
    const left = { signal: stop.signal, onProgress };
    await expect(service.openData({ file: 7, path }, left)).rejects.toMatchObject({ name: 'AbortError' });
    expect(shares).toHaveLength(1);
    await expect(service.dataCards({ file: 7, rows: [0], place: null })).rejects.toThrow('no longer open');
    await expect(service.openData({ file: 8, path: join(folder, 'no') }, quiet)).rejects.toThrow('ENOENT');
  });
});
