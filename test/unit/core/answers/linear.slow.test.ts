import { expect, it } from 'vitest';
import { thinkText } from '../../../../src/core/answers/extract.ts';
import { isSpatialQuestion, typeQuestion } from '../../../../src/core/answers/task.ts';
import { scoreRow } from '../../../../src/core/answers/score-row.ts';

/** Texts that drive a pattern with nested or overlapping repetition, or a scan per token, to quadratic time: hours at 1 MB. */
const UNITS = [
  '1',
  '1.',
  '1,234,',
  '1/',
  '1x',
  '1"',
  "1'",
  '1 ft ',
  '1 - ',
  '2 to ',
  'between 1 and ',
  '½',
  '10^',
  '2x10^',
  'hundred ',
  'one hundred and ',
  'two and a ',
  'total ',
  'so ',
  'a ',
  'not ',
  'it is ',
  'aly ',
  'A',
  'A or ',
  '(A) ',
  'answer is ',
  '<',
  '< ',
  '<think>',
  '</think>',
  '<answer>',
  ' ',
  '\n',
  '\u2009',
  '(',
  '((1',
  '[1,',
  '{',
  '"',
  '```{',
  '\\scalar{',
  '\\scalar{1} ',
  'x1=',
  '-',
  ' which',
  'cup. ',
  'cup? ',
  'cup? No, ',
  'i thought it, ',
  '\n\t',
  '\nuser\n',
  'user: ',
  'Action: x\n',
  '<|im_start|>',
  '<|channel|>a',
  '<tool_response ',
  '1. x\n',
  '\\boxed{',
  '<box>',
  '(1,2)',
];

it.each(UNITS)('scoreRow: scores a megabyte of %j in linear time', (unit) => {
  const completion = `${unit.repeat(Math.ceil(1e6 / unit.length))}x`;
  for (const task of [
    'distance',
    'yesno',
    'mcq',
    'count',
    'bbox',
    'flipjson',
    'side',
    'choice',
    'name',
    undefined,
  ])
    scoreRow({
      completion,
      answer: '2 m',
      question: completion,
      ...(task && { task }),
      choices: ['two m', 'b'],
    });
  expect(thinkText(completion).length).toBeLessThanOrEqual(completion.length);
  expect(typeof isSpatialQuestion(completion)).toBe('boolean');
  expect(typeQuestion(completion, completion)).toBeTypeOf('string');
});

it('scoreRow: a noun of one of two things takes linear time', () => {
  const [question, answer] = ['Which is closer, the red kayak or the wooden pallet?', 'the red kayak'];
  expect(scoreRow({ question, answer, completion: 'pallet '.repeat(20_000) }).task).toBe('choice');
});
