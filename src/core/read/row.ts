import { Text, type Token } from './tokens.ts';
import type { Sample } from '../sample/sample.ts';

/** The texts of a sample, each tokenised once for all rules. */
export interface Row {
  question: Text;
  answer: Text;
  reasoning: Text | undefined;
  choices: readonly Text[];
  /** All texts, in the order above. */
  texts: readonly Text[];
  /** The words of all texts, one text per line. */
  words: readonly Token[];
}

const LINE: Token = { text: '\n', lower: '\n', start: -1, end: -1, kind: 'mark', joined: false };

const NO_TEXT = new Text('');

export function readRow(sample: Pick<Sample, 'question' | 'answer' | 'reasoning' | 'choices'>): Row {
  const question = sample.question === '' ? NO_TEXT : new Text(sample.question);
  const answer = sample.answer === '' ? NO_TEXT : new Text(sample.answer);
  const reasoning = sample.reasoning ? new Text(sample.reasoning) : undefined;
  const choices = sample.choices?.map((choice) => new Text(choice)) ?? [];
  const texts = [question, answer, ...(reasoning ? [reasoning] : []), ...choices];
  const words: Token[] = [];
  for (const text of texts) {
    if (text !== question) words.push(LINE);
    for (const word of text.words) words.push(word);
  }
  return { question, answer, reasoning, choices, texts, words };
}

export type Role = 'question' | 'answer' | 'reasoning' | 'choice' | 'label';

/** What kind of answer a question wants: the part of `Asked` by which a lone "right" is read. */
export interface Form {
  /** True if the question asks for a side, or offers both, so that a lone "right" answers it. */
  asksSide: boolean;
  /** True if the question offers both sides: "left or right?". */
  menu: boolean;
  /** True if the question asks for one of several things. */
  which: boolean;
  /** True if the question is answered by yes or no. */
  yesNo: boolean;
}
