import type { Problem } from '../../base/problem.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { fill } from './template.ts';

/** A prompt that requires a judge to reply with a score of 0 or 1. */
export type JudgePrompt = PromptFile<'question' | 'pred' | 'gt'>;

export const parseJudgePrompt = (name: string, file: string) =>
  parsePrompt<'question' | 'pred' | 'gt'>(name, file, ['question', 'pred', 'gt'], [['pred', 'gt']]);

/** Slots of a rewrite prompt: question and answer, or all texts of the row as one JSON object. */
type RewriteSlot = 'question' | 'answer' | 'fields';
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

/** Parses the prompt that follows an unparsed answer. */
export const parseRepairPrompt = (name: string, file: string): Parsed<never> =>
  parsePrompt<never>(name, file, [], []);

export function rewriteRequest(prompt: RewritePrompt, sample: Sample): string {
  const { question, answer, reasoning, choices } = sample;
  const fields = { question, answer, ...(choices && { choices }), ...(reasoning && { reasoning }) };
  return fillPromptFile(prompt, { question, answer, fields: JSON.stringify(fields, null, 1) });
}

/** A prompt file: text with `{slots}`, after comment lines that start with `#`. `S` is a union of slot names. */
export interface PromptFile<S extends string> {
  /** Name of the prompt file without its extension, or its path. */
  name: string;
  text: string;
  slots: S[];
}

/**
 * Parses a prompt file.
 * @param allowed slots that this kind of prompt can fill. Any other identifier in braces is an error; other text in
 * braces is allowed, because a prompt can contain examples of JSON.
 * @param needed lists of slots; the prompt must contain all slots of at least one list.
 */
export function parsePrompt<S extends string>(
  name: string,
  file: string,
  allowed: readonly S[],
  needed: readonly (readonly S[])[],
): { prompt: PromptFile<S>; problems: [] } | { prompt: null; problems: Problem[] } {
  const text = file.replace(/^\uFEFF?(?:[^\S\n]*(?:#[^\n]*)?\r?\n)*/, '').trim();
  const written = [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!))];
  const problems: Problem[] = [];
  const error = (code: string, message: string, fix: string) =>
    problems.push({ severity: 'error', code, message, fix });
  const list = (names: readonly string[]) => names.map((slot) => `{${slot}}`).join(' and ');
  if (text === '')
    error('prompt-empty', 'The prompt has no text.', 'Write it below the lines that start with #.');
  for (const slot of written.filter((used) => !(allowed as readonly string[]).includes(used))) {
    const fix = allowed.length > 0 ? `Use ${list(allowed)}.` : 'This prompt has no slots.';
    error('prompt-slot', `The prompt has a slot {${slot}}, which nothing fills.`, fix);
  }
  if (
    text !== '' &&
    needed.length > 0 &&
    !needed.some((slots) => slots.every((slot) => written.includes(slot)))
  )
    error('prompt-slots', 'The prompt does not show the row.', `Add ${needed.map(list).join(', or ')}.`);
  return problems.length > 0
    ? { prompt: null, problems }
    : { prompt: { name, text, slots: written as S[] }, problems: [] };
}

/** Fills all slots of a prompt at once, so that slot names inside inserted values are not filled. */
export const fillPromptFile = <S extends string>(prompt: PromptFile<S>, values: Record<S, string>): string =>
  fill(prompt.text, values);
