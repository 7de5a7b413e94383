// Training against time: partners of clips, counterfactuals and shuffled frames, against an engine that is scripted.
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderOfTests } from '../../../support/folder.ts';
import { checkScripted, trainScripted } from './scripted-training.ts';
import { rowLines } from '../../../support/rows.ts';

const folder = folderOfTests('chirality-clips-');
const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const frames = ['f1.png', 'f2.png', 'f3.png', 'f4.png'];
await writeFile(join(folder, frames[0]!), pixel);
for (const frame of frames.slice(1)) await copyFile(join(folder, frames[0]!), join(folder, frame));
const clip = { fps: 4 };
const moves = {
  id: 'moves',
  question: 'Does the red cube move to the left or to the right?',
  answer: 'left',
  choices: ['left', 'right'],
  images: frames,
  clip,
};
const says = {
  id: 'says',
  question: 'Does the red cube move to the left?',
  answer: 'Yes',
  images: frames,
  clip,
};
const stays = { id: 'stays', question: 'How many cups are there?', answer: '3', images: frames, clip };
/** An open question of an event: what it becomes in reverse is not known. */
const open = { id: 'open', question: 'Why does the man leave?', answer: 'He is late', images: frames, clip };
const still = { id: 'still', question: 'How many cups are there?', answer: '3', images: [frames[0]!] };
const said = (...answers: string[]) => answers.map((answer) => `<answer>${answer}</answer>`);
const rewards = { format: { weight: 0 }, semantic: { weight: 0 }, accuracy: { weight: 1 } };

async function withRows<T>(
  rows: object[],
  work: (change: object) => Promise<T>,
  change: object = {},
): Promise<T> {
  await writeFile(join(folder, 'rows.qa.jsonl'), rowLines(rows));
  const data = { train: join(folder, 'rows.qa.jsonl'), root: folder, order: 'as_given' };
  return work({ data, rewards, batch: { rows: rows.length }, ...change });
}
const train = (rows: object[], answers: string[][], change: object) =>
  withRows(rows, (base) => trainScripted(folder, { answers: (prompt) => answers[prompt]! }, base), change);
const check = (rows: object[], change: object) =>
  withRows(rows, (base) => checkScripted(folder, base), change);

const numbers = ({ pairs }: Awaited<ReturnType<typeof train>>) =>
  pairs.map(({ views }) => views.map(({ group }) => group.map(({ reward }) => reward)));
const shown = ({ pairs }: Awaited<ReturnType<typeof train>>) =>
  pairs.map(({ views }) =>
    views.map(({ view, question, answer, images }) => [view, question, answer, images.join(' ')]),
  );

describe('partner views of a clip', () => {
  const signal = { coupling: { signal: 'accuracy' } };

  it('partner views of a clip are reverse and mirror, rewritten by rules, with ordered frames', async () => {
    const rows = [moves, says];
    const run = async (view: string) =>
      shown(
        await train(
          rows,
          Array.from({ length: 4 }, () => said('left', 'right')),
          { views: { use: [view] }, ...signal },
        ),
      );
    const [forth, back] = [frames.join(' '), frames.toReversed().join(' ')];
    const original = (row: typeof moves | typeof says) => ['original', row.question, row.answer, forth];
    expect(await run('reverse')).toEqual([
      [original(moves), ['reverse', moves.question, 'right', back]],
      [original(says), ['reverse', 'Does the red cube move to the right?', 'Yes', back]],
    ]);
    expect(await run('mirror+reverse')).toEqual([
      [
        original(moves),
        ['mirror+reverse', 'Does the red cube move to the right or to the left?', 'left', back],
      ],
      [original(says), ['mirror+reverse', says.question, 'Yes', back]],
    ]);
  });

  it('partner views of a clip are coupled by Δ like mirrors', async () => {
    const { pairs } = await train([moves], [said('left', 'left', 'left', 'right'), said('left', 'right')], {
      views: { use: ['reverse'] },
      ...signal,
    });
    // Three of four are right forwards, one of two backwards: Δ = 0.25.
    expect(pairs[0]).toMatchObject({ delta: 0.25, penalised: 'original', verdict: 'only_original' });
    expect(pairs[0]!.views[0]!.group.map(({ penalty }) => penalty)).toEqual([0.25, 0.25, 0.25, 0]);
  });

  it('counts clip partners as missing for single images and if the rules abstain', async () => {
    const views = { use: ['reverse', 'mirror+reverse'] };
    const { found } = await check([moves, open, still], { views, ...signal });
    expect(found).toMatchObject({ rows: 3, paired: 1, 'paired/reverse': 1, 'paired/mirror+reverse': 1 });
    const { pairs } = await train(
      [open, moves],
      [said('x', 'y'), said('left', 'left'), said('left', 'left')],
      { views, ...signal },
    );
    expect(pairs.map(({ views: { length }, delta }) => [length, delta])).toEqual([
      [1, null],
      [2, 1],
    ]);
  });
});

describe('a counterfactual (coupling.mode: relation)', () => {
  const relation = { views: { use: ['reverse'] }, coupling: { mode: 'relation', signal: 'accuracy' } };

  it('keeps the question, adds "none of the above", and rewards a change with the images', async () => {
    const run = await train(
      [moves],
      [said('left', 'right', 'left', 'left'), said('right', 'None of the above', 'left', 'nonsense')],
      relation,
    );
    const [forth, back] = [frames.join(' '), frames.toReversed().join(' ')];
    expect(shown(run)).toEqual([
      [
        ['original', moves.question, 'left', forth],
        ['reverse', moves.question, 'right', back],
      ],
    ]);
    // Right: 3 of 4. Behave: "right" and "none", 2 of 4; "left" stays, and what is no option says nothing.
    expect(numbers(run)).toEqual([
      [
        [1.5, 0, 1.5, 1.5],
        [1.75, 1.75, 0, 0],
      ],
    ]);
    const [pair] = run.pairs;
    expect(pair).toMatchObject({ changes: true, behaving: 2, delta: null, penalised: null, effect: null });
    // Only "right" is the right answer there.
    expect(pair!.views[1]!.group.map(({ right, behaves }) => [right, behaves])).toEqual([
      [true, true],
      [false, true],
      [false, false],
      [false, false],
    ]);
    expect(pair!.verdict).toBe('only_original');
    expect(run.metrics[0]).toMatchObject({ 'spatial/behaving': 0.5, 'spatial/delta': null });
    expect(run.metrics[0]).not.toHaveProperty('spatial/penalised_original');
  });

  it('rewards a constant answer where no change is right, and a yes that becomes a no', async () => {
    const run = await train(
      [stays, says],
      [said('3', '3'), said('3', '4'), said('Yes', 'No'), said('No', 'No')],
      relation,
    );
    expect(numbers(run)).toEqual([
      [
        [1.5, 1.5],
        [2, 0],
      ],
      [
        [2, 0],
        [1.5, 1.5],
      ],
    ]);
    expect(run.pairs.map(({ changes, views }) => [changes, views[1]!.answer])).toEqual([
      [false, '3'],
      [true, 'No'],
    ]);
  });

  it('counts a counterfactual as missing if the rules abstain', async () => {
    const { found, warnings } = await check([moves, open], relation);
    expect(found).toMatchObject({ rows: 2, paired: 1 });
    expect(warnings).toEqual([
      expect.stringContaining('1 of 2 rows have no counterfactual, because the rules'),
    ]);
    await expect(check([open, still], relation)).rejects.toThrow('The rows have no counterfactuals');
  });

  it('reverses the expected change for a share of rows drawn by the seed', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => ({ ...moves, id: `moves-${i}` }));
    const believed = async (wrong_labels: number, seed: number) => {
      const answers = rows.flatMap(() => [said('left', 'left'), said('right', 'left')]);
      const { pairs } = await train(rows, answers, {
        ...relation,
        coupling: { ...relation.coupling, wrong_labels },
        seed,
      });
      return pairs.map(({ changes, behaving }) => [changes, behaving]);
    };
    expect(await believed(0, 1)).toEqual(rows.map(() => [true, 1]));
    // Who stays behaves then, and who changes does not.
    expect(await believed(1, 1)).toEqual(rows.map(() => [false, 1]));
    const some = await believed(0.25, 1);
    expect(some).toEqual(await believed(0.25, 1));
    expect(some).not.toEqual(await believed(0.25, 2));
    const wrong = some.filter(([changes]) => changes === false).length;
    expect(wrong).toBeGreaterThan(2);
    expect(wrong).toBeLessThan(20);
  });

  it('reads expected changes from a label file, and includes its content in the checksum', async () => {
    const labels = join(folder, 'labels.jsonl');
    const write = (lines: object[]) => writeFile(labels, rowLines(lines));
    const labelled = { ...relation, coupling: { ...relation.coupling, labels } };
    // One label is wrong: "moves" does change.
    await write([
      { id: 'moves', changes: false },
      { id: 'open', changes: true },
    ]);
    const run = await train(
      [moves, open, says],
      [
        said('left', 'right'),
        said('left', 'right'),
        said('a', 'b'),
        said('a', 'He is late'),
        said('Yes', 'No'),
      ],
      labelled,
    );
    expect(run.pairs.map(({ changes, behaving, verdict }) => [changes, behaving, verdict])).toEqual([
      [false, 1, 'neither'],
      [true, 1, null],
      [undefined, undefined, null],
    ]);
    expect(run.pairs[1]!.views[1]).toMatchObject({ answer: null, images: frames.toReversed() });
    expect(run.pairs[1]!.views[1]!.group.map(({ right }) => right)).toEqual([null, null]);
    const { warnings, sha256 } = await check([moves, open, says], labelled);
    expect(warnings).toEqual([
      expect.stringContaining('1 of 3 rows have no counterfactual, because these rows have no label'),
    ]);
    // A run does not go on with other labels.
    expect((await check([moves, open, says], labelled)).sha256).toBe(sha256);
    await write([
      { id: 'moves', changes: true },
      { id: 'open', changes: true },
    ]);
    expect((await check([moves, open, says], labelled)).sha256).not.toBe(sha256);
    await write([
      { id: 'moves', changes: true },
      { id: 'gone', changes: true },
    ]);
    await expect(check([moves], labelled)).rejects.toThrow(/labels\.jsonl: Row "gone" does not exist in /);
    await write([{ id: 'moves', changes: 'yes' }]);
    await expect(check([moves], labelled)).rejects.toThrow('Line 1 is not a label');
    await write([
      { id: 'moves', changes: true },
      { id: 'moves', changes: true },
    ]);
    await expect(check([moves], labelled)).rejects.toThrow('Line 2 contains a second label for row "moves"');
  });
});

describe('shuffled frames (coupling.mode: order)', () => {
  const order = { views: { use: ['shuffle:1'] }, coupling: { mode: 'order', signal: 'accuracy' } };
  const A = 0.65 / (1.3 * Math.SQRT1_2 + 1e-4);

  it('shuffled frames are compared with the original, but not trained', async () => {
    const run = await train([moves], [said('left', 'right'), said('left', 'right', 'right')], order);
    const [original, shuffled] = run.pairs[0]!.views;
    expect([...shuffled!.images].sort()).toEqual(frames);
    expect(shuffled).toMatchObject({ view: 'shuffle:1', question: original!.question, answer: 'left' });
    expect(shuffled!.images).not.toEqual(frames);
    // One of two in order, one of three shuffled.
    expect(run.pairs[0]).toMatchObject({ bonus: true, verdict: null, penalised: null, effect: null });
    expect(numbers(run)[0]![0]).toEqual([1.3, 0]);
    expect(run.trainer.weights.map(([w]) => w)).toEqual([
      expect.closeTo(A / 2, 12),
      expect.closeTo(-A / 2, 12),
    ]);
    expect(shuffled!.group.map(({ advantage }) => advantage)).toEqual([0, 0, 0]);
    expect(run.metrics[0]).toMatchObject({ 'spatial/bonus': 1, 'views/shuffle:1/both_right': null });
    expect(run.metrics[0]).not.toHaveProperty('spatial/verdict_consistent');
  });

  it('shuffled frames add no bonus if their answers are better', async () => {
    const run = await train([moves], [said('left', 'right'), said('left', 'left')], order);
    expect(run.pairs[0]).toMatchObject({ bonus: false, delta: -0.5 });
    expect(numbers(run)[0]![0]).toEqual([1, 0]);
  });

  it('shuffled frames add no bonus to unparsed completions', async () => {
    const run = await train([moves], [['left', said('left')[0]!], said('right', 'right')], order);
    expect(run.pairs[0]!.views[0]!.group.map(({ right, reward }) => [right, reward])).toEqual([
      [true, 0],
      [true, 1.3],
    ]);
  });

  it('shuffled frames require rows with several images', async () => {
    await expect(check([still], order)).rejects.toThrow('The rows have no clips with several frames');
    expect((await check([still, moves], order)).found).toMatchObject({ rows: 2, paired: 1 });
  });
});
