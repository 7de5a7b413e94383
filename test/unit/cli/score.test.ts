import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { addConvertCommand } from '../../../src/cli/commands/convert.command.ts';
import { addMetricsCommand } from '../../../src/cli/commands/metrics.command.ts';
import { addScoreCommand } from '../../../src/cli/commands/score.command.ts';
import { SCORING_RULES } from '../../../src/core/answers/score.ts';
import { REWARD_NAMES } from '../../../src/core/rewards/rewards.ts';
import { AuditSession } from '../../../src/lab/evaluation/audit-session.ts';
import { readEvaluation } from '../../../src/lab/evaluation/evaluation-folders.ts';
import type { ScoredRow } from '../../../src/core/evaluation/scored-row.ts';
import type { MetricRow } from '../../../src/core/metrics/summarise.ts';
import { runCommand } from '../../support/command.ts';
import { readRows } from '../../support/rows.ts';
import { folderOfTests } from '../../support/folder.ts';

const folder = folderOfTests('chirality-score-');

const score = (...args: string[]) => runCommand(addScoreCommand, 'score', ...args);
const metrics = (...args: string[]) => runCommand(addMetricsCommand, 'metrics', ...args);

function file(name: string, rows: readonly (object | string)[]): string {
  const path = join(folder, name);
  writeFileSync(path, rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n'));
  return path;
}

const rowsOf = (path: string) => readRows<ScoredRow>(path);

const mcq = (id: string, completion: string, extra: object = {}) => ({
  id,
  completion,
  answer: 'A',
  choices: ['left', 'right'],
  image: 'a.jpg',
  ...extra,
});

describe('chirality score', () => {
  it('--rewards: adds each reward, with the requested extraction', async () => {
    const input = file('paid.jsonl', [mcq('1', '<answer>left</answer>'), mcq('2', 'left')]);
    const out = join(folder, 'paid-out.jsonl');
    await score(input, '--rewards', '--extraction', 'strict', '-o', out);
    const paid = rowsOf(out) as unknown as {
      answer_text: string | null;
      right: boolean;
      rewards: Record<string, { value: number }>;
    }[];
    const names = REWARD_NAMES.filter((name) => name !== 'agreement');
    expect(Object.keys(paid[0]!.rewards)).toEqual(names);
    expect(paid.map(({ answer_text, right }) => [answer_text, right])).toEqual([
      ['left', true],
      [null, true],
    ]);
    expect(paid.map(({ rewards }) => rewards.accuracy!.value)).toEqual([1, 0]);
  });

  it('writes each score before it reads the next row, for interactive programs', async () => {
    const asked = spawn(process.execPath, [join(process.cwd(), 'dist/cli.js'), 'score']);
    const lines = createInterface({ input: asked.stdout })[Symbol.asyncIterator]();
    for (const [completion, right] of [
      ['left', true],
      ['right', false],
    ] as const) {
      asked.stdin.write(`${JSON.stringify(mcq('1', completion))}\n`);
      const { value } = (await lines.next()) as { value: string };
      expect(JSON.parse(value)).toMatchObject({ completion, right });
    }
    asked.stdin.end();
    expect(await new Promise((resolve) => asked.once('exit', resolve))).toBe(0);
  });

  it('adds a score to every row, keeps other fields, and rewrites image paths', async () => {
    mkdirSync(join(folder, 'out'), { recursive: true });
    const input = file('in.jsonl', [
      mcq('1', '<think>t</think><answer>left</answer>', { mine: { kept: true } }),
      {
        id: 2,
        task: 'distance',
        segments: [{ stage: 'answer', text: '3 m' }],
        ground_truth: '2 m',
        images: ['b.jpg'],
      },
    ]);
    const out = join(folder, 'out', 'scored.jsonl');
    const said = await score(input, '-o', out, '--json');
    const [first, second] = rowsOf(out);
    expect(first).toMatchObject({
      mine: { kept: true },
      image: '../a.jpg',
      score: { task: 'mcq', correct: true },
    });
    expect(second).toMatchObject({ id: 2, images: ['../b.jpg'], score: { parsed_m: 3, success: true } });
    expect(JSON.parse(said.out[0]!)).toEqual({
      tasks: { mcq: 1, distance: 1 },
      problems: {},
      misfits: {},
      right: 2,
      wrong: 0,
      unparsed: 0,
      not_judged: 0,
    });
  });

  it('--extraction strict: scores only tagged answers', async () => {
    const out = join(folder, 'strict.jsonl');
    await score(file('s.jsonl', [mcq('1', 'left')]), '-o', out, '--extraction', 'strict');
    expect(rowsOf(out)[0]!.score).toMatchObject({
      extraction: 'strict',
      parsed: null,
      correct: false,
      answer_text: 'left',
    });
  });

  it('infers from the whole set that letters are options, and counts misfit references', async () => {
    const asked = (id: number, answer: string, completion: string, question = 'Which is nearest?') => ({
      id: `${id}`,
      question,
      answer,
      completion,
    });
    const out = join(folder, 'letters-out.jsonl');
    const rows = [
      asked(1, 'B', 'The answer is B.'),
      asked(2, 'A', '(C)'),
      asked(3, 'C', 'C'),
      asked(4, 'Yes', '2', 'How many cups are there?'),
    ];
    const said = await score(file('letters.jsonl', rows), '-o', out);
    expect(rowsOf(out).map(({ score: { task } }) => task)).toEqual(['mcq', 'mcq', 'mcq', 'yesno']);
    const right = rowsOf(out).map((row) => (row as unknown as { right: boolean }).right);
    expect(right.slice(0, 3)).toEqual([true, false, true]);
    expect(said.err.join('\n')).toContain(
      'The reference answers of 1 row do not fit the question or options',
    );
  });

  it('rejects rows with two different references, unless a dataset contains the references', async () => {
    const input = file('two.jsonl', [
      mcq('1', 'left', { answer: 'B', ground_truth: 'A' }),
      mcq('2', 'left', { answer: 'A', ground_truth: 'A' }),
    ]);
    await expect(score(input)).rejects.toThrow('the fields answer and ground_truth differ');
    await expect(metrics(input)).rejects.toThrow('the fields answer and ground_truth differ');
    const set = file('two.qa.jsonl', [
      { id: '1', question: 'Where?', answer: 'A', choices: ['left', 'right'] },
      { id: '2', question: 'Where?', answer: 'A', choices: ['left', 'right'] },
    ]);
    const out = join(folder, 'two-out.jsonl');
    await score(input, '--set', set, '-o', out);
    expect(rowsOf(out).map((row) => (row as unknown as { right: boolean }).right)).toEqual([true, true]);
  });

  it('reports bad rows by file and line, and rows without a score', async () => {
    const input = file('bad.jsonl', [
      '{',
      { id: '1', answer: 'x' },
      mcq('2', 'left', { answer: 'up' }),
      mcq('3', 'B', { box_format: 'xy' }),
    ]);
    const { err } = await score(input, '-o', join(folder, 'good.jsonl'));
    expect(err.map((text) => text.split('\n')[0])).toEqual([
      expect.stringContaining('bad.jsonl:1: error: Not valid JSON'),
      expect.stringContaining('bad.jsonl:2: error: "completion" must be the text of a completion.'),
      expect.stringContaining('bad.jsonl:4: error: Unknown box_format'),
      expect.stringContaining('bad.jsonl: 1 of 4 rows usable: 1 unreadable row · 2 rows with errors.'),
      'Scored 0 rows.',
      'Could not score 1 row: The reference is not one of the choices.',
    ]);
  });

  it('reports rows without a reference answer once, and not as scored', async () => {
    const rows = ['1', '2'].map((id) => ({ id, question: 'Where is the cup?', completion: 'left' }));
    const { err } = await score(file('bare.jsonl', rows), '-o', join(folder, 'bare-out.jsonl'));
    expect(err).toEqual([
      'Scored 0 rows.',
      'Could not score 2 rows: The row has no reference.',
      expect.stringMatching(/^Rows without a reference answer are not scored\..*--set\.$/s),
    ]);
  });

  it('reports the first bad rows, and counts the remaining bad rows', async () => {
    const input = file('many.jsonl', [mcq('1', 'left'), ...Array<string>(25).fill('{')]);
    const { err } = await score(input, '-o', join(folder, 'one.jsonl'));
    expect(err.filter((text) => text.includes('error: Not valid JSON'))).toHaveLength(20);
    const [summary] = err.filter((text) => text.includes('usable'));
    expect(summary).toContain('many.jsonl: 1 of 26 rows usable: 25 unreadable rows (');
    expect(summary).toContain('lines 2, 3, 4, 5, 6, 7, 8, 9 and 17 more');
  });
});

describe('chirality score --set', () => {
  const set = file('set.csv', [
    'id;image;question;answer',
    '1;a.png;Is the cup left of the plate?;yes',
    '2;a.png;Where is the apple?;to the left',
    '3;b.png;How many chairs are there?;3',
  ]);

  it('joins predictions by id in any order or column, and reports unmatched predictions', async () => {
    const input = file('named.csv', [
      'Question_ID,Prediction,question',
      '3,four,How many chairs are there?',
      '1,"No, it is not.",Is the cup left of the plate? Answer yes or no.',
      '3,three,How many chairs are there?',
      '2,3,How many chairs are there?',
      '9,yes,',
    ]);
    const out = join(folder, 'joined.jsonl');
    const { err } = await score(input, '--set', set, '-o', out);
    expect(rowsOf(out)).toMatchObject([
      {
        id: '3',
        completion: 'four',
        answer: '3',
        images: ['b.png'],
        score: { task: 'count', correct: false },
      },
      { id: '1', completion: 'No, it is not.', answer: 'yes', score: { correct: false } },
      { id: '3', completion: 'three', score: { correct: true } },
    ]);
    expect(err.join('\n')).toContain(`whose id does not exist in ${set}: 9.`);
    expect(err.join('\n')).toContain(`whose question differs from the row of ${set} with the same id: 2.`);
    expect(err.join('\n')).toContain('excluded 1 row without a prediction: 2.');
    expect(err.join('\n')).toContain('1 id with several predictions');
  });

  it('joins an object of predictions by its keys', async () => {
    const input = file('by-id.json', [JSON.stringify({ 2: { pred: 'left' }, 3: { pred: '4' } }, null, 1)]);
    const out = join(folder, 'by-id.jsonl');
    await score(input, '--set', set, '-o', out);
    expect(rowsOf(out)).toMatchObject([
      { id: '2', answer: 'to the left', score: { correct: true } },
      { id: '3', answer: '3', score: { correct: false } },
    ]);
  });

  it('reads view names in any case, and excludes views that are missing in the row', async () => {
    const mirrored = {
      status: 'flipped',
      question: 'Is it right?',
      answer: 'yes',
      route: 'rules',
      rules: [],
    };
    const row = { id: '1', question: 'Is it left?', answer: 'yes', images: [] };
    const rows = file('views.qa.jsonl', [JSON.stringify({ ...row, variants: { mirror: mirrored } })]);
    const table = file('views.csv', [
      'ID;View;Prediction',
      '1;original;yes',
      '1;mirror;no',
      '1;mirrored;yes',
    ]);
    const scored = join(folder, 'views.jsonl');
    const { err } = await score(table, '--set', rows, '-o', scored);
    expect(rowsOf(scored)).toMatchObject([
      { view: 'original', question: 'Is it left?', right: true },
      { view: 'mirror', question: 'Is it right?', right: false },
    ]);
    expect(err.join('\n')).toContain('excluded 1 prediction in a view that does not exist');
    expect(err.join('\n')).not.toContain('several predictions');
  });

  it('matches numeric and text ids, reads answers as completions, and uses view references', async () => {
    const set = file('mcq.qa.jsonl', [{ ...mcq('7', ''), question: 'Where is the cup?' }]);
    const input = file('answers.json', [
      '[{"id": 7, "answer": "left", "view": "mirror"}, {"id": "7", "answer": "left"}, {"id": "7"}]',
    ]);
    const out = join(folder, 'views.jsonl');
    const { err, out: printed } = await score(input, '--set', set, '-o', out, '--json');
    expect(rowsOf(out)).toMatchObject([
      { view: 'mirror', choices: ['right', 'left'], score: { correct: false } },
      { choices: ['left', 'right'], score: { correct: true } },
    ]);
    expect(err[0]).toContain('"completion" must be the text of a completion');
    expect(JSON.parse(printed[0]!)).toMatchObject({
      set: { unknown: [], other_question: [], not_predicted: [] },
    });
  });

  it('rejects ids of another set, and duplicate ids in a set', async () => {
    const strange = file('strange.jsonl', [{ id: 'x-1', prediction: 'yes' }]);
    await expect(score(strange, '--set', set)).rejects.toThrow(
      'Predictions have x-1; the dataset has 1, 2, 3.',
    );
    const twice = file('twice.csv', ['id,image,question,answer', '1,a.png,q,b', '1,b.png,q,c']);
    await expect(score(strange, '--set', twice)).rejects.toThrow('has rows with the same id: 1.');
  });
});

describe('chirality metrics', () => {
  it('prints a table with numbers of rows, unparsed rows and chance', async () => {
    const { out } = await metrics(
      file('m.jsonl', [
        mcq('1', 'left'),
        mcq('2', 'right', { image: 'b.jpg' }),
        mcq('3', 'up', { image: 'c.jpg' }),
      ]),
    );
    const [header, accuracy] = out[0]!.split('\n').filter((line) => /accuracy|metric/.test(line));
    expect(header!.split(/ {2,}/)).toEqual(['task', 'metric', 'value', '95%', 'n', 'unparsed', 'chance']);
    expect(accuracy!.split(/ {2,}/)).toEqual([
      'choice',
      'accuracy',
      '33.33%',
      '1.65 – 93.70',
      '3',
      '1',
      '50.00',
    ]);
  });

  it('reports format metrics only if answers contain tags', async () => {
    const namesOf = async (...rows: object[]) => {
      const { out } = await metrics(file('f.jsonl', rows), '--json');
      return (JSON.parse(out[0]!) as { metrics: { metric: string }[] }).metrics.map(({ metric }) => metric);
    };
    expect(await namesOf(mcq('1', 'left'), mcq('2', 'It is on the right.'))).not.toContain('format_ok');
    expect(await namesOf(mcq('1', 'left'), mcq('2', '<answer>right</answer>'))).toEqual(
      expect.arrayContaining(['format_ok', 'extracted']),
    );
    const { completion, ...asked } = mcq('1', 'left');
    const segments = [{ stage: 'answer', text: completion, stop_reason: 'end' }];
    expect(await namesOf({ ...asked, segments })).toContain('format_ok');
  });

  it('groups by a field, compares runs, and pairs rows with changed wording', async () => {
    const a = file('a.jsonl', [
      mcq('1', 'left', { meta: { kind: 'x' } }),
      mcq('2', 'right', { meta: { kind: 'y' }, image: 'b.jpg' }),
    ]);
    const b = file('b.jsonl', [mcq('1', 'right'), mcq('2', 'right', { image: 'b.jpg' })]);
    const ood = file('ood.jsonl', [
      mcq('1', 'left', { answer: 'B' }),
      mcq('2', 'right', { answer: 'B', image: 'b.jpg' }),
    ]);
    const json = await metrics(a, '--by', 'meta.kind', '--against', b, '--ood', ood, '--json');
    const report = JSON.parse(json.out[0]!) as {
      metrics: MetricRow[];
      comparison: object[];
      shift: object;
    };
    expect(
      report.metrics.filter(({ metric }) => metric === 'accuracy').map(({ group, value }) => [group, value]),
    ).toEqual([
      ['x', 1],
      ['y', 0],
    ]);
    expect(report.comparison).toMatchObject([{ first: 0, second: 0.5, difference: 0.5, only_second: 1 }]);
    expect(report.shift).toMatchObject({
      metrics: { id: { value: 0.5 }, ood: { value: 0.5 }, inversion: { value: 1 } },
      relative: 0,
    });
    const { out } = await metrics(a, '--against', b, '--ood', ood);
    expect(out[0]).toMatch(/answer unchanged although the reference answer changed +100\.00/);
    expect(out[0]).toMatch(/correct only in this file +correct only in other file/);
    // A difference of one row has no interval.
    const single = await metrics(file('one.jsonl', [mcq('1', 'left')]), '--against', b);
    expect(single.out[0]).toMatch(/correct only in this file +correct only in other file/);
    expect(single.out[0]).toContain('Excluded: 1 row in the other file only.');
  });

  it('corrects p values over all metrics of a comparison, and reports missing references', async () => {
    // Two tasks, in each of which eight pictures of eight differ to one side: p is the sign test's 2⁻⁸, twice by Holm.
    const rows = (isRight: boolean) =>
      Array.from({ length: 8 }, (_, i) => [
        mcq(`${i}`, isRight ? 'left' : 'right', { image: `${i}.jpg` }),
        {
          id: `y${i}`,
          question: 'Is the cup left of the jug?',
          answer: 'yes',
          image: `y${i}.jpg`,
          completion: isRight ? 'yes' : 'no',
        },
      ]).flat();
    const [a, b] = [file('p.jsonl', rows(true)), file('q.jsonl', rows(false))];
    const { out } = await metrics(a, '--against', b);
    expect(out[0]!.match(/ 0\.0078 /g)).toHaveLength(2);
    expect(out[0]).toContain('p values are Holm-corrected for the 2 metrics.');
    const bare = file('bare.jsonl', [{ id: '1', completion: 'left' }]);
    await expect(metrics(bare, '--against', a)).rejects.toThrow('no row has a reference answer');
  });
});

it('metrics: separates originals and opposite questions, with the gap over all answers', async () => {
  // Four answers each: 3 of 4 originals and 2 of 4 flips are right, on each of twelve questions.
  const answers = (view: string, right: 'A' | 'B', rights: number) =>
    Array.from({ length: 12 }, (_, q) =>
      Array.from({ length: 4 }, (__, i) =>
        mcq(String(q), i < rights ? right : right === 'A' ? 'B' : 'A', {
          view,
          answer: right,
          image: `${q}.jpg`,
        }),
      ),
    ).flat();
  const rows = [...answers('original', 'A', 3), ...answers('polarity', 'B', 2)];
  const { out } = await metrics(file('views.jsonl', rows), '--json');
  const report = JSON.parse(out[0]!) as { by: string; metrics: MetricRow[]; shift: object };
  expect(report.by).toBe('view');
  expect(
    report.metrics.filter(({ metric }) => metric === 'accuracy').map(({ group, value }) => [group, value]),
  ).toEqual([
    ['original', 0.75],
    ['polarity', 0.5],
  ]);
  // Of one answer each: both right 3/4 × 2/4; the same letter twice 3/4 × 2/4 + 1/4 × 2/4.
  expect(report.shift).toMatchObject({
    metrics: {
      id: { value: 0.75, n: 12, answers: 96 },
      ood: { value: 0.5 },
      gap: { value: -0.25 },
      both_right: { value: 0.375 },
      inversion: { value: 0.5, n: 12 },
    },
  });
});

it('metrics: excludes rows whose id repeats for another question, and reports both lines', async () => {
  const one = { id: '7', question: 'Is the cup left of the jug?', answer: 'yes', image: 'a.png' };
  const rows = [
    { ...one, completion: 'yes' },
    { ...one, completion: 'no' },
    { ...one, view: 'mirror', question: 'Is the cup right of the jug?', completion: 'yes' },
    { ...one, set: 'other', image: 'b.png', completion: 'yes' },
  ];
  expect((await metrics(file('fine.jsonl', rows))).code).toBe(0);
  const twice = file('twice.jsonl', [...rows, { ...one, image: 'b.png', completion: 'yes' }]);
  for (const command of [score, metrics]) {
    const { err, out } = await command(twice);
    expect(err.join('\n')).toMatch(
      /twice\.jsonl:5: error: The id "7" already belongs to another question or image in row 1\./,
    );
    expect(out.join('\n')).not.toContain('pass@4');
  }
});

it('metrics --ood: fails if no row has changed wording', async () => {
  const here = file('here.jsonl', [mcq('1', '<answer>left</answer>')]);
  const there = file('there.jsonl', [mcq('2', '<answer>left</answer>')]);
  await expect(metrics(here, '--ood', there)).rejects.toThrow('Cannot compare the files');
});

it('metrics: reports the version of the scoring rules, and compares only equal versions', async () => {
  const out = join(folder, 'versions.jsonl');
  await score(file('v.jsonl', [mcq('1', 'A'), mcq('2', 'B')]), '-o', out);
  const today = rowsOf(out) as unknown as Record<string, unknown>[];
  expect((await metrics(out)).out.join('\n')).toContain(`Scored with rules version ${SCORING_RULES}.`);
  const old = file(
    'old.jsonl',
    today.map((row) => ({ ...row, scoring_rules: 1 })),
  );
  expect((await metrics(old)).out.join('\n')).toContain(
    `Scored with rules version 1. To use version ${SCORING_RULES}, run \`chirality score\`.`,
  );
  await expect(metrics(out, '--against', old)).rejects.toThrow(`rules (versions 1 and ${SCORING_RULES})`);
  await expect(metrics(out, '--ood', old)).rejects.toThrow('different rules');
  const silent = file(
    'silent.jsonl',
    today.map((row) => ({ ...row, scoring_rules: undefined })),
  );
  const { out: told } = await metrics(silent, '--against', old, '--json');
  expect(JSON.parse(told[0]!)).toMatchObject({ scoring_rules: [null] });
  expect((await metrics(silent)).out.join('\n')).toContain('version unknown. ');
});

test('convert and score: turn a table with predictions into an evaluation', async () => {
  const table = join(folder, 'theirs.csv');
  const said = ['A', '(B)', 'left', 'I cannot say.', 'C. above', 'B'];
  const rows = said.map((text, i) => `${i},${i}.png,Where is cup ${i}?,left,right,above,below,A,${text}`);
  const head = 'index,image,question,A,B,C,D,answer,prediction';
  writeFileSync(table, [head, ...rows].join('\n'));
  await expect(score(table)).rejects.toThrow('has no column "completion".');
  const set = join(folder, 'theirs.qa.jsonl');
  await runCommand(addConvertCommand, 'convert', table, '-o', set);
  const dir = join(folder, 'evals/theirs');
  // A second answer to one of them is another completion.
  const predictions = join(folder, 'predictions.csv');
  const all = [...said.map((text, i) => `${i},${text}`), '5,A'];
  writeFileSync(predictions, ['index,prediction', ...all].join('\n'));
  const { out } = await score(predictions, '--set', set, '--evaluation', dir, '--model', 'GPT-X');
  expect(out).toEqual([dir]);
  const { subject, figures, rules, digests } = await readEvaluation(dir);
  expect([subject, rules]).toEqual(['GPT-X', SCORING_RULES]);
  const sha256 = createHash('sha256').update(readFileSync(set)).digest('hex');
  expect([...digests!]).toEqual([['theirs', sha256]]);
  expect(figures.find(({ metric, task }) => metric === 'accuracy' && task === 'mcq')).toMatchObject({
    set: 'theirs',
    view: 'original',
    n: 7,
  });
  expect(rowsOf(join(dir, 'rows.jsonl')).map(({ right }) => right)).toEqual([
    true,
    false,
    true,
    false,
    false,
    false,
    true,
  ]);
  const { out: told } = await metrics(join(dir, 'rows.jsonl'));
  expect(told.join('\n')).toContain(`Scored with rules version ${SCORING_RULES}.`);
  const session = await AuditSession.open([dir], { person: 'mira', sample: 40 });
  expect(session.turns).toHaveLength(7);
  expect(
    session.turns
      .filter(({ shown }) => shown.id === '5')
      .map(({ shown }) => shown.completion_index)
      .sort(),
  ).toEqual([0, 1]);
  await expect(score(table, '--set', set, '--evaluation', dir)).rejects.toThrow('already exists');
  await expect(score(table, '--set', set, '--model', 'x')).rejects.toThrow('--model requires --evaluation');
});

describe('columns with other names', () => {
  const set = () =>
    file('columns.qa.jsonl', [
      { id: 'r1', question: 'Is the jug left of the tray?', answer: 'yes' },
      { id: 'r2', question: 'How many stools stand at the bar?', answer: '3' },
      { id: 'r3', question: 'On which side is the gate?', answer: 'left' },
    ]);
  const verdicts = (path: string) =>
    rowsOf(path).map((row) => (row as unknown as { right: boolean | null }).right);
  const out = () => join(folder, 'columns-out.jsonl');
  const said = ['no', '3', 'left'];

  it.each([
    ['idx', 'raw_output'],
    ['qid', 'pred'],
  ])('recognises columns with other names as %s and %s', async (id, text) => {
    await score(
      file(
        'known.jsonl',
        said.map((y, i) => ({ [id]: `r${i + 1}`, [text]: y })),
      ),
      ...['--set', set(), '-o', out()],
    );
    expect(verdicts(out())).toEqual([false, true, true]);
  });

  it('assigns columns by --map, with and without a dataset', async () => {
    const rows = said.map((y, i) => ({ key: `r${i + 1}`, told: y, gold: ['yes', '3', 'left'][i] }));
    const input = file('mapped.jsonl', rows);
    await score(input, '--set', set(), '--map', 'id=key,completion=told', '-o', out());
    expect(verdicts(out())).toEqual([false, true, true]);
    await score(input, '--map', 'id=key,completion=told,answer=gold', '-o', out());
    expect(verdicts(out())).toEqual([false, true, true]);
  });

  it('reads an empty cell as an empty completion, or as a row without a reference answer', async () => {
    const table = ['id,question,told,gold', '1,Is it red?,yes,yes', '2,Is it red?,,yes', '3,Is it red?,yes,'];
    for (const [name, header] of [
      ['empty.csv', table[0]],
      ['empty-named.csv', 'id,question,completion,answer'],
    ] as const) {
      const input = file(name, [header!, ...table.slice(1)]);
      const map = name === 'empty.csv' ? ['--map', 'completion=told,answer=gold'] : [];
      const { err } = await score(input, ...map, '-o', out());
      expect(rowsOf(out()).map(({ score }) => score)).toMatchObject([
        { correct: true },
        { correct: false, parsed: null, answer_text: '' },
        { problem: 'The row has no reference.' },
      ]);
      expect(rowsOf(out())[2]!.score).not.toHaveProperty('correct');
      expect(err.slice(0, 3)).toEqual([
        'Scored 2 rows: 2 yes or no. 1 correct, 0 wrong.',
        'Could not parse 1 answer. Unparsed answers count as wrong.',
        'Could not score 1 row: The row has no reference.',
      ]);
    }
  });

  it('reads an empty cell as an empty completion with a dataset', async () => {
    const input = file('empty-set.csv', ['id,prediction', 'r1,no', 'r2,', 'r3,left']);
    await score(input, '--set', set(), '-o', out());
    expect(verdicts(out())).toEqual([false, null, true]);
    expect(rowsOf(out())[1]).toMatchObject({ verdict: 'unparsed' });
  });

  it('--map: rejects a column that does not exist', async () => {
    const input = file('typo.csv', ['id,told,gold', '1,yes,yes']);
    await expect(score(input, '--map', 'completion=told,answer=golden')).rejects.toThrow(
      'Column "golden" does not exist. The table has the columns id, told, gold.',
    );
  });

  it('lists the columns in the error if none is recognised', async () => {
    const input = file('unknown.jsonl', [{ id: 'r1', told: 'no' }]);
    await expect(score(input, '--set', set())).rejects.toThrow(
      'Its columns are id, told. Chirality reads completions from completion, prediction',
    );
  });

  it('does not require ids if rows are in the order of the set', async () => {
    const questions = rowsOf(set()).map((row) => (row as unknown as { question: string }).question);
    const rows = said.map((prediction, i) => ({ question: questions[i], prediction }));
    const { err } = await score(file('ordered.jsonl', rows), '--set', set(), '-o', out());
    expect(verdicts(out())).toEqual([false, true, true]);
    expect(err.join('\n')).toContain('by order: 3 rows in both, with the same questions');
    const fewer = file('fewer.jsonl', rows.slice(1));
    await expect(score(fewer, '--set', set(), '-o', out())).rejects.toThrow();
  });

  it('accepts references named answer, ground_truth or reference; other rows stay unscored', async () => {
    const rows = [
      { id: '1', reference: 'yes', completion: 'Yes.' },
      { id: '2', ground_truth: 'yes', completion: 'No.' },
      { id: '3', target: 'yes', completion: 'Yes.' },
    ];
    const { err } = await score(file('references.jsonl', rows), '-o', out());
    expect(verdicts(out())).toEqual([true, false, null]);
    expect(err.join('\n')).toContain('The first row has the columns id, target, completion');
    expect(err.join('\n')).toContain('--map answer=COLUMN');
  });
});
