import { stagePrompt, type RowToAsk, type Strategy } from './strategy.ts';

/** A part of a message as harnesses read it; `image` is a file beside the rows. */
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
 * @param files the file of each picture that is shown, by its `refKey`, as the view shows it
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
