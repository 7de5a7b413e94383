import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { NO_INTERPRETATION } from '../../../../src/core/run-data/interpretation.ts';
import { ForeignRun } from '../../../../src/lab/foreign/foreign-run.ts';
import { pairImage } from '../../../../src/lab/traces/pair-image.ts';
import { folderOfTests } from '../../../support/folder.ts';
import { rowLines } from '../../../support/rows.ts';

// The same few answers as several versions of each program write them, in files made here.

const scratch = folderOfTests('evaluation-versions-');
const PICTURE = Buffer.from('an image');
const DATA_URL = `data:image/png;base64,${PICTURE.toString('base64')}`;

/** Writes files into a folder of their own. */
async function written(name: string, files: Record<string, unknown>): Promise<string> {
  const dir = join(scratch, name);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return dir;
}

const read = (dir: string) => new ForeignRun(dir, NO_INTERPRETATION).read();
const lines = (...rows: object[]) => rowLines(rows);
const textsIn = async (dir: string) =>
  (await read(dir)).evaluation!.rows.map(({ segments: [{ text }] }) => text);

describe('Inspect logs', () => {
  const QUESTION = 'On which side of the plate is the fork?';
  const said = (content: unknown) => ({ message: { role: 'assistant', content }, stop_reason: 'stop' });
  const sample = (id: string, epoch: number, output: object, value: unknown) => ({
    id,
    epoch,
    input: QUESTION,
    target: 'left',
    messages: [{ role: 'user', content: QUESTION }],
    output,
    scores: { match: { value } },
  });
  const log = async (name: string, samples: object[], others: object = {}) => {
    const about = { task: 'sides', model: 'm', packages: { inspect_ai: '0.3.42' } };
    const dir = await written(name, {
      'log.json': { version: 2, status: 'success', eval: about, samples, ...others },
    });
    return join(dir, 'log.json');
  };

  test('Inspect logs provide the answer from the message if they have no completion', async () => {
    const parts = [
      { type: 'reasoning', reasoning: 'The fork is beside the plate.' },
      { type: 'text', text: 'On the' },
      { type: 'image', image: 'drawn.png' },
      { type: 'text', text: 'left.' },
    ];
    const path = await log('inspect-message', [
      sample('1', 1, { choices: [said('On the left.')] }, 'C'),
      sample('1', 2, { choices: [said(parts)] }, 'C'),
      sample('1', 3, { choices: [said('A draft.')], completion: 'On the right.' }, 'I'),
      sample('1', 4, { choices: [said('On the left.')], completion: '' }, 'C'),
    ]);
    const { rows } = (await read(path)).evaluation!;
    expect(rows.map(({ completion_index: i, segments: [{ text }] }) => [i, text])).toEqual([
      [0, 'On the left.'],
      [1, 'On the\nleft.'],
      [2, 'On the right.'],
      [3, 'On the left.'],
    ]);
  });

  test('Inspect logs map score values to right and wrong like the accuracy of Inspect', async () => {
    const values = [
      'C',
      'I',
      'N',
      'P',
      1,
      0,
      1.0,
      0.5,
      true,
      false,
      'yes',
      'No',
      'true',
      '1',
      '0',
      '0.5',
      '',
      [1],
      {},
    ];
    const samples = values.map((value, i) => sample(String(i), 1, { choices: [said('left')] }, value));
    const { rows } = (await read(await log('inspect-values', samples))).evaluation!;
    expect(rows.map(({ right }) => right)).toEqual(
      [
        true,
        false,
        false,
        null,
        true,
        false,
        true,
        null,
        true,
        false,
        true,
        false,
        true,
        true,
        false,
        null,
      ].concat([null, null, null]),
    );
  });

  test('the oldest Inspect logs have one unnamed score, one scorer, and a stop for length', async () => {
    const { scores, ...old } = sample('1', 1, { choices: [{ ...said('left'), stop_reason: 'length' }] }, 'C');
    const results = { scorer: { name: 'match' }, metrics: { accuracy: { value: 1 } } };
    const path = await log('inspect-oldest', [{ ...old, score: scores.match }], { results });
    const { rows, figures } = (await read(path)).evaluation!;
    expect(rows[0]).toMatchObject({ right: true, segments: [{ text: 'left', stop_reason: 'length' }] });
    expect(figures).toMatchObject([{ metric: 'match/accuracy', value: 1 }]);
    const alone = await log('inspect-figures', [], { results, samples: undefined });
    const state = await read(alone);
    expect(state.evaluation).toMatchObject({ rows: [], figures: [{ value: 1 }] });
    expect(state.origin.missing[0]).toMatchObject({ field: 'rows' });
  });

  test('Inspect logs provide the images in a message', async () => {
    const content = [
      { type: 'text', text: QUESTION },
      { type: 'image', image: 'elsewhere.png' },
      { type: 'image', image: DATA_URL },
    ];
    const messages = [{ role: 'user', content }];
    const path = await log('inspect-picture', [
      { ...sample('1', 1, { choices: [said('left')] }, 'C'), messages },
    ]);
    const { images } = (await read(path)).evaluation!.rows[0]!;
    expect(images[0]).toBe('elsewhere.png');
    expect(Buffer.from(await pairImage({ run: path }, null, images[1]!, []))).toEqual(PICTURE);
  });

  test('incomplete Inspect logs cause an error with the file name', async () => {
    const dir = await written('inspect-cut', { 'cut.json': '{"version": 2, "eval": {' });
    await expect(read(join(dir, 'cut.json'))).rejects.toThrow('Cannot read cut.json: ');
  });

  test('Inspect logs cause a warning per set with only empty answers, with their right scores', async () => {
    const empty = (epoch: number, value: string) => sample('1', epoch, { choices: [said('')] }, value);
    const path = await log('inspect-empty', [empty(1, 'C'), empty(2, 'I')]);
    const { problems, origin } = await read(path);
    expect(problems).toEqual([
      expect.stringContaining('No texts in 2 answers of sides. The program scored 1 answer as correct'),
    ]);
    expect(origin.notes).toContain(problems[0]);
    const some = await log('inspect-some', [empty(1, 'I'), sample('1', 2, { choices: [said('left')] }, 'C')]);
    expect((await read(some)).problems).toEqual([]);
  });
});

describe('empty completions of a run', () => {
  const state = { log_history: [{ step: 1, loss: 1 }] };
  const log = (completion: string) =>
    lines({ step: 1, prompt: 'Left or right?', completion, advantage: 0, reward: 0 });
  const args = { swift_version: '4.6.0', num_generations: 1 };

  test.each([
    ['', 1],
    ['left', 0],
  ])('empty completions of "%s": cause %i problems', async (text, n) => {
    const dir = await written(`completions-${n}`, {
      'args.json': args,
      'logging.jsonl': lines({ 'global_step/max_steps': '1/2', loss: 1 }),
      'completions.jsonl': log(text),
      'trainer_state.json': state,
    });
    const { problems } = await read(dir);
    expect(problems).toHaveLength(n);
    expect(problems.every((each) => each.startsWith('No texts in 1 completions'))).toBe(true);
  });
});

describe('ms-swift runs', () => {
  test('ms-swift runs are recognised without a version, with completions in columns', async () => {
    const completions = {
      step: ['1', '1'],
      prompt: ['Where?', 'Where?'],
      completion: ['left', 'right'],
      Side: [1, 0],
    };
    const dir = await written('ms-swift-3.3', {
      'args.json': { model: 'm', train_type: 'lora', num_generations: 2 },
      'logging.jsonl': lines({ 'global_step/max_steps': '1/2', loss: 1, reward: 0.5 }),
      'completions.jsonl': lines(completions),
    });
    const { origin, metrics, batches } = await read(dir);
    expect([origin.kind, origin.version, metrics.size]).toEqual(['ms-swift', null, 1]);
    expect(origin.missing.map(({ field }) => field)).not.toContain('config');
    const [pair] = await batches[0]!.pairs();
    expect(pair!.views[0]!.group.map(({ segments }) => segments[0]!.text)).toEqual(['left', 'right']);
  });
});

describe('evalscope evaluations', () => {
  const score = (prediction: string, acc: number) => ({
    sample_score: { score: { value: { acc }, prediction }, sample_id: 0 },
    index: 0,
    target: 'left',
  });

  test.each([
    ['1.0', '**User**: Left or right?', []],
    ['1.2', `**System**: Be short.\n\n**User**: \n![image](${DATA_URL})\nLeft or right?`, [PICTURE]],
    ['1.5', '**User**: \n![image](gradio_api/file=/data/a.png)\nLeft or right?', ['/data/a.png']],
  ])(
    'evalscope before 1.7 (as in %s) has the question as text and the answer in the score',
    async (version, input, pictures) => {
      const dir = await written(`evalscope-${version}`, {
        'reviews/m/sides_default.jsonl': lines({ ...score('On the left.', 1), input }),
      });
      const [row] = (await read(dir)).evaluation!.rows;
      expect(row).toMatchObject({ question: 'Left or right?', answer: 'left', right: true });
      expect(row!.segments[0].text).toBe('On the left.');
      const shown = row!.images.map(async (image) =>
        typeof image === 'string' && image.startsWith('embedded/')
          ? Buffer.from(await pairImage({ run: dir }, null, image, []))
          : image,
      );
      expect(await Promise.all(shown)).toEqual(pictures);
    },
  );
});

describe('verifiers evaluations', () => {
  const messages = (role: string, content: string) => [{ role, content }];

  test('verifiers before 0.1.6 has other names for environment, question and means', async () => {
    const row = {
      id: 4,
      prompt: messages('user', 'Left or right?'),
      task: 'default',
      answer: 'left',
      correct: 1,
    };
    const dir = await written('verifiers-0.1.5', {
      'metadata.json': {
        env: 'sides',
        model: 'm',
        num_examples: 1,
        rollouts_per_example: 2,
        avg_reward: 0.5,
        avg_correct: 0.5,
      },
      'results.jsonl': lines(
        { ...row, completion: messages('assistant', 'left'), reward: 1 },
        { ...row, completion: messages('assistant', 'right'), reward: 0 },
      ),
    });
    const { rows, figures } = (await read(dir)).evaluation!;
    expect(rows.map(({ set, id, completion_index: i, right }) => [set, id, i, right])).toEqual([
      ['sides', '4', 0, true],
      ['sides', '4', 1, false],
    ]);
    expect(figures.map(({ metric, value, n }) => [metric, value, n])).toEqual([
      ['reward', 0.5, 2],
      ['correct', 0.5, 2],
    ]);
    expect(await textsIn(dir)).toEqual(['left', 'right']);
  });
});

describe('VLMEvalKit evaluations', () => {
  test('VLMEvalKit takes the correctness of yes/no questions from the file of matches', async () => {
    const dir = await written('vlmevalkit/m/T20260101_Gabcdef12', {
      'm_POPE.tsv':
        'index\tquestion\tanswer\tprediction\n0\tIs it left?\tYes\tYes.\n1\tIs it red?\tNo\tYes\n',
      'm_POPE_auxmatch.tsv':
        'index\tquestion\tanswer\tprediction\textracted\tscore\n0\tIs it left?\tYes\tYes.\tYes\tTrue\n1\tIs it red?\tNo\tYes\tYes\tFalse\n',
      'm_POPE_score.csv': 'split,Overall,acc\nOverall,66.7,50.0\n',
    });
    const { rows } = (await read(dir)).evaluation!;
    expect(rows.map(({ set, id, right }) => [set, id, right])).toEqual([
      ['POPE', '0', true],
      ['POPE', '1', false],
    ]);
  });
});

describe('lmms-eval evaluations', () => {
  test('lmms-eval before 0.4 has document, arguments and answers in each line', async () => {
    const line = {
      doc_id: 0,
      doc: { question: 'Left or right?' },
      target: 'left',
      arguments: { 0: { max_new_tokens: 16 } },
      resps: [['On the left.']],
      filtered_resps: ['left'],
      doc_hash: 'x',
      side_acc: { question_id: '0', score: 1.0 },
      input: 'Left or right?',
    };
    const dir = await written('lmms-0.3', { '20250101_000000_samples_sides.jsonl': lines(line) });
    const [row] = (await read(dir)).evaluation!.rows;
    expect(row).toMatchObject({ question: 'Left or right?', answer: 'left', right: true });
    expect(await textsIn(dir)).toEqual(['On the left.']);
  });
});
