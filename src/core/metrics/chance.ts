import { alternatives } from '../answers/asked-options.ts';
import { axesIn } from '../answers/answer-sides.ts';
import { mean } from '../../base/numbers.ts';
import type { Metric } from '../evaluation/results.ts';

/**
 * Returns the probability that a guess is right, 0–1, among choices or named alternatives, yes and no, or sides; null
 * if chance is undefined. For sides, the guesser knows the axes of the reference answer: 1/2 for left or right, 1/4 for
 * a corner. An open "where" question has more candidates, so this value never underestimates chance.
 */
export function chanceOf(row: {
  score: { task: string };
  question?: string;
  answer?: unknown;
  choices?: readonly string[];
}): number | null {
  const { question = '', answer } = row;
  if (row.score.task === 'yesno') return 1 / 2;
  if (row.score.task === 'choice' && typeof answer === 'string') {
    const options = row.choices ?? alternatives(question, answer);
    return options ? 1 / options.length : null;
  }
  if (row.score.task === 'side' && typeof answer === 'string') {
    const axes = axesIn(answer);
    return axes === 0 ? null : 1 / 2 ** axes;
  }
  return row.score.task === 'mcq' && row.choices?.length ? 1 / row.choices.length : null;
}

/**
 * Returns the mean chance of the rows with a defined chance, and the number of these rows if other rows have none.
 * @param ofQuestions chances of the questions, if each question has several answers
 */
export function meanChance(
  chances: readonly (number | null)[],
  ofQuestions = chances,
): Pick<Metric, 'chance' | 'chance_n'> {
  const guessed = chances.filter((chance) => chance !== null);
  if (guessed.length === 0) return {};
  return {
    chance: mean(ofQuestions.filter((chance) => chance !== null))!,
    ...(guessed.length < chances.length && { chance_n: guessed.length }),
  };
}
