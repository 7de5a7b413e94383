import { Random } from '../random.ts';
import { letterOf } from '../spatial/letters.ts';
import type { Sample } from '../spatial/sample.ts';
import { graphOf } from '../spatial/scene-graph/read.ts';
import { describeGraph, shuffleNames } from './graph.ts';
import { listChoices } from './template.ts';

/** Slots that a stage's prompt can use for its row, besides pictures and the texts of earlier stages. */
export const ROW_SLOTS = [
  'question',
  'choices',
  'lettered',
  'row_graph',
  'shuffled_graph',
  'description',
] as const;
/** Slots for pictures, and for exemplars that are shown as one text. */
export const PLACED_SLOTS = ['images', 'depth_map', 'exemplars'] as const;
/** Slots that the prompts of an exemplar can use. */
export const EXEMPLAR_SLOTS = ['question', 'choices', 'lettered', 'graph', 'reasoning', 'answer'] as const;

export type ExemplarSlot = (typeof EXEMPLAR_SLOTS)[number];

type Filled<S extends readonly string[]> = Record<S[number], string>;

/** Returns the texts that a row gives for the slots of a prompt. */
export function rowSlots(sample: Sample, prompt: string): Filled<typeof ROW_SLOTS> {
  const graph = sample.scene_graph;
  const read = graphOf(sample);
  // Seeded by the row's id, so that a repeated evaluation shows the same graph.
  const shuffled = graph && shuffleNames(graph, Random.from(`names of ${sample.id}`));
  return {
    ...questionSlots(sample, prompt),
    row_graph: graph ? JSON.stringify(graph) : '',
    shuffled_graph: shuffled ? JSON.stringify(shuffled) : '',
    description: read ? describeGraph(read) : '',
  };
}

export const exemplarSlots = (sample: Sample, prompt: string): Filled<typeof EXEMPLAR_SLOTS> => ({
  ...questionSlots(sample, prompt),
  graph: sample.scene_graph ? JSON.stringify(sample.scene_graph) : '',
  reasoning: sample.reasoning ?? '',
  answer: sample.answer,
});

/** Fills the slots of the question. Its options follow it unless the prompt shows them elsewhere. */
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
