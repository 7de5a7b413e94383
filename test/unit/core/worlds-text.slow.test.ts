import { expect, it } from 'vitest';
import { Random } from '../../../src/base/random.ts';
import { ROOM } from '../../../src/core/worlds/sample-worlds.ts';
import { ask } from '../../../src/core/worlds/questions/question-forms.ts';
import { drawRow } from '../../../src/core/worlds/world-rows.ts';

const size = { w: 120, h: 120 };

interface Guess {
  words: string[];
  answer: string;
  chance: number;
}

/** 4,000 questions of a family, of which the words are all that a model gets. */
function questionsOf(family: string): Guess[] {
  const options = { world: ROOM, size, families: [family as 'side'], style: 'english' as const, bias: {} };
  return Array.from({ length: 4000 }, (_, i) => {
    const { observation, question } = drawRow(Random.from(`text/${family}`).fork(i), options);
    const { question: text, answer, choices, task } = ask(observation, question);
    const words = text.toLowerCase().match(/\w+/g)!;
    const numbered = (choices ?? []).flatMap((choice, k) => choice.split(' ').map((word) => `${k}=${word}`));
    const pairs = words.slice(1).map((word, k) => `${words[k]} ${word}`);
    const side = / left of/.test(answer) ? 'left' : 'right';
    const label = task === 'yesno' ? answer.slice(0, 2) : choices ? `${choices.indexOf(answer)}` : side;
    return { words: [...words, ...pairs, ...numbered], answer: label, chance: 1 / (choices?.length ?? 2) };
  });
}

/** The share of a fifth of the questions that naive Bayes over words and pairs of words, learnt from the rest, gets right. */
function guessed(rows: readonly Guess[]): number {
  const [train, test] = [rows.slice(0, 3200), rows.slice(3200)];
  const counts = new Map<string, Map<string, number>>();
  for (const { words, answer } of train) {
    const of = counts.get(answer) ?? new Map<string, number>([['', 0]]);
    counts.set(answer, of);
    of.set('', of.get('')! + 1);
    for (const word of new Set(words)) of.set(word, (of.get(word) ?? 0) + 1);
  }
  const score = (words: readonly string[], of: Map<string, number>) =>
    [...new Set(words)].reduce(
      (sum, word) => sum + Math.log(((of.get(word) ?? 0) + 1) / (of.get('')! + 2)),
      Math.log(of.get('')!),
    );
  const right = test.filter(({ words, answer }) => {
    const best = [...counts].sort(([, a], [, b]) => score(words, b) - score(words, a))[0]![0];
    return best === answer;
  });
  return right.length / test.length;
}

// Three points, and two standard errors of 800 guesses.
it.each([
  'side',
  'own-side',
  'above.yesno',
  'above.which',
  'front',
  'nearer',
  'ordinal',
  'size.which',
  'size.yesno',
  'between',
  'count.more',
])(
  'worlds: the words of %s questions do not predict the answer',
  (family) => {
    const rows = questionsOf(family);
    const chance = rows.reduce((sum, row) => sum + row.chance, 0) / rows.length;
    expect(guessed(rows)).toBeLessThan(chance + 0.03 + 2 * Math.sqrt(0.25 / 800));
  },
  300_000,
);
