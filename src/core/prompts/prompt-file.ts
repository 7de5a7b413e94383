import type { Problem } from '../problem.ts';
import { fill } from './template.ts';

/**
 * A prompt as people edit it: text with `{slots}`, below comment lines that start with `#`. `S` names the slots.
 */
export interface PromptFile<S extends string> {
  /** The file's name without its ending, or its path. */
  name: string;
  text: string;
  /** The slots that occur. */
  slots: S[];
}

/**
 * Reads a prompt file.
 * @param allowed slots that this kind of prompt can fill. Another word in braces is an error, unless it is no
 * identifier: JSON examples may stand in a prompt.
 * @param needed at least one of these lists of slots must be complete.
 */
export function parsePrompt<S extends string>(
  name: string,
  file: string,
  allowed: readonly S[],
  needed: readonly (readonly S[])[],
): { prompt: PromptFile<S>; problems: [] } | { prompt: null; problems: Problem[] } {
  const text = file.replace(/^\uFEFF?(?:[^\S\n]*(?:#[^\n]*)?\r?\n)*/, '').trim();
  const found = [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!))];
  const problems: Problem[] = [];
  const error = (code: string, message: string, fix: string) =>
    problems.push({ severity: 'error', code, message, fix });
  const list = (names: readonly string[]) => names.map((slot) => `{${slot}}`).join(' and ');
  if (text === '')
    error('prompt-empty', 'The prompt has no text.', 'Write it below the lines that start with #.');
  for (const slot of found.filter((one) => !(allowed as readonly string[]).includes(one))) {
    const fix = allowed.length > 0 ? `Use ${list(allowed)}.` : 'This prompt has no slots.';
    error('prompt-slot', `The prompt has a slot {${slot}}, which nothing fills.`, fix);
  }
  if (
    text !== '' &&
    needed.length > 0 &&
    !needed.some((slots) => slots.every((slot) => found.includes(slot)))
  )
    error('prompt-slots', 'The prompt does not show the row.', `Add ${needed.map(list).join(', or ')}.`);
  return problems.length > 0
    ? { prompt: null, problems }
    : { prompt: { name, text, slots: found as S[] }, problems: [] };
}

/** The prompt with its slots filled, all at once: a value that itself contains a slot's name stays as it is. */
export const fillPromptFile = <S extends string>(prompt: PromptFile<S>, values: Record<S, string>): string =>
  fill(prompt.text, values);
