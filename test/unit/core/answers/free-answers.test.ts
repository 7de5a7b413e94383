import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { foundTask, isRight, scoreRow } from '../../../../src/core/answers/score-row.ts';

interface Pair {
  question: string;
  reference: string;
  completion: string;
  /** Null if a person cannot tell: rules may not call it right. */
  right: boolean | null;
}

/** Pairs of a file in test/fixtures/corpus: `? question`, `= reference`, `+ right answer`, `- wrong answer`, `~ neither`. */
function read(name: string): Pair[] {
  const pairs: Pair[] = [];
  let [question, reference] = ['', ''];
  const text = readFileSync(new URL(`../../../fixtures/corpus/${name}`, import.meta.url), 'utf8');
  for (const line of text.split('\n')) {
    const said = line.slice(2).replaceAll('\\n', '\n');
    if (line.startsWith('? ')) question = said;
    else if (line.startsWith('= ')) reference = said;
    else if (/^[+~-] /.test(line))
      pairs.push({
        question,
        reference,
        completion: said,
        right: line.startsWith('~') ? null : line.startsWith('+'),
      });
  }
  return pairs;
}

/** The least that a file must have, as shares but for the pairs; `misled`: how many wrong ones may be called right. */
interface Least {
  pairs: number;
  judged: number;
  typed: number;
  agreed?: number;
  misled?: number;
}

const judge = ({ question, reference, completion }: Pair) =>
  isRight(scoreRow({ question, answer: reference, completion }));

describe.each([
  ['free-answers.txt', { pairs: 280, judged: 0.9, typed: 0.97 }],
  ['free-answers-later.txt', { pairs: 2400, judged: 0.76, typed: 0.95 }],
  // By people who had not read the rules. Reasons and descriptions as references are not judged.
  ['free-answers-annotators.txt', { pairs: 2200, judged: 0.64, typed: 0.94 }],
  // Written before the gate (accounted.ts) was tried: most wrong ones have every word of the right one.
  ['free-answers-gate.txt', { pairs: 160, judged: 0.55, typed: 0.97 }],
  // By two annotators: realistic answers, and a third of them meant to mislead a program that matches words.
  ['free-answers-realistic.txt', { pairs: 280, judged: 0.85, typed: 0.97 }],
  ['free-answers-misleading.txt', { pairs: 290, judged: 0.46, typed: 0.9 }],
  // Nobody who writes rules looks at these: only the numbers are shown, and held to what was reached.
  ['free-answers-heldout.txt', { pairs: 290, judged: 0.5, typed: 0.85, agreed: 0.94, misled: 5 }],
  ['free-answers-misleading-heldout.txt', { pairs: 290, judged: 0.54, typed: 0.85, agreed: 0.93, misled: 6 }],
  // The three that count as right are answers on which a person would not decide.
  ['free-answers-realistic-heldout.txt', { pairs: 280, judged: 0.76, typed: 0.85, agreed: 0.99, misled: 3 }],
])('%s', (name, { agreed = 0.97, misled = 0, ...least }: Least) => {
  const pairs = read(name);
  const verdicts = pairs.map((pair) => ({ ...pair, verdict: judge(pair) }));
  const decided = verdicts.filter(({ right }) => right !== null);
  const judged = decided.filter(({ verdict }) => verdict !== null);

  it('never calls a wrong answer right, or hardly ever', () => {
    const wrong = verdicts.filter(({ verdict, right }) => verdict === true && !right);
    if (misled === 0) expect(wrong).toEqual([]);
    expect(wrong.length).toBeLessThanOrEqual(misled);
  });

  it('agrees with a person in most of the answers that it judges, and judges most', () => {
    expect(pairs.length).toBeGreaterThanOrEqual(least.pairs);
    const same = judged.filter(({ verdict, right }) => verdict === right).length;
    expect(same / judged.length).toBeGreaterThanOrEqual(agreed);
    expect(judged.length / decided.length).toBeGreaterThanOrEqual(least.judged);
  });

  it('calls the reference itself right, unless it is text that no rule judges', () => {
    const typed = pairs.filter(
      ({ question, reference }) => foundTask({ question, answer: reference }) !== 'untyped',
    );
    expect(typed.length).toBeGreaterThan(least.typed * pairs.length);
    const itself = typed.map((pair) => ({ ...pair, completion: pair.reference }));
    const missed = itself.filter((pair) => judge(pair) !== true);
    if (misled === 0) expect(missed).toEqual([]);
    expect(missed.length).toBe(0);
  });
});
