import { thousands } from '../../base/format.ts';

/**
 * Formats the number of questions that require a confirmation; the editor then asks for one.
 * @param cost a sentence
 */
export const manyQuestions = (questions: number, cost: string | null): string =>
  `The measurement asks up to ${thousands(questions)} questions.${cost === null ? '' : ` ${cost}`}`;

/** Parses such a message, possibly followed by more text; null for other messages. */
export function refusedQuestions(message: string): { questions: number; cost: string | null } | null {
  const found = /The measurement asks up to ([\d,]+) questions\.(?: (At a price of .+? tokens\.))?/.exec(
    message,
  );
  return found && { questions: Number(found[1]!.replaceAll(',', '')), cost: found[2] ?? null };
}
