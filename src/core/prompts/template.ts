import type { Sample } from '../spatial/sample.ts';
import { viewOf, type ViewId } from '../spatial/views/list.ts';
import type { Prompt } from './message.ts';

/**
 * Builds one user turn: the images, then the template with its slots filled. `{question}` is the question, `{choices}`
 * the choices as "a, b or c", `{graph}` the text of a first stage.
 * @param images hashes of the sample's images, in order.
 */
export function fillPrompt(
  template: string,
  sample: Sample,
  images: readonly string[],
  view: ViewId,
  graph = '',
): Prompt {
  const choices = listChoices(sample.choices ?? []);
  const text = fill(template, { question: sample.question, choices, graph });
  return [
    { role: 'user', content: [...images.map((image) => ({ image, view: viewOf(view).pixels })), text] },
  ];
}

/** Returns the text that a model should learn to write, with `{reasoning}` and `{answer}` filled in. */
export function fillTarget(template: string, sample: Sample): string {
  return fill(template, { reasoning: sample.reasoning ?? '', answer: sample.answer });
}

/** Fills all slots in one pass, so that a question which itself contains "{choices}" stays as it is. */
export function fill(template: string, slots: Record<string, string>): string {
  return template.replace(/\{(\w+)\}/g, (slot, name: string) => slots[name] ?? slot);
}

/** Lists choices as "a", "a or b", "a, b or c". */
export function listChoices(choices: readonly string[]): string {
  return choices.length < 2 ? choices.join('') : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)!}`;
}
