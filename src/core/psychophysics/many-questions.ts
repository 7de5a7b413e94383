import { thousands } from '../../base/format.ts';

/**
 * How the program says how many questions it will not ask without a yes; the editor asks for one.
 * @param cost a sentence
 */
export const manyQuestions = (questions: number, cost: string | null): string =>
  `That is up to ${thousands(questions)} questions.${cost === null ? '' : ` ${cost}`}`;

/** What such a message says, which may go on; null of another message. */
export function refusedQuestions(message: string): { questions: number; cost: string | null } | null {
  const found = /That is up to ([\d,]+) questions\.(?: (At a price of .+? tokens\.))?/.exec(message);
  return found && { questions: Number(found[1]!.replaceAll(',', '')), cost: found[2] ?? null };
}
