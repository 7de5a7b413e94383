import type { Random } from '../random.ts';
import type { Sample, Variant } from './sample.ts';
import { VARIANT_NAMES } from './views/list.ts';

/** `(B)`, `B`, `B.`, `B)`, `B: text`: the letter, and what stands around it. */
const LETTERED = /^(\(?)([A-Za-z])(\)|[.:)])?(?:\s+(.*))?$/s;

/** A menu inside running text: `(A) left (B) right`, or options on lines of their own. */
const INLINE_MENU = /\([A-H]\)|^\s*[A-H][.):]\s/m;

const same = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase();

/**
 * Which of the choices an answer names: by its text, or by its letter. Null where it names none, or where two choices
 * have the same text.
 */
export function choiceIndex(answer: string, choices: readonly string[]): number | null {
  const byText = choices.flatMap((choice, i) => (same(choice, answer) ? [i] : []));
  if (byText.length > 0) return byText.length === 1 ? byText[0]! : null;
  const match = LETTERED.exec(answer.trim());
  if (!match) return null;
  const [, open, letter, close, text] = match;
  if ((open === '(') !== (close === ')') && open === '(') return null;
  if (text !== undefined && close === undefined) return null; // "a lamp" is text, not the letter A
  const index = letter!.toUpperCase().charCodeAt(0) - 65;
  const choice = choices[index];
  if (choice === undefined || (text !== undefined && !same(text, choice))) return null;
  return index;
}

/**
 * The sample with its options in a random order, its variants likewise; a letter in the answer moves with its option.
 * `meta.choices_order[i]` is where option i stood in the source. Null where the order cannot be changed safely: no
 * choices, an answer that names none of them, or a menu that is written out in the question or the reasoning.
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

/** The options in a new order (`order[i]` is where option i stood), and the answer with the letter of its option. */
export function reordered(answer: string, choices: readonly string[], order: readonly number[]) {
  const index = choiceIndex(answer, choices);
  const moved: { answer: string; choices?: string[] } = { answer, choices: order.map((i) => choices[i]!) };
  if (index === null || same(choices[index]!, answer)) return moved;
  const letter = String.fromCharCode(65 + order.indexOf(index));
  moved.answer = answer.replace(/[A-Za-z]/, letter);
  return moved;
}
