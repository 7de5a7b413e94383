import type { Sample } from '../../rows/sample/sample.ts';
import { fill, rowSlots } from './template.ts';
import type { PairView } from '../../rows/view-list.ts';
import { stagePrompt, type RowToAsk, type Strategy } from './strategy.ts';

/** Trainers for which datasets are written. */
export const OTHER_TRAINERS = ['trl', 'verl', 'ms-swift'] as const;
export type OtherTrainer = (typeof OTHER_TRAINERS)[number];

interface TrainerRow {
  sample: Sample;
  view: PairView;
  /** Equal for the two views of a row, and for no other rows. */
  pair: string;
  /** The row's place in the dataset, from 0. */
  index: number;
  /** The text of the prompt around `{question}`; slots as in template.ts. */
  template: string;
  /** Whether its images are shown as the frames of one video. */
  isVideo: boolean;
}

interface Message {
  role: 'user';
  content: string;
}

const PLACEHOLDER = /<image>\s*/g;

/**
 * The messages of a row: one user turn. verl and ms-swift expect `<image>` for each image, at its place in the text
 * otherwise before it, and `<video>` for all frames of a clip; TRL itself puts the images before the text.
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
 * A row with the columns that a trainer reads, without its images. `solution` (TRL, ms-swift) and
 * `reward_model.ground_truth` (verl) are passed to reward functions; those of python/src/chirality/spatial_grpo couple views by `pair`
 * and `view`.
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

/** A part of a message as harnesses read it; `image` is a file next to the rows. */
type TaskPart = { type: 'text'; text: string } | { type: 'image'; image: string };

interface TaskMessage {
  role: 'system' | 'user' | 'assistant';
  content: TaskPart[];
}

/** Why another harness cannot ask as a strategy does; null if it can: one question, whose answer is the whole text. */
export function notOneQuestion({ stages, extract }: Strategy): string | null {
  const [stage] = stages;
  if (stages.length > 1) return 'it asks in several stages';
  if (extract !== 'whole') return 'it reads the answer from the last line';
  return stage!.exemplars?.rows.some(({ images }) => images.length > 0)
    ? 'it shows pictures of other rows'
    : null;
}

/**
 * What a strategy of one question says to a model about a row.
 * @param files the file of each image that is shown, by its `refKey`, as the view shows it
 */
export function taskMessages(
  { stages: [stage] }: Strategy,
  { sample, view }: Pick<RowToAsk, 'sample' | 'view'>,
  files: ReadonlyMap<string, string>,
): TaskMessage[] {
  return stagePrompt(stage!, { sample, view, hashes: files }, {}).map(({ role, content }) => ({
    role,
    content: content.map((part) =>
      typeof part === 'string' ? { type: 'text', text: part } : { type: 'image', image: part.image },
    ),
  }));
}
