import type { Sample } from '../../rows/sample/sample.ts';
import { fill, rowSlots } from './template.ts';
import type { PairView } from '../../rows/view-list.ts';
import { stagePrompt, type RowToAsk, type Strategy } from './strategy.ts';

/** External trainers for which Chirality can write a dataset. */
export const OTHER_TRAINERS = ['trl', 'verl', 'ms-swift'] as const;
export type OtherTrainer = (typeof OTHER_TRAINERS)[number];

interface TrainerRow {
  sample: Sample;
  view: PairView;
  /** Key of the row's pair: equal for the two views of a row, and different for all other rows. */
  pair: string;
  /** Index of the row in the dataset, from 0. */
  index: number;
  /** Text of the prompt that contains `{question}`, with slots as in template.ts. */
  template: string;
  /** Whether the images of the row are the frames of one video. */
  isVideo: boolean;
}

interface Message {
  role: 'user';
  content: string;
}

const PLACEHOLDER = /<image>\s*/g;

/**
 * Returns the messages of a row: one user turn. verl and ms-swift require `<image>` for each image, at its slot or
 * before the text, and `<video>` for all frames of a clip. TRL itself inserts the images before the text.
 */
function messagesOf(trainer: OtherTrainer, { sample, template, isVideo }: TrainerRow): Message[] {
  const text = fill(template, rowSlots(sample, template));
  const bare = text.replace(PLACEHOLDER, '');
  const isPlaced = (text.match(PLACEHOLDER) ?? []).length === sample.images.length;
  const marks = isVideo ? '<video>' : '<image>'.repeat(sample.images.length);
  const content = trainer === 'trl' ? bare : isPlaced && !isVideo ? text : marks + bare;
  return [{ role: 'user', content }];
}

/**
 * Returns a row with the columns of a trainer, without the images. Reward functions get `solution` (TRL, ms-swift) or
 * `reward_model.ground_truth` (verl). Rewards in python/src/chirality/spatial_grpo couple views by `pair` and `view`.
 */
export function trainerRow(trainer: OtherTrainer, row: TrainerRow): Record<string, unknown> {
  const { sample, pair, view, index } = row;
  const messages = messagesOf(trainer, row);
  const answers = sample.answers && { answers: sample.answers };
  if (trainer === 'trl') return { prompt: messages, solution: sample.answer, ...answers, pair, view };
  if (trainer === 'ms-swift') return { messages, solution: sample.answer, ...answers, pair, view };
  return {
    data_source: sample.source ?? 'chirality',
    prompt: messages,
    ability: sample.task ?? 'spatial',
    reward_model: { style: 'rule', ground_truth: sample.answer },
    extra_info: { index, pair, view, question: sample.question, answer: sample.answer, ...answers },
  };
}

/** Part of a message for evaluation harnesses. `image` is the name of a file next to the rows. */
type TaskPart = { type: 'text'; text: string } | { type: 'image'; image: string };

/** Returns the reason why another harness cannot use a strategy; null for one prompt without answer extraction. */
export function notOneQuestion({ stages, extract }: Strategy): string | null {
  const [stage] = stages;
  if (stages.length > 1) return 'it asks in several stages';
  if (extract !== 'whole') return 'it reads the answer from the last line';
  return stage!.exemplars?.rows.some(({ images }) => images.length > 0)
    ? 'it shows pictures of other rows'
    : null;
}

/**
 * Returns the prompt of a strategy with one question for a row.
 * @param files file of each displayed image in the view, by its `refKey`
 */
export function taskMessages(
  { stages: [stage] }: Strategy,
  { sample, view }: Pick<RowToAsk, 'sample' | 'view'>,
  files: ReadonlyMap<string, string>,
): { role: 'system' | 'user' | 'assistant'; content: TaskPart[] }[] {
  return stagePrompt(stage!, { sample, view, hashes: files }, {}).map(({ role, content }) => ({
    role,
    content: content.map((part) =>
      typeof part === 'string' ? { type: 'text', text: part } : { type: 'image', image: part.image },
    ),
  }));
}
