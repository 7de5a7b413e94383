import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assess } from '../../../../src/core/metrics/assess-agreement.ts';
import { viewsToAsk } from '../../../../src/cli/asked-model.ts';
import { mirrorToAsk } from '../../../../src/rows/views/view.ts';
import { withQuestion } from '../../../../src/core/annotation/kept-sample.ts';
import type { MirrorVariant, Sample } from '../../../../src/rows/sample/sample.ts';
import { property } from '../../../support/property.ts';

const sample = (question: string, answer = '', over: Partial<Sample> = {}): Sample => ({
  id: 'a',
  question,
  answer,
  images: [],
  ...over,
});
const forms = (asked: Sample) => viewsToAsk(asked, mirrorToAsk(asked));
const told = (asked: Sample, ...answers: string[][]) => assess(forms(asked), answers);

describe('viewsToAsk', () => {
  it('mirrors a question without an answer', () => {
    expect(forms(sample('Is the cup left of the plate?')).map((form) => form.sample.question)).toEqual([
      'Is the cup left of the plate?',
      'Is the cup right of the plate?',
    ]);
  });

  it('returns only the original view when the mirror is ambiguous', () => {
    const asked = sample('What is left of the cube?');
    expect(mirrorToAsk(asked).reason).toContain('can mean a side');
    expect(forms(asked)).toHaveLength(1);
  });

  it('removes an answer that the rules cannot mirror', () => {
    const asked = sample('What is the bounding box of the cube?', '[10, 20, 30, 40]');
    expect(forms(asked)[1]?.sample).toMatchObject({ question: asked.question, answer: '' });
  });

  it('keeps a mirror written by a person as long as the question is unchanged', () => {
    const mirror: MirrorVariant = {
      question: 'Mine?',
      answer: 'b',
      rules: [],
      checks: {},
      status: 'flipped',
      route: 'human',
    };
    const row = sample('Yours?', 'a', { variants: { mirror } });
    const same = withQuestion(row, { question: 'Yours?', answer: 'a', choices: [] });
    expect(forms(same)[1]?.sample.question).toBe('Mine?');
    const other = withQuestion(row, { question: 'Is the cup left of the plate?', answer: '', choices: [] });
    expect(forms(other)[1]?.sample.question).toBe('Is the cup right of the plate?');
  });
});

describe('assess: agreement of answers', () => {
  const side = sample('On which side of the cone is the ball?');

  it.each([
    ['left', 'right', 'agree'],
    ['left', 'left', 'disagree'],
    ['It is on the left.', 'It is on the right.', 'agree'],
    ['left', 'I cannot see a ball.', 'undecided'],
    ['left', '', 'undecided'],
  ])('compares the answers %s and %s: %s', (original, mirror, agreement) => {
    expect(told(side, [original], [mirror])).toMatchObject({ agreement, verdict: null });
  });

  it.each([
    ['yes', 'Yes.', 'agree'],
    ['yes', 'no', 'disagree'],
  ])('compares answers to a mirrored yes-or-no question: %s and %s: %s', (original, mirror, agreement) => {
    expect(told(sample('Is the cup left of the plate?'), [original], [mirror]).agreement).toBe(agreement);
  });

  it.each([
    ['left', 'right', 'consistent'],
    ['left', 'left', 'only_original'],
    ['right', 'right', 'only_mirror'],
    ['right', 'left', 'neither'],
  ])('scores answers if the reference answer is known: %s and %s: %s', (original, mirror, verdict) => {
    const known = { ...side, answer: 'left', choices: ['left', 'right'] };
    expect(told(known, [original], [mirror]).verdict).toBe(verdict);
  });

  it('groups equivalent answers and counts the majority of each view', () => {
    const { majorities } = told(side, ['left', 'Left.', 'right', ''], ['', '', '', '']);
    expect(majorities).toEqual([
      { answer: 'left', count: 2, of: 4 },
      { answer: null, count: 0, of: 4 },
    ]);
  });

  property(
    'accepts any model text, and returns a majority among the answers',
    [
      fc.array(fc.string({ unit: 'binary', maxLength: 30 }), { minLength: 1, maxLength: 3 }),
      fc.string({ maxLength: 30 }),
    ],
    { numRuns: 40 },
    (answers, question) => {
      const asked = sample(question);
      const { majorities } = assess(
        forms(asked),
        forms(asked).map(() => answers),
      );
      for (const { answer, count, of } of majorities) {
        expect(of).toBe(answers.length);
        expect(answer === null).toBe(count === 0);
        if (answer !== null) expect(answers).toContain(answer);
      }
    },
  );
});
