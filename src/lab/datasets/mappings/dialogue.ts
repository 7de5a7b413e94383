import type { Turn } from '../../../core/spatial/turns.ts';
import { DataError } from '../data-error.ts';

/** One message of a dialogue: who speaks, and the text with `<image>` where an image stands. */
export interface Message {
  role: 'system' | 'user' | 'assistant';
  text: string;
}

const ROLES: Record<string, Message['role']> = {
  ...{ human: 'user', user: 'user', gpt: 'assistant', assistant: 'assistant', model: 'assistant' },
  system: 'system',
};

export function roleOf(name: unknown): Message['role'] {
  const role = ROLES[String(name).toLowerCase()];
  if (!role) throw new DataError('role', `Unknown speaker ${JSON.stringify(name)}.`);
  return role;
}

/** A whole reply in the tags of a reasoning model. */
const THINK_ANSWER = /^\s*<think>(.*?)<\/think>\s*<answer>(.*?)<\/answer>\s*$/s;

/** Placeholders at either end say only that there is an image; in the middle of a text they say which. */
const OUTER_PLACEHOLDERS = /^(?:\s*<image>)+\s*|\s*(?:<image>\s*)+$/g;

/**
 * Questions with their answers. Messages of one speaker in a row are joined; a question without a reply is dropped.
 * A reply of the form `<think>…</think><answer>…</answer>` becomes reasoning and answer.
 * @throws DataError when there is no question with an answer.
 */
export function dialogue(messages: readonly Message[]): { turns: [Turn, ...Turn[]]; system?: string } {
  const merged: Message[] = [];
  for (const { role, text } of messages) {
    const last = merged.at(-1);
    if (last?.role === role) last.text += `\n${text}`;
    else merged.push({ role, text });
  }
  const system = merged.find(({ role }) => role === 'system')?.text;
  const spoken = merged.filter(({ role }) => role !== 'system');
  const turns: Turn[] = [];
  spoken.forEach((message, i) => {
    const reply = spoken[i + 1];
    if (message.role !== 'user' || reply?.role !== 'assistant') return;
    const bare = message.text.replace(OUTER_PLACEHOLDERS, '');
    const question = (bare.includes('<image>') ? message.text : bare).trim();
    const tagged = THINK_ANSWER.exec(reply.text);
    if (tagged) turns.push({ question, answer: tagged[2]!.trim(), reasoning: tagged[1]!.trim() });
    else turns.push({ question, answer: reply.text.trim() });
  });
  const [first, ...later] = turns;
  if (!first) throw new DataError('no-turns', 'No question that is followed by an answer.');
  return { turns: [first, ...later], ...(system && { system }) };
}
