import type { Sample } from '../../rows/sample/sample.ts';
import { wholeQuestion } from '../../rows/read/move-options.ts';
import { type ViewId, viewOf } from '../../rows/view-list.ts';
import type { Prompt } from './message.ts';
import { Random } from '../../base/random.ts';
import { letterOf } from '../../base/item-names.ts';
import { graphOf } from '../../rows/scene-graph/read-graph.ts';
import { describeGraph, shuffleNames } from './describe-graph.ts';

/**
 * Builds one user turn: the images, then the template with its slots filled. `{question}` is the question, `{choices}`
 * the choices as "a, b or c", `{graph}` the text of a first stage. Options that the question itself contains stay in
 * the question.
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
  const question = template.includes('{choices}') ? sample.question : wholeQuestion(sample);
  const text = fill(template, { question, choices, graph });
  return [
    { role: 'user', content: [...images.map((image) => ({ image, view: viewOf(view).pixels })), text] },
  ];
}

/** Returns the target text for training: a template with `{reasoning}` and `{answer}` filled in. */
export function fillTarget(template: string, sample: Sample): string {
  return fill(template, { reasoning: sample.reasoning ?? '', answer: sample.answer });
}

/** Fills all slots in one pass, so that "{choices}" in a question is not filled. */
export function fill(template: string, slots: Record<string, string>): string {
  return template.replace(/\{(\w+)\}/g, (slot, name: string) => slots[name] ?? slot);
}

/** Lists choices as "a", "a or b", "a, b or c". Adds letters if any choice contains a comma, "or", or a line break. */
function listChoices(choices: readonly string[]): string {
  if (choices.some((choice) => /,|\n|\sor\s/.test(choice)))
    return choices.map((choice, i) => `(${letterOf(i)}) ${choice}`).join(' ');
  return choices.length < 2 ? choices.join('') : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)!}`;
}

/** Slots for texts of the row in a stage's prompt, in addition to images and the texts of earlier stages. */
const ROW_SLOTS = ['question', 'choices', 'lettered', 'row_graph', 'shuffled_graph', 'description'] as const;
/** Slots for images, and a slot for all exemplars as one text. */
const PLACED_SLOTS = ['images', 'depth_map', 'exemplars'] as const;
/** Slots of an exemplar's prompts. */
export const EXEMPLAR_SLOTS = ['question', 'choices', 'lettered', 'graph', 'reasoning', 'answer'] as const;

/**
 * Returns the slots that a stage's prompt can use, and the required slots: the last stage needs the question; exemplars
 * as text need the slot `exemplars`.
 * @param earlier names of the stages before this stage
 */
export function stageSlots({
  earlier,
  last,
  asText,
}: {
  earlier: readonly string[];
  last: boolean;
  asText: boolean;
}): {
  slots: string[];
  needed: string[][];
} {
  const needed = [...(last ? ['question'] : []), ...(asText ? ['exemplars'] : [])];
  return {
    slots: [...ROW_SLOTS, ...PLACED_SLOTS.filter((slot) => slot !== 'exemplars' || asText), ...earlier],
    needed: needed.length > 0 ? [needed] : [],
  };
}

/** Returns a slot in an exemplar's prompts that the sample cannot fill; undefined if the sample can fill all slots. */
export function emptySlot(sample: Sample, prompts: readonly string[]): 'graph' | 'reasoning' | undefined {
  const slots = exemplarSlots(sample, '');
  return (['graph', 'reasoning'] as const).find(
    (slot) => slots[slot] === '' && prompts.some((text) => text.includes(`{${slot}}`)),
  );
}

type Filled<S extends readonly string[]> = Record<S[number], string>;

/** Returns the texts of a row for the slots of a prompt. Graph slots that the prompt does not contain are empty. */
export function rowSlots(sample: Sample, prompt: string): Filled<typeof ROW_SLOTS> {
  // Creating the text of a scene graph takes ten times as long as all other slots, and few prompts need this text.
  const shows = (slot: (typeof ROW_SLOTS)[number]) => prompt.includes(`{${slot}}`);
  const graph = sample.scene_graph;
  const read = shows('description') ? graphOf(sample) : null;
  // Seeded by the row's id, so that a repeated evaluation uses the same shuffled graph.
  const shuffled =
    graph && shows('shuffled_graph') && shuffleNames(graph, Random.from(`names of ${sample.id}`));
  // Assigned, because spread properties would take ten times as long to copy.
  return Object.assign(questionSlots(sample, prompt), {
    row_graph: graph && shows('row_graph') ? JSON.stringify(graph) : '',
    shuffled_graph: shuffled ? JSON.stringify(shuffled) : '',
    description: read ? describeGraph(read) : '',
  });
}

export const exemplarSlots = (sample: Sample, prompt: string): Filled<typeof EXEMPLAR_SLOTS> => ({
  ...questionSlots(sample, prompt),
  graph: sample.scene_graph ? JSON.stringify(sample.scene_graph) : '',
  reasoning: sample.reasoning ?? '',
  answer: sample.answer,
});

/** Fills the slots of the question. The options follow the question, unless the prompt contains them elsewhere. */
function questionSlots({ question, choices = [] }: Sample, prompt: string) {
  const list = listChoices(choices);
  const shown = list === '' || /\{(?:choices|lettered)\}/.test(prompt);
  return {
    // The wording is that of the code of arXiv 2507.13362.
    question: shown ? question : `${question} Choose between the following options: ${list}.`,
    choices: list,
    lettered: choices.map((choice, i) => `(${letterOf(i)}) ${choice}`).join('\n'),
  };
}
