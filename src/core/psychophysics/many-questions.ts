import { thousands } from '../labels.ts';

/** How the program says how many questions it will not ask without a yes; the editor asks for one. */
export const manyQuestions = (questions: number): string =>
  `That is up to ${thousands(questions)} questions.`;

/** The number in it; null in another message. */
export function refusedQuestions(message: string): number | null {
  const [, digits] = /That is up to ([\d,]+) questions\./.exec(message) ?? [];
  return digits === undefined ? null : Number(digits.replaceAll(',', ''));
}
