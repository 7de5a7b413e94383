import { thousands } from '../../base/format.ts';

/** Formats a message with the number of questions; the editor must ask the user to confirm it. */
export const manyQuestions = (questions: number, cost: string | null): string =>
  `The measurement evaluates up to ${thousands(questions)} questions.${cost === null ? '' : ` ${cost}`}`;

/** Parses a message by `manyQuestions`, possibly with more text at its end; null for other messages. */
export function refusedQuestions(message: string): { questions: number; cost: string | null } | null {
  const found = /The measurement evaluates up to ([\d,]+) questions\.(?: (At a price of .+? tokens\.))?/.exec(
    message,
  );
  return found && { questions: Number(found[1]!.replaceAll(',', '')), cost: found[2] ?? null };
}
