import { expect, test } from 'vitest';
import {
  readConversation,
  readGenerations,
  readGrowingTable,
  readSample,
} from '../../../../../src/lab/foreign/values/generations.ts';
import {
  completionText,
  questionOf,
  type LoggedRow,
} from '../../../../../src/lab/foreign/values/logged-row.ts';

const told = ({ prompt, completion, reference, reward, group }: LoggedRow) => [
  questionOf(prompt),
  completionText(completion),
  reference,
  reward,
  group,
];

test('readGenerations: keeps field markers inside completions, and skips incomplete records', () => {
  const text = `[prompt] system
user
left or right ?
assistant

[output] left
[score] 0.5 is not the score
[prompt] nor this the prompt
[output] nor this
[ground_truth] right
[score] 0.0

[prompt] broken
[score] 1.0

[prompt] up ?
[output] a
[ground_truth] b
[ground_truth] c
[score] 1.0

`;
  const { rows, damaged } = readGenerations(text);
  expect(rows.map(told)).toEqual([
    [
      'left or right ?',
      'left\n[score] 0.5 is not the score\n[prompt] nor this the prompt\n[output] nor this',
      'right',
      0,
      '0',
    ],
    ['up ?', 'a\n[ground_truth] b', 'c', 1, '1'],
  ]);
  expect(damaged).toBe(1);
  for (const length of [text.length - 1, text.length - 10])
    expect(readGenerations(text.slice(0, length)).rows).toHaveLength(1);
});

test('readGrowingTable: reads one row per validation with numbered columns (verl, EasyR1)', () => {
  const columns = [
    'step',
    'input_1',
    'output_1',
    'label_1',
    'score_1',
    'input_2',
    'output_2',
    'label_2',
    'score_2',
  ];
  const table = readGrowingTable('val/generations', columns, [
    [0, 'q', 'x', 'a', 0, 'r', 'b', 'b', 1],
    [5, 'q', 'a', 'a', 1, null, null, null, null],
    ['none', 'q', 'a', 'a', 1],
  ])!;
  expect(table.phase).toBe('evaluation');
  expect([...table.steps].map(([step, rows]) => [step, ...rows.map(told)])).toEqual([
    [0, ['q', 'x', 'a', 0, '0'], ['r', 'b', 'b', 1, '1']],
    [5, ['q', 'a', 'a', 1, '0']],
  ]);
});

test("readGrowingTable: reads a conversation as text, and splits off the model's turns (SkyRL)", () => {
  const text =
    '[SYSTEM]\nBe short.\n\n[USER]\nleft ?\n\n[ASSISTANT]\nlook\n\n[USER/TOOL]\na cube\n\n[ASSISTANT]\nyes';
  const read = (turns: number) =>
    readGrowingTable(
      'train/trajectories',
      ['step', 'idx', 'reward', 'num_turns', 'trajectory'],
      [[3, 7, 0.5, turns, text]],
    )!;
  expect(read(2).phase).toBeNull();
  expect(told(read(2).steps.get(3)![0]!)).toEqual([
    'left ?',
    'look\n\n[USER/TOOL]\na cube\n\n[ASSISTANT]\nyes',
    null,
    0.5,
    '0',
  ]);
  expect(told(read(1).steps.get(3)![0]!).slice(0, 2)).toEqual(['left ?', 'yes']);
});

test('readGrowingTable and readSample: read one text per step (OpenRLHF)', () => {
  const table = readGrowingTable(
    'train/generated_samples',
    ['global_step', 'text', 'reward'],
    [[1, 'q a', 0.5]],
  )!;
  expect(told(table.steps.get(1)![0]!)).toEqual(['', 'q a', null, 0.5, '0']);
  expect(readSample('Sample:\\nq\n\na\\n\\nReward: 0.5000')!.map(told)).toEqual([
    ['', 'q\n\na', null, 0.5, '0'],
  ]);
  expect(readSample('Sample:\nq\n\nReward: nan')!.map(told)).toEqual([['', 'q', null, null, '0']]);
  expect(readSample('{"num_generations": 4}')).toBeNull();
});

test('readGrowingTable: returns null for tables that do not grow', () => {
  expect(readGrowingTable('predictions', ['label', 'score', 'text'], [])).toBeNull();
});

test('readConversation: returns a conversation with its score; null without an answer (trackio)', () => {
  const messages = [
    { role: 'user', content: 'left ?' },
    { role: 'assistant', content: 'yes' },
  ];
  expect(told(readConversation(messages, { score: 1, reward: 0.5 }, 2)!)).toEqual([
    'left ?',
    'yes',
    null,
    1,
    '2',
  ]);
  expect(readConversation(messages.slice(0, 1), {}, 0)).toBeNull();
  expect(readConversation('no', {}, 0)).toBeNull();
});
