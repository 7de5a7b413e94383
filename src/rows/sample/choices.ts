import { indexOfLetter, letterOf, lettersOf } from '../../base/item-names.ts';
import type { Random } from '../../base/random.ts';
import type { Sample, Variant } from './sample.ts';
import { VARIANT_NAMES } from '../view-list.ts';

/** Matches a letter with its brackets or punctuation, and the text after it: `(B)`, `B`, `B.`, `B)`, `B: text`. */
const LETTERED = /^(\(?)([A-Za-z]{1,2})(\)|[.:)])?(?:\s+(.*))?$/s;

/** Matches options inside running text: `(A) left (B) right`, or options on separate lines. */
const INLINE_MENU = /\([A-H]\)|^\s*[A-H][.):]\s/m;

const same = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase();

/**
 * Returns the number of the choice that an answer refers to by text or letter. Null if the answer refers to no choice,
 * or if two choices have this text.
 */
export function choiceIndex(answer: string, choices: readonly string[]): number | null {
  const byText = choices.flatMap((choice, i) => (same(choice, answer) ? [i] : []));
  if (byText.length > 0) return byText.length === 1 ? byText[0]! : null;
  const match = LETTERED.exec(answer.trim());
  if (!match) return null;
  const [, open, letter, close, text] = match;
  if ((open === '(') !== (close === ')') && open === '(') return null;
  if (text !== undefined && close === undefined) return null; // "a lamp" is the text of an option, not the letter A.
  const index = indexOfLetter(letter!);
  const choice = choices[index];
  if (choice === undefined || (text !== undefined && !same(text, choice))) return null;
  return index;
}

/**
 * Returns the option numbers, ascending, for a text that consists of several options: "A, D", "AD", `["A", "D"]`, "a
 * cup and a plate". Null for a text with one option or none.
 */
export function severalChoices(text: string, choices: readonly string[]): number[] | null {
  if (choices.length < 2 || choiceIndex(text, choices) !== null) return null;
  const bare = text.trim().replace(/^[[({]\s*|\s*[\])}]\.?$/g, '');
  const joined = /^[A-Z](?: ?[A-Z])+\.?$/.test(bare) ? [...bare.replace(/[ .]/g, '')] : null;
  const parts = joined ?? bare.split(/\s*(?:[,;/&|+\n]|\band\b)+\s*/i).filter((part) => part !== '');
  const places = parts.map((part) => choiceIndex(part.replace(/^["'([]+|["')\]]+$/g, ''), choices));
  if (joined && joined.some((letter, i) => i > 0 && indexOfLetter(letter) <= indexOfLetter(joined[i - 1]!)))
    return null;
  const named = [...new Set(places)].sort((a, b) => a! - b!);
  return named.length > 1 && !named.includes(null) ? (named as number[]) : null;
}

const LETTER =
  /^((?:the )?(?:correct )?(?:(?:answer|option|choice)(?: is)?\s*:?\s*)?\(?)([A-Za-z])(?=\)|[.:)]|\.?\s*$)/i;

/**
 * Replaces the text or letter of option `from` in an answer by the text or letter of option `to`. Null if the answer
 * contains neither. `said`: option texts in the new answer, if the texts have changed.
 */
export function answerFor(
  answer: string,
  from: number,
  to: number,
  options: readonly string[],
  said = options,
): string | null {
  const text = options[from]!.trim();
  const at = answer.toLowerCase().lastIndexOf(text.toLowerCase());
  const hasText = at >= 0 && !/^\(?[A-Za-z][).:]?$/.test(text);
  const named = hasText ? answer.slice(0, at) + said[to]! + answer.slice(at + text.length) : answer;
  const letter = LETTER.exec(named);
  if (!letter || (hasText && at < letter[0].length)) return hasText ? named : null;
  const [before, lead, old] = letter as unknown as [string, string, string];
  const next = old === old.toUpperCase() ? letterOf(to) : letterOf(to).toLowerCase();
  return `${lead}${next}${named.slice(before.length)}`;
}

/** Returns whether an answer consists of one or several choices of the row. */
export const namesChoices = (answer: string, choices: readonly string[]): boolean =>
  choiceIndex(answer, choices) !== null || severalChoices(answer, choices) !== null;

/**
 * Shuffles the options of a row and of its variants. A letter in the answer changes with its option.
 * `meta.choices_order[i]` is the position of option i in the source. Null if the order cannot be changed safely: the
 * row has no choices, the answer contains no choice, or the question or reasoning contains a list of options.
 * @param placeOf returns the position of the right option, given the number of options; by default random
 */
export function shuffleChoices(
  sample: Sample,
  random: Random,
  placeOf?: (options: number) => number,
): Sample | null {
  const { choices } = sample;
  if (!choices || !namesChoices(sample.answer, choices)) return null;
  if (INLINE_MENU.test(sample.question) || INLINE_MENU.test(sample.reasoning ?? '')) return null;
  const order = random.shuffle(choices.map((_, i) => i));
  const right = choiceIndex(sample.answer, choices);
  if (placeOf && right !== null) {
    const [from, to] = [order.indexOf(right), placeOf(choices.length)];
    [order[from], order[to]] = [order[to]!, right];
  }
  const before = sample.meta?.choices_order as number[] | undefined;
  const out: Sample = { ...sample, ...reordered(sample.answer, choices, order) };
  out.meta = { ...sample.meta, choices_order: before ? order.map((i) => before[i]!) : order };
  if (sample.variants) {
    out.variants = { ...sample.variants };
    for (const name of VARIANT_NAMES) {
      const variant: Variant | undefined = sample.variants[name];
      if (!variant) continue;
      const moved = reordered(variant.answer, variant.choices ?? choices, order);
      if (!variant.choices) delete moved.choices;
      Object.assign(out.variants, { [name]: { ...variant, ...moved } });
    }
  }
  return out;
}

/**
 * Returns the options in a new order (`order[i]` is the old position of option i), and the answer with the new letter.
 */
export function reordered(answer: string, choices: readonly string[], order: readonly number[]) {
  const [index, several] = [choiceIndex(answer, choices), severalChoices(answer, choices)];
  const moved: { answer: string; choices?: string[] } = { answer, choices: order.map((i) => choices[i]!) };
  if (several) moved.answer = lettersOf(several.map((place) => order.indexOf(place)));
  if (index === null || same(choices[index]!, answer)) return moved;
  moved.answer = answer.replace(/[A-Za-z]+/, letterOf(order.indexOf(index)));
  return moved;
}
