import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { scoreRow, taskOf } from '../../../../src/core/answers/score-row.ts';
import type { ScoreInput } from '../../../../src/core/answers/score.ts';
import { questionForm, type QuestionForm } from '../../../../src/core/answers/set-forms.ts';
import { SetReading, withFoundTask } from '../../../../src/core/answers/set-reading.ts';
import { forAll } from '../../../support/property.ts';

function readSet(rows: readonly ScoreInput[]) {
  const set = new SetReading();
  rows.forEach((row, i) => set.add(row, i));
  return { rows: rows.map((row) => set.of(row)), summary: set.summary };
}

const codeOf = (row: ScoreInput) => readSet([row]).rows[0]!.misfit?.code ?? null;

describe('questionForm', () => {
  test.each<[form: QuestionForm, question: string]>([
    ['polar', 'Is the kite left of the pole?'],
    ['polar', 'In the picture, are the boats at the pier?'],
    ['polar', 'Do the boats face the pier?'],
    ['polar', 'Is the number of kites the same as the number of boats?'],
    ['polar', 'Is the kite left of the pole? Answer yes or no.'],
    ['polar', 'Is the kite left of the pole?\nA. yes\nB. no'],
    ['polar', 'Are there more than 3 kites (yes/no)?'],
    ['open', 'Is the kite left or right of the pole?'],
    ['open', 'Can you tell me how high the kite is?'],
    ['open', 'Could you name the colour of the kite?'],
    ['count', 'How many kites are there?'],
    ['count', 'There is a pier. How many boats lie there?'],
    ['count', 'What is the number of boats?'],
    ['count', 'Count the boats.'],
    ['measure', 'How many metres is the pole from the pier?'],
    ['measure', 'How far is the pole from the pier?'],
    ['measure', 'What is the angle between the pole and the pier?'],
    ['place', 'Where is the kite?'],
    ['place', 'On which side of the pole is the kite?'],
    ['which', 'Which is nearer, the pole or the pier?'],
    ['which', 'What stands beside the pole? Do not explain.'],
    ['which', "What does the sign say? Don't describe the sign."],
    ['statement', 'The kite is left of the pole.'],
  ])('questionForm returns %s for: %s', (form, question) => expect(questionForm(question)).toBe(form));
});

describe('misfit of a row', () => {
  const choices = ['left', 'right'];
  test.each<[code: string, row: ScoreInput]>([
    ['answers-otherwise', { question: 'How many kites are there?', answer: 'Yes' }],
    ['answers-otherwise', { question: 'How many kites are left of the pole?', answer: 'no' }],
    ['answers-otherwise', { question: 'Is the kite left of the pole?', answer: '3' }],
    ['answers-otherwise', { question: 'Is the kite left of the pole?', answer: '2.5 m' }],
    ['answers-otherwise', { question: 'Where is the kite?', answer: 'Yes' }],
    ['answers-otherwise', { question: 'How far is the kite from the pole?', answer: 'No.' }],
    ['answers-otherwise', { question: 'Which is nearer, the pole or the pier?', answer: 'True' }],
    ['answers-otherwise', { question: 'How many kites?', answer: 'yes', task: 'count' }],
    ['letter-without-options', { question: 'Is the kite left of the pole?', answer: 'B' }],
    ['letter-outside', { question: 'Where is the kite?', answer: 'C', choices }],
    ['letter-outside', { question: 'Where is the kite?\nA. left\nB. right', answer: 'D' }],
    ['letter-outside', { question: 'Where is the kite?\n(A) left\n(B) right', answer: '(C) right' }],
    ['letter-and-text', { question: 'Where is the kite?', answer: 'B. left', choices }],
    ['letter-and-text', { question: 'Where is the kite?\nA. left\nB. right', answer: 'A. right' }],
    ['number-not-an-option', { question: 'Where is the kite?', answer: '1', choices }],
    ['number-not-an-option', { question: 'How many? Options: A. 3 B. 4', answer: '5' }],
    ['no-reference', { question: 'Where is the kite?', answer: ' ' }],
    ['no-reference', { question: 'Where is the kite?' }],
  ])('a misfit of a row is %s in %o', (code, row) => expect(codeOf(row)).toBe(code));

  test.each<ScoreInput>([
    { question: 'Is the kite left of the pole?', answer: 'Yes' },
    { question: 'Is the kite left of the pole?', answer: 'No, it is right of it.' },
    { question: 'Is the kite left of the pole?', answer: 'The kite is left of the pole.' },
    { question: 'Is the kite left of the pole?', answer: '1' },
    { question: 'Is the kite left or right of the pole?', answer: 'left' },
    { question: 'Is it 3 or 4 kites?', answer: '3' },
    { question: 'Can you count the kites?', answer: '3' },
    { question: 'Is the number of kites the same as that of boats?', answer: 'yes' },
    { question: 'How many kites are there?', answer: 'three' },
    { question: 'How many kites are there?', answer: 'None.' },
    { question: 'How many kites are there?', answer: 'No kites are there.' },
    { question: 'How many kites are there? A. 2 B. 3', answer: 'B' },
    { question: 'Are there many kites? How many would fit, yes or no?', answer: 'no' },
    { question: 'How far is it?', answer: '3' },
    { question: 'Which sign stands at the gate? Do not add anything.', answer: 'No Bicycles' },
    { question: 'What does the sign say?', answer: 'No' },
    { question: 'What is true of the kite: is it left of the pole?', answer: 'no' },
    { question: 'Which of these is true?', answer: 'b', choices: ['left', 'right'] },
    { question: 'Where is the kite?', answer: 'B. Right.', choices: ['left', 'right'] },
    { question: 'How many?', answer: '3', choices: ['3 kites', '4 kites'] },
    { question: 'How many? Options: A. 3 B. 4', answer: '4' },
    { question: 'Where is the kite?', answer: '', boxes: [[0, 0, 1, 1]] },
    { question: 'What colour is the kite?', answer: 'red' },
    { question: 'Describe the picture.', answer: 'Yes' },
  ])('a misfit of a row is absent in %o', (row) => expect(codeOf(row)).toBeNull());

  it('the message of a misfit names the contradiction', () => {
    const [one, two] = readSet([
      { question: 'Where is the kite?', answer: 'B. left', choices: ['left', 'right'] },
      { question: 'How many kites are there?', answer: 'Yes' },
    ]).rows;
    expect(one!.misfit!.message).toBe('Letter and text of the reference "B. left" disagree: B is "right".');
    expect(two!.misfit!.message).toBe('The question asks for a number, and its reference is "Yes".');
  });
});

describe('SetReading: tasks inferred from the whole set', () => {
  const nearest = (answer: string): ScoreInput => ({ question: 'Which is nearest to the camera?', answer });
  const found = (rows: ScoreInput[]) => readSet(rows).rows.map(({ task }) => task);

  it('treats lone letters as options in the image if most references are letters', () => {
    expect(found(['A', 'C', 'B', 'A'].map(nearest))).toEqual(['mcq', 'mcq', 'mcq', 'mcq']);
    expect(found([nearest('B')])).toEqual([null]);
    expect(found(['B', 'the lamp', 'the jug', 'the cup', 'a rug', 'a chair'].map(nearest))).toEqual(
      Array(6).fill(null),
    );
    const polar = ['A', 'B', 'B'].map((answer) => ({ question: 'Is the box the nearer one?', answer }));
    expect(readSet(polar).rows).toEqual(Array(3).fill({ task: 'mcq' }));
  });

  it('reads 0 and 1 as no and yes for polar questions, and in sets with only 0 and 1', () => {
    expect(found([{ question: 'Is the kite up?', answer: '0' }])).toEqual(['yesno']);
    const statement = (answer: string) => ({ question: 'The kite is up.', answer });
    expect(found(['0', '1', '1'].map(statement))).toEqual(['yesno', 'yesno', 'yesno']);
    expect(found(['0', '1', '7'].map(statement))).toEqual([null, null, null]);
    expect(found([{ question: 'How many kites are up?', answer: '1' }])).toEqual([null]);
  });

  it('reads "right" as a verdict next to "wrong", and as a side next to "left"', () => {
    const asked = (answer: string) => ({ question: 'The kite is up.', answer });
    expect(found(['Right', 'Wrong'].map(asked))).toEqual(['yesno', 'yesno']);
    expect(found(['Right', 'Left'].map(asked))).toEqual([null, null]);
  });

  it('stores an inferred task as found_task, and keeps declared tasks', () => {
    const rows = ['A', 'C', 'B'].map(nearest);
    const set = new SetReading();
    rows.forEach((row, i) => set.add(row, i));
    const row = withFoundTask(rows[0]!, set);
    expect(taskOf(row)).toBe('mcq');
    expect(scoreRow({ ...row, completion: 'A' })).toMatchObject({ task: 'mcq', correct: true });
    expect(withFoundTask({ ...rows[0]!, task: 'name' }, set)).not.toHaveProperty('found_task');
    expect(set.summary).toEqual({ rows: 3, tasks: { mcq: 3 }, found_tasks: { mcq: 3 }, misfits: {} });
  });

  it('property: does not depend on the order of rows', () => {
    const rows: ScoreInput[] = [
      ...['A', 'C', 'B'].map(nearest),
      { question: 'Is the kite up?', answer: 'A' },
      { question: 'Is the kite up?', answer: '0' },
      { question: 'How many kites are up?', answer: 'Yes' },
      { question: 'The kite is up.', answer: 'Right' },
      { question: 'The kite is down.', answer: 'Wrong' },
    ];
    const whole = readSet(rows);
    forAll([fc.shuffledSubarray(rows, { minLength: rows.length })], (shuffled) => {
      const read = readSet(shuffled);
      expect(read.summary).toEqual(whole.summary);
      shuffled.forEach((row, i) => expect(read.rows[i]).toEqual(whole.rows[rows.indexOf(row)]));
    });
  });
});
