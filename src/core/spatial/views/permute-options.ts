import { Random } from '../../random.ts';
import { choiceIndex, letterOf, reordered } from '../choices.ts';
import type { Sample, ViewVariant } from '../sample.ts';
import { unworded, worded } from './relation.ts';

/** One option of a menu in the question: `(A) left`. */
const INLINE = /\(([A-H])\)\s*([^()]*?)(?=\s*(?:\([A-H]\)|[?.]?\s*$))/g;
/** Options that refer to other options. */
const OF_OTHERS =
  /\b(?:both|all of|either|neither|the (?:above|others?|former|latter)|[A-H] and [A-H]|[A-H] or [A-H])\b/;
const NONE = /^(?:none of (?:the above|these|them)|cannot be determined|can't tell|not sure)\.?$/i;
const LETTER_IN_PROSE = /\((?:[A-H])\)|\b(?:option|choice|answer)s?(?: is)?:? [A-H]\b/i;

/**
 * Puts the options in another order, determined by the seed and the row's id; the answer's letter follows its option.
 * "None of the above" stays last.
 */
export function permuteOptions(sample: Sample, seed: number): ViewVariant {
  const { question, answer, choices, reasoning } = sample;
  const inline = [...question.matchAll(INLINE)];
  const options = choices ?? inline.map((match) => match[2]!);
  const refuse = (reason: string) => unworded(sample, 'no_options', reason);
  if (options.length < 2)
    return unworded(sample, 'no_options', 'It has no options to put in another order.', 'discard');
  if (choices && inline.length > 0) return refuse('Its options stand in the question too.');
  if (!choices && inline.some(([, letter], i) => letter !== letterOf(i)))
    return refuse('The letters of its menu do not follow each other.');
  if (choiceIndex(answer, options) === null) return refuse('Its answer names none of its options.');
  if (new Set(options.map((option) => option.trim().toLowerCase())).size < options.length)
    return refuse('Two of its options are the same.');
  const free = freeOptions(options);
  if (options.slice(0, free).some((option) => OF_OTHERS.test(option) || /^\W*[A-H][.):]?\W*$/.test(option)))
    return refuse('An option speaks of others, or is a letter.');
  if (free < 2)
    return unworded(sample, 'no_options', 'It has no options to put in another order.', 'discard');
  if (reasoning && LETTER_IN_PROSE.test(reasoning))
    return refuse('Its reasoning names options by their letters.');
  const order = permutedOrder(options, seed, sample.id);
  const moved = reordered(answer, options, order);
  if (choices) return worded(sample, 'permute', { question, ...moved });
  let i = 0;
  return worded(sample, 'permute', {
    question: question.replace(
      INLINE,
      (whole: string, _: string, text: string) =>
        whole.slice(0, whole.length - text.length) + options[order[i++]!]!,
    ),
    answer: moved.answer,
  });
}

/** How many options may change places: "none of the above" stays last. */
const freeOptions = (options: readonly string[]): number =>
  NONE.test(options.at(-1)?.trim() ?? '') ? options.length - 1 : options.length;

/**
 * The order that a seed and a row's id give its options: `order[i]` is where the option stood that is now at i. The
 * options may be those before or after, since only their number counts and which one stays last.
 */
export function permutedOrder(options: readonly string[], seed: number, id: string): number[] {
  const free = freeOptions(options);
  const order = free < 2 ? [] : drawn(free, Random.from(`${seed}/${id}`));
  return [...order, ...options.map((_, i) => i).slice(order.length)];
}

/** Draws an order of `n` options that differs from the present one. */
function drawn(n: number, random: Random): number[] {
  const places = Array.from({ length: n }, (_, i) => i);
  for (;;) {
    const order = random.shuffle(places);
    if (order.some((place, i) => place !== i)) return order;
  }
}
