import { letterOf } from '../../base/item-names.ts';
import { choiceIndex } from '../sample/choices.ts';
import type { Sample } from '../sample/sample.ts';
import {
  inlineChoices,
  optionKey,
  readOptions,
  type InlineOptions,
  type NamedOption,
} from './inline-options.ts';

/** Matches the end of a question that is complete without the list that follows. */
const WHOLE = /(?:^|[.?!:)\]"'”？。！：])$/;

/**
 * Moves the options of a row from its question into `choices`, recorded in `meta.inline_options`. An instruction after
 * the options becomes `meta.instruction`. An answer that is a letter or text stays; an answer that is a number, or that
 * differs from its option in signs, becomes the option. If the row already has `choices` and the question repeats them,
 * removes them from the question. Null if there is nothing to move, or if the row has rewrites of its question.
 */
export function moveOptions(sample: Sample): Sample | null {
  if (sample.variants) return null;
  const read: (InlineOptions & Partial<NamedOption>) | null = sample.choices?.length
    ? repeated(sample.question, sample.choices)
    : inlineChoices(sample);
  if (!read) return null;
  const choices = sample.choices?.length ? sample.choices : read.options.map(({ text }) => text);
  const { question, after } = asked(sample.question, read);
  if (question === '' || [...choices, after].some((text) => text.includes('<image>'))) return null;
  const index = read.index ?? null;
  const isNamed = index === null || choiceIndex(sample.answer, choices) === index;
  return {
    ...sample,
    question,
    answer: isNamed ? sample.answer : choices[index]!,
    choices,
    meta: { ...sample.meta, inline_options: true, ...(after !== '' && { instruction: after }) },
  };
}

/**
 * Returns the question as it was before its options were moved, for a prompt with only the question: with options,
 * letters and the instruction after them. Returns other questions unchanged.
 */
export function wholeQuestion({
  question,
  choices,
  meta,
}: Pick<Sample, 'question' | 'choices' | 'meta'>): string {
  if (meta?.inline_options !== true || !choices) return question;
  const menu = choices.map((choice, i) => `(${letterOf(i)}) ${choice}`);
  return [question, ...menu, ...(meta.instruction ? [meta.instruction] : [])].join('\n');
}

/** Returns the question without its options. Empty if no words or only half a sentence would remain. */
function asked(text: string, read: InlineOptions): { question: string; after: string } {
  const { kind, options, start, stem, after } = read;
  if (stem === '')
    return { question: text.slice(0, options[0]!.start).replace(/\W*[A-Za-z\d]?\W*$/, ''), after };
  const isHalf = kind === 'list' && !WHOLE.test(text.slice(0, start).trim());
  return { question: isHalf ? '' : stem, after };
}

/** Returns the options inside a question if they equal the choices of the row. */
function repeated(question: string, choices: readonly string[]): InlineOptions | null {
  const read = readOptions(question);
  const isSame =
    read?.options.length === choices.length &&
    read.options.every(({ text }, i) => optionKey(text) === optionKey(choices[i]!));
  return isSame ? read : null;
}
