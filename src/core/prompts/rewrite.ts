import type { Problem } from '../problem.ts';
import type { Sample } from '../spatial/sample.ts';
import { fillPromptFile, parsePrompt, type PromptFile } from './prompt-file.ts';

/** What a prompt that asks for a rewrite can show: question and answer, or all texts as one JSON object. */
export type RewriteSlot = 'question' | 'answer' | 'fields';
export type RewritePrompt = PromptFile<RewriteSlot>;

type Parsed<S extends string> =
  { prompt: PromptFile<S>; problems: [] } | { prompt: null; problems: Problem[] };

export const parseRewritePrompt = (name: string, file: string): Parsed<RewriteSlot> =>
  parsePrompt<RewriteSlot>(
    name,
    file,
    ['question', 'answer', 'fields'],
    [['question', 'answer'], ['fields']],
  );

/** What is said after an answer that cannot be read. */
export const parseRepairPrompt = (name: string, file: string): Parsed<never> =>
  parsePrompt<never>(name, file, [], []);

/** The prompt about a row. */
export function rewriteRequest(prompt: RewritePrompt, sample: Sample): string {
  const { question, answer, reasoning, choices } = sample;
  const fields = { question, answer, ...(choices && { choices }), ...(reasoning && { reasoning }) };
  return fillPromptFile(prompt, { question, answer, fields: JSON.stringify(fields, null, 1) });
}
