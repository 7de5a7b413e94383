import type { Sample } from '../spatial/sample.ts';
import { viewOf, type ViewId } from '../spatial/views/list.ts';
import type { Prompt } from './message.ts';

/**
 * One user turn: the images, then the template with its slots filled. `{question}` is the question, `{choices}` the
 * choices as "a, b or c", `{graph}` what a first stage wrote.
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

/** What a model should learn to write, with `{reasoning}` and `{answer}` filled in. */
export function fillTarget(template: string, sample: Sample): string {
  return fill(template, { reasoning: sample.reasoning ?? '', answer: sample.answer });
}

/** All slots in one pass, so that a question that itself contains "{choices}" stays as it is. */
export function fill(template: string, slots: Record<string, string>): string {
  return template.replace(/\{(\w+)\}/g, (slot, name: string) => slots[name] ?? slot);
}

/** "a", "a or b", "a, b or c". */
export function listChoices(choices: readonly string[]): string {
  return choices.length < 2 ? choices.join('') : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)!}`;
}
