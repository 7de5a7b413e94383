import type { Sample } from '../sample.ts';
import { Text, type Token } from '../language/tokens.ts';

/** The texts of a sample, each read once for all rules. */
export interface Row {
  question: Text;
  answer: Text;
  reasoning: Text | undefined;
  choices: readonly Text[];
  /** All of them in this order. */
  texts: readonly Text[];
  /** The words of all of them, one text a line. */
  words: readonly Token[];
}

const LINE: Token = { text: '\n', lower: '\n', start: -1, end: -1, kind: 'mark', joined: false };

export function readRow(sample: Pick<Sample, 'question' | 'answer' | 'reasoning' | 'choices'>): Row {
  const question = new Text(sample.question);
  const answer = new Text(sample.answer);
  const reasoning = sample.reasoning ? new Text(sample.reasoning) : undefined;
  const choices = sample.choices?.map((choice) => new Text(choice)) ?? [];
  const texts = [question, answer, ...(reasoning ? [reasoning] : []), ...choices];
  const words = texts.flatMap((text, i) => (i === 0 ? text.words : [LINE, ...text.words]));
  return { question, answer, reasoning, choices, texts, words };
}
