import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { addReviewCommand } from '../../../../src/cli/commands/review.command.ts';
import { mirrorSample } from '../../../../src/rows/views/mirror/mirror-sample.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { runCommand } from '../../../support/command.ts';
import { folderOfEachTest } from '../../../support/folder.ts';

let path = '';
let folder = '';
folderOfEachTest('review-cli-', (made) => (folder = made));
beforeEach(async () => {
  path = join(folder, 'data.qa.jsonl');
  const rows = ['What is left of the cake?', 'Is it left of the cup?', 'How far is it?'].map(
    (question, i) => {
      const sample: Sample = { id: `r${i}`, question, answer: 'Yes', images: [] };
      return `${JSON.stringify({ ...sample, variants: { mirror: mirrorSample(sample) } })}\n`;
    },
  );
  await writeFile(path, `${rows.join('')}no json\n`);
});

const review = (...args: string[]) => runCommand(addReviewCommand, 'review', path, ...args);

const read = async () =>
  (await readFile(path, 'utf8'))
    .split('\n')
    .slice(0, 3)
    .map((line) => (JSON.parse(line) as Sample).variants!.mirror!);

it('review: applies decisions by id in one write', async () => {
  const { err } = await review(
    ...[
      '--accept',
      'r0',
      'r2',
      '--although',
      'side_changed',
      '--discard',
      'r1',
      '--by',
      'mira',
      '--note',
      'looked',
    ],
  );
  expect((await read()).map(({ review: r }) => [r!.state, r!.by, r!.note])).toEqual([
    ['accepted', 'mira', 'looked'],
    ['discarded', 'mira', 'looked'],
    ['accepted', 'mira', 'looked'],
  ]);
  expect(err.join('\n')).toContain(
    '3 of 3 rows reviewed\n2 accepted, 0 edited, 1 discarded, 0 pending\naccepted without edits (95% interval)\n  rules 1 of 2 (0.3–99.7%)\n  rules (deferred) 1 of 1 (2.5–100.0%)',
  );
  expect(err.join('\n')).toContain('Kept 1 line that could not be read as rows.');
  await review('--by', 'mira', '--reopen', 'r1', '--edit', 'r0={"question": "What remains of the cake?"}');
  expect((await read()).map(({ review: r, question }) => [r?.state, question])).toMatchObject([
    ['edited', 'What remains of the cake?'],
    [undefined, 'Is it right of the cup?'],
    ['accepted', 'How far is it?'],
  ]);
});

it('review: lists rows as a table and as JSON', async () => {
  const { out, err } = await review('--where', 'status = needs_llm or status = invariant');
  expect(out[0]!.split('\n').map((line) => line.split(/ {2,}/).slice(0, 5))).toEqual([
    ['id', 'state', 'status', 'route', 'not passed'],
    ['r0', 'pending', 'deferred', 'rules', 'at least one side word changes'],
    ['r2', 'none', 'unchanged', 'rules', expect.any(String)],
  ]);
  expect(err.join('\n')).toContain('--accept r0 --although side_changed\n');
  expect(err.join('\n')).toContain('0 of 1 row reviewed, 2 need no review');
  const json = await review('--json', '--where', 'cup');
  expect(json.out.map((line) => JSON.parse(line) as object)).toMatchObject([
    { id: 'r1', state: 'none', older: null, route: 'rules', failed: [], variant: { status: 'flipped' } },
    { summary: { rows: 1, pending: 1, none: 2, unreadable: 1 } },
  ]);
});

it('review --although: accepts and marks an unchanged text despite a check', async () => {
  await expect(review('--accept', 'r0')).rejects.toThrow(
    'the text has the same sides as the original. Edit the mirror',
  );
  expect((await read())[0]!.review).toBeUndefined();
  await expect(review('--discard', 'r0', '--although', 'side_changed')).rejects.toThrow('requires --accept');
  await review('--accept', 'r0', 'r1', '--although', 'side_changed', '--by', 'mira');
  expect((await read()).map(({ review: r }) => r?.although)).toEqual([
    ['side_changed'],
    undefined,
    undefined,
  ]);
  const { out } = await review('--where', 'state = accepted');
  expect(out[0]).toContain('accepted despite a check');
  const { out: kept } = await review('--json', '--where', 'although contains side_changed');
  expect(JSON.parse(kept[0]!)).toMatchObject({ id: 'r0', although: ['side_changed'] });
});

it('review: returns a row to pending after a change of its text', async () => {
  await review('--accept', 'r1', '--by', 'mira');
  const text = await readFile(path, 'utf8');
  await writeFile(
    path,
    text.replace('"question":"Is it left of the cup?"', '"question":"Is it left of the jug?"'),
  );
  const { out, err } = await review('--where', 'state = pending');
  expect(out[0]).toContain('pending (accepted for an older text)');
  expect(err.join('\n')).toContain('0 accepted, 0 edited, 0 discarded, 2 pending');
  const { out: rows } = await review('--json', '--where', 'text = older');
  expect(JSON.parse(rows[0]!)).toMatchObject({
    id: 'r1',
    older: { question: 'Is it left of the cup?', answer: 'Yes' },
  });
  await writeFile(path, text);
  expect((await review('--json', '--where', 'state = accepted')).out).toHaveLength(2);
});

it('review: changes nothing if an argument is invalid', async () => {
  const before = await readFile(path, 'utf8');
  await expect(review('--accept', 'r0', 'nobody')).rejects.toThrow('Cannot find row nobody.');
  await expect(review('--accept', 'r0', '--discard', 'r0')).rejects.toThrow('Row "r0" has two decisions');
  await expect(review('--edit', 'r0={"answer": 3}')).rejects.toThrow('must be an object with question');
  await expect(review('--edit', 'r0')).rejects.toThrow('--edit must be');
  await expect(review('--where', 'colour = red')).rejects.toThrow('--where: ');
  await expect(review('--view', 'polarity', '--accept', 'r0')).rejects.toThrow(
    'has no rows with a polarity to review',
  );
  expect(await readFile(path, 'utf8')).toBe(before);
});

it('review: keeps decisions of all reviewers, and waits until different decisions are settled', async () => {
  const although = ['--although', 'side_changed'];
  await review('--accept', 'r0', 'r1', 'r2', ...although, '--by', 'mira');
  const { err } = await review(
    ...['--accept', 'r0', ...although, '--discard', 'r1', '--by', 'jon', '--note', 'wrong side'],
  );
  expect(
    (await read()).map(({ review: r }) => [r!.state, r!.decisions?.map(({ by, state }) => [by, state])]),
  ).toEqual([
    [
      'accepted',
      [
        ['mira', 'accepted'],
        ['jon', 'accepted'],
      ],
    ],
    [
      'pending',
      [
        ['mira', 'accepted'],
        ['jon', 'discarded'],
      ],
    ],
    ['accepted', undefined],
  ]);
  expect(err.join('\n')).toContain('jon and mira: κ 0.00');
  const { out } = await review('--where', 'people = disagree', '--json');
  expect(JSON.parse(out[0]!)).toMatchObject({ id: 'r1', consensus: 'disagree' });
  await expect(review('--settle', 'r1=ann', '--by', 'mira')).rejects.toThrow('ann has not decided');
  await expect(review('--settle', 'r0=jon', '--by', 'mira')).rejects.toThrow('Reviewers do not disagree');
  await review('--settle', 'r1=jon', '--by', 'mira');
  const [, settled] = await read();
  expect(settled!.review).toMatchObject({
    state: 'discarded',
    by: 'mira',
    decisions: [{}, { why: 'wrong side' }],
  });
});
