import { offeredOptions } from '../../rows/read/inline-options.ts';
import { SET_SIGNS } from './question-signs.ts';
import type { Problem } from '../../base/problem.ts';
import type { ScoreInput, Task } from './score.ts';
import { referenceOf } from './score-row.ts';
import { isTask } from './score-tasks.ts';
import { questionForm, referenceForm, type QuestionForm, type ReferenceForm } from './set-forms.ts';

/** Reason why a row's reference answer does not fit. Messages are shown to users after the row's position. */
export interface Misfit {
  code:
    | 'no-reference'
    | 'letter-outside'
    | 'letter-and-text'
    | 'number-not-an-option'
    | 'letter-without-options'
    | 'answers-otherwise';
  message: string;
}

/** Forms of one row's question and reference answer, and whether the row has options. */
export interface Forms {
  question: QuestionForm;
  reference: ReferenceForm;
  declared: Task | null;
  hasOptions: boolean;
}

/** Whether a misfit is certain without other rows. A lone letter is uncertain: the image can contain the options. */
export const isCertain = ({ code }: Misfit): boolean => code !== 'letter-without-options';

export function formsOf(row: ScoreInput): Forms {
  const question = row.question ?? '';
  const answer = referenceOf(row);
  const reference = referenceForm(answer);
  const declared = isTask(row.task) ? row.task : null;
  const hasOptions = offeredOptions(question, answer, row.choices).areCertain;
  return { question: questionForm(question), reference, declared, hasOptions };
}

/** Quotes a reference answer in a message, truncated to 40 characters. */
const quoted = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);

/** Returns the reason why a reference answer does not fit its options or its question; null if it fits. */
export function misfitOf(row: ScoreInput, forms: Forms): Misfit | null {
  const answer = referenceOf(row);
  if (forms.reference === 'empty')
    return row.boxes?.length || row.points?.length || row.masks?.length
      ? null
      : { code: 'no-reference', message: 'The row has no reference.' };
  if (forms.hasOptions) return optionMisfit(row, answer, forms);
  const asks = asksFor(forms, row.question ?? '');
  if (asks === null) return null;
  return {
    code: forms.reference === 'letter' ? 'letter-without-options' : 'answers-otherwise',
    message: `The question asks ${asks}, and its reference is ${quoted(answer)}.`,
  };
}

/** Returns the kind of answer that the question requires if the reference answer's form differs; otherwise null. */
function asksFor({ question, reference, declared }: Forms, text: string): string | null {
  if (declared !== null && !CLOSED.has(declared)) return null;
  // Whether a question of another form can have the answer yes or no: "How many kites are there is 3: true or false?"
  const mayBeVerdict =
    text.search(SET_SIGNS.verdicts) >= 0 || SET_SIGNS.verdict.test(text) || SET_SIGNS.clause.test(text);
  // A row can declare a task that differs from its question.
  const asked = declared === 'count' ? ['count', question] : declared === 'yesno' ? ['polar'] : [question];
  for (const form of asked) {
    const wants = WANTS[form];
    if (!wants?.never.includes(reference)) continue;
    if (reference === 'verdict' && (mayBeVerdict || (form === 'which' && SET_SIGNS.reads.test(text))))
      continue;
    return wants.what;
  }
  return null;
}

const CLOSED: ReadonlySet<Task> = new Set(['count', 'yesno', 'distance', 'area', 'side']);

/** Kind of answer that questions of each form require, and forms of reference answers that never fit. */
const WANTS: Readonly<Record<string, { what: string; never: readonly ReferenceForm[] }>> = {
  count: { what: 'for a number', never: ['verdict', 'letter'] },
  measure: { what: 'for a measure', never: ['verdict'] },
  place: { what: 'for a place', never: ['verdict'] },
  which: { what: 'for a thing', never: ['verdict'] },
  polar: { what: 'for yes or no', never: ['number', 'letter'] },
};

const isNumberWord = (text: string): boolean => !/\d/.test(text) && referenceForm(text) === 'number';
const numbersIn = (text: string): string => (text.match(/[-−]?\d+(?:\.\d+)?/g) ?? []).map(Number).join(' ');

/** Returns the reason why a reference answer in the form of an option is none of the options; null if it is one. */
function optionMisfit(row: ScoreInput, answer: string, { reference }: Forms): Misfit | null {
  const { options, labels, isOption, isPart, conflict } = offeredOptions(
    row.question ?? '',
    answer,
    row.choices,
  );
  if (isOption) return null;
  if (conflict) {
    const [, letter] = /([A-Za-z]+|\d+)/.exec(answer)!;
    const at = labels.indexOf(letter!.toUpperCase());
    return at < 0
      ? {
          code: 'letter-outside',
          message: `The reference ${quoted(answer)} names an option that is not there: the options are ${labels[0]} to ${labels.at(-1)}.`,
        }
      : {
          code: 'letter-and-text',
          message: `Letter and text of the reference ${quoted(answer)} disagree: ${labels[at]} is ${quoted(options[at]!)}.`,
        };
  }
  const isNumber = reference === 'number' || reference === 'binary';
  const said = numbersIn(answer);
  if (!isNumber || isPart) return null;
  // "3 chairs" fits the options 3 and 4, and "three" fits options in digits.
  if (options.some((option) => numbersIn(option) === said) || options.some(isNumberWord) || said === '')
    return null;
  return {
    code: 'number-not-an-option',
    message: `The reference ${quoted(answer)} is none of the options, which are ${options.slice(0, 4).map(quoted).join(', ')}${options.length > 4 ? ' …' : ''}.`,
  };
}

/** Converts a misfit to a warning about the row. */
export const asProblem = ({ code, message }: Misfit): Problem => ({
  severity: 'warning',
  code,
  message,
  path: 'answer',
});

/** Returns the problems of a row. A certain misfit replaces a less exact problem of the row, if any. */
export function withMisfit(
  problems: readonly Problem[],
  row: ScoreInput,
  misfit = misfitOf(row, formsOf(row)),
): readonly Problem[] {
  if (!misfit || !isCertain(misfit)) return problems;
  return [...problems.filter(({ code }) => code !== 'answer-not-a-choice'), asProblem(misfit)];
}
