import { appendFile, cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readDebugLog } from '../../../../src/lab/foreign/values/debug-log-values.ts';
import { findForeign } from '../../../../src/lab/foreign/find.ts';
import { findSource } from '../../../../src/lab/foreign/known.ts';
import { NO_INTERPRETATION } from '../../../../src/core/run-data/interpretation.ts';
import { ForeignRun } from '../../../../src/lab/foreign/foreign-run.ts';
import { folderOfTests } from '../../../support/folder.ts';
import { forAll } from '../../../support/property.ts';

const FIXTURES = new URL('../../../fixtures/foreign-runs/', import.meta.url).pathname;
const scratch = folderOfTests('debug-log-');
const fields = (state: Awaited<ReturnType<ForeignRun['read']>>) =>
  state.origin.missing.map(({ field }) => field);

test('R1-V: groups by time and reference, without question, image and step', async () => {
  const dir = join(FIXTURES, 'r1-v');
  const run = new ForeignRun(dir, { ...NO_INTERPRETATION, right: 'accuracy' });
  const state = await run.read();
  expect(state.origin).toMatchObject({ kind: 'r1-v', version: null, group_size: { from: 'groups' } });
  expect(state.proposed).toBe('accuracy');
  expect(fields(state)).toEqual(['trace.step', 'trace.advantage', 'trace.images', 'trace.reward', 'what_if']);
  const [first, second, ...others] = await state.batches[0]!.pairs();
  expect([others.length, first!.step, first!.views[0]!.question]).toEqual([0, 0, '']);
  expect(first!.views[0]!.group.map(({ right }) => right)).toEqual([false, true, false, true]);
  expect(first!.views[0]!.group[0]!.segments[0]!.text).toBe(
    '<think>The first thing\nis nearer.</think>\n<answer>left</answer>',
  );
  expect(second!.views[0]!.answer).toBe('<answer> yellow-ball </answer>');
  expect(state.problems).toEqual([]);
});

test('VLM-R1: reads image, question and format from a folder or file, with uncertain groups', async () => {
  const dir = join(FIXTURES, 'vlm-r1');
  const file = join(dir, 'debug_log.2026-11-21-01-30-00.txt');
  for (const source of [dir, file]) {
    expect(await findSource(source)).toEqual({ dir: source });
    const run = new ForeignRun(source);
    const state = await run.read();
    expect(state.origin.kind).toBe('vlm-r1');
    expect(state.origin.notes.join()).toContain('the boundaries of groups are uncertain');
    const pairs = await state.batches[0]!.pairs();
    expect(pairs.map(({ views }) => [views[0]!.images, views[0]!.group.length])).toEqual([
      [['worlds/images/000001.png'], 3],
      [['worlds/images/000002.png'], 3],
    ]);
    const [view] = pairs[0]!.views;
    expect(pairs[0]!.group_uncertain).toBe(true);
    expect(view!.question).toMatch(/^Please provide the bounding box .*: green-ball\.$/);
    expect(view!.answer).toBe('[46, 28, 63, 44]');
    expect(view!.group[0]).toMatchObject({
      rewards: { accuracy: { value: 0.19718309859154934 }, format: { value: 1 } },
      reward: null,
      advantage: null,
    });
  }
  const [found] = await findForeign([dir]);
  expect(found!.holds).toContain('VLM-R1 or R1-V · 2 debug logs');
});

const block = (micros: number, content: string, solution: string) =>
  `------------- 21-01-59-03-${String(micros).padStart(6, '0')} Accuracy reward: 1.0 -------------\nimage_path: ["it's 1.png", 'b.png']\nproblem: Where?\nExactly?\nContent: ${content}\nSolution: ${solution}\n`;

test('readDebugLog skips and counts interleaved blocks, and parses Python lists', () => {
  const whole = block(1, 'a\nb', 'left');
  const [heading, ...rest] = block(2, 'c', 'right').split('\n');
  const log = readDebugLog(`${whole}${heading}\n${block(3, 'd', 'up')}${rest.join('\n')}${whole}`, '');
  expect(log.rows.map(({ completion }) => completion)).toEqual(['a\nb', 'a\nb']);
  expect([log.damaged, log.firstDamaged]).toEqual([2, 8]);
  expect(log.rows[0]).toMatchObject({ images: ["it's 1.png", 'b.png'], reference: 'left' });
});

test('property: readDebugLog: returns a prefix of the rows of a truncated log', () => {
  const text = [block(1, 'a', 'left'), block(2, 'b\n\nc', 'right\nup'), block(3, 'd', 'e')].join('');
  const whole = readDebugLog(text, '').rows.map(({ completion }) => completion);
  forAll([fc.nat(text.length)], (at) => {
    const { rows, damaged } = readDebugLog(text.slice(0, at), '');
    expect(damaged).toBe(0);
    expect(rows.map(({ completion }) => completion)).toEqual(whole.slice(0, rows.length));
  });
});

test('ForeignRun reads curves from the trainer state next to a debug log', async () => {
  const dir = join(scratch, 'curves');
  await cp(join(FIXTURES, 'r1-v'), dir, { recursive: true });
  await cp(join(FIXTURES, 'trl-1.16/checkpoint-4/trainer_state.json'), join(dir, 'trainer_state.json'));
  expect((await new ForeignRun(dir).read()).metrics.get(1)).toMatchObject({
    group_reward_std: 0.020054707303643227,
  });
});

test('ForeignRun reads a growing debug log, and reports file and line of a damaged block', async () => {
  const dir = join(scratch, 'grows');
  await cp(join(FIXTURES, 'r1-v'), dir, { recursive: true });
  const file = join(dir, 'debug_log_2b.txt');
  const whole = await readFile(file, 'utf8');
  await writeFile(file, whole.slice(0, 500));
  const run = new ForeignRun(dir);
  const count = async () =>
    (await run.read()).batches.flatMap(({ groups }) => groups.map(({ at }) => at.length));
  const early = await count();
  await appendFile(file, whole.slice(500));
  expect([early, await count()]).toEqual([[2], [4, 4]]);
  await appendFile(file, whole.split('\n').slice(0, 2).join('\n') + '\n' + whole);
  expect((await run.read()).problems).toEqual([
    'debug_log_2b.txt: 1 block unreadable, because processes wrote at the same time. The first block starts on line 41.',
  ]);
});
