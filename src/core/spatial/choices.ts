import type { Random } from '../random.ts';
import { indexOfLetter, letterOf } from './letters.ts';
import type { Sample, Variant } from './sample.ts';
import { VARIANT_NAMES } from './views/list.ts';

/** A letter with its brackets or punctuation, and the text after it: `(B)`, `B`, `B.`, `B)`, `B: text`. */
const LETTERED = /^(\(?)([A-Za-z]{1,2})(\)|[.:)])?(?:\s+(.*))?$/s;

/** A menu inside running text: `(A) left (B) right`, or options on separate lines. */
const INLINE_MENU = /\([A-H]\)|^\s*[A-H][.):]\s/m;

const same = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase();

/**
 * Returns which choice an answer names, by its text or by its letter. Null if it names none, or if two choices have
 * that text.
 */
export function choiceIndex(answer: string, choices: readonly string[]): number | null {
  const byText = choices.flatMap((choice, i) => (same(choice, answer) ? [i] : []));
  if (byText.length > 0) return byText.length === 1 ? byText[0]! : null;
  const match = LETTERED.exec(answer.trim());
  if (!match) return null;
  const [, open, letter, close, text] = match;
  if ((open === '(') !== (close === ')') && open === '(') return null;
  if (text !== undefined && close === undefined) return null; // "a lamp" is text, not the letter A
  const index = indexOfLetter(letter!);
  const choice = choices[index];
  if (choice === undefined || (text !== undefined && !same(text, choice))) return null;
  return index;
}

/**
 * Shuffles the options of a sample and of its variants; a letter in the answer changes with its option.
 * `meta.choices_order[i]` is the position of option i in the source. Null if the order cannot be changed safely: there
 * are no choices, the answer names none of them, or the question or reasoning contains a menu.
 */
export function shuffleChoices(sample: Sample, random: Random): Sample | null {
  const { choices } = sample;
  if (!choices || choiceIndex(sample.answer, choices) === null) return null;
  if (INLINE_MENU.test(sample.question) || INLINE_MENU.test(sample.reasoning ?? '')) return null;
  const order = random.shuffle(choices.map((_, i) => i));
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
 * Returns the options in a new order (`order[i]` is the old position of option i) and the answer with its option's new
 * letter.
 */
export function reordered(answer: string, choices: readonly string[], order: readonly number[]) {
  const index = choiceIndex(answer, choices);
  const moved: { answer: string; choices?: string[] } = { answer, choices: order.map((i) => choices[i]!) };
  if (index === null || same(choices[index]!, answer)) return moved;
  moved.answer = answer.replace(/[A-Za-z]+/, letterOf(order.indexOf(index)));
  return moved;
}
