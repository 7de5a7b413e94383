import { choiceIndex, letterOf } from '../sample/choices.ts';
import type { Sample } from '../sample/sample.ts';
import {
  inlineChoices,
  optionKey,
  readOptions,
  withoutOptions,
  type InlineOptions,
  type NamedOption,
} from './inline-options.ts';

/** A question that ends so is whole without the list that followed it. */
const WHOLE = /(?:^|[.?!:)\]"'”？。！：])$/;

/**
 * A row whose options have moved from its question into `choices`, which `meta.inline_options` says; an instruction that
 * followed them is `meta.instruction`. The answer keeps its letter or text; a number, or a text that differs from its option in signs,
 * becomes the option. Where the row has `choices` and the question repeats them, they are cut from it. Null if there is
 * nothing to move, or if the row already has rewrites of its question.
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
 * The question as it stood before its options moved, for a prompt that shows nothing but the question: with them, by
 * letters, and with the instruction that followed. Other questions are as they are.
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

/** The question without its options; '' if nothing, or half a sentence, would be left. */
function asked(text: string, read: InlineOptions): { question: string; after: string } {
  const cut = withoutOptions(text, read);
  if (cut.question === '')
    return { ...cut, question: text.slice(0, read.options[0]!.start).replace(/\W*[A-Za-z\d]?\W*$/, '') };
  return read.kind === 'list' && !WHOLE.test(text.slice(0, read.start).trim())
    ? { ...cut, question: '' }
    : cut;
}

/** The options inside a question that are those of the row. */
function repeated(question: string, choices: readonly string[]): InlineOptions | null {
  const read = readOptions(question);
  const isSame =
    read?.options.length === choices.length &&
    read.options.every(({ text }, i) => optionKey(text) === optionKey(choices[i]!));
  return isSame ? read : null;
}
