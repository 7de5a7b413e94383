import { inlineChoices, namedOption, optionKey, readOptions } from '../read/options.ts';
import { SET_SIGNS } from '../read/words/signs.ts';
import { letterOf } from '../sample/choices.ts';
import type { ScoreInput, Task } from './score.ts';
import { foundTask, referenceOf, taskOf } from './score-row.ts';
import { isTask } from './score-tasks.ts';
import { questionForm, referenceForm, type QuestionForm, type ReferenceForm } from './set-forms.ts';

/** Why a row does not fit. The messages are told to people, with the row's place before them. */
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

/** How a row is read by its set. */
export interface RowReading {
  /** The task that the set as a whole gives the row; null if question and reference alone decide. */
  task: Task | null;
  misfit?: Misfit;
}

/** What a set's rows are scored as, and how many do not fit. */
export interface SetSummary {
  rows: number;
  /** Rows by what they are scored as. */
  tasks: Record<string, number>;
  /** The same of the rows for which question and reference decide, since they declare no task. */
  found_tasks: Record<string, number>;
  misfits: Record<string, number>;
}

/** The forms of one row, and its options. */
interface Forms {
  question: QuestionForm;
  reference: ReferenceForm;
  declared: Task | null;
  hasOptions: boolean;
}

/** From how many lone letters on, and from which share of the rows without options, they name options in the picture. */
const FEWEST_LETTERS = 3;
const LETTER_SHARE = 0.5;

/**
 * Reads a set as a whole, row by row: a reference such as B, 1 or Right can only be read among others. `add` every row,
 * then ask for the reading of each. Memory does not grow with the rows, but with those that may not fit.
 *
 * @typeParam Place where a row stands, for whoever lists those that do not fit
 */
export class SetReading<Place = number> {
  private readonly forms = new Map<string, number>();
  private readonly tasks = new Map<string, { forms: Forms; task: Task; isFound: boolean; count: number }>();
  private readonly doubtful: { place: Place; forms: Forms; misfit: Misfit }[] = [];
  private readonly letters = new Set<string>();
  private readonly poles = new Set<string>();

  /** @returns why the row does not fit, if that is certain whatever rows follow */
  add(row: ScoreInput, place: Place): Misfit | null {
    const forms = formsOf(row);
    const task = taskOf(row);
    for (const key of [forms.reference, `${forms.question} ${forms.reference}`, forms.question])
      if (!forms.hasOptions && forms.declared === null) this.forms.set(key, this.count(key) + 1);
    if (!forms.hasOptions && forms.declared === null) this.forms.set('', this.count('') + 1);
    const reference = referenceOf(row);
    if (forms.reference === 'letter') this.letters.add(reference.toUpperCase().replace(/\W/g, ''));
    if (forms.reference !== 'verdict' && /^\W*(?:left|wrong|incorrect)\W*$/i.test(reference))
      this.poles.add(reference.toLowerCase().replace(/\W/g, ''));
    const isFound = foundTask(row) !== null;
    const key = JSON.stringify([forms, task, isFound]);
    const before = this.tasks.get(key) ?? { forms, task, isFound, count: 0 };
    this.tasks.set(key, { ...before, count: before.count + 1 });
    const misfit = misfitOf(row, forms);
    if (misfit) this.doubtful.push({ place, forms, misfit });
    return misfit && isCertain(misfit) ? misfit : null;
  }

  /** The rows that do not fit, in the order in which they were added. */
  misfits(): { place: Place; misfit: Misfit }[] {
    return this.doubtful.flatMap(({ place, forms, misfit }) =>
      this.stands(misfit, forms) ? [{ place, misfit }] : [],
    );
  }

  /** How a row is read, once all rows are added. */
  of(row: ScoreInput): RowReading {
    const forms = formsOf(row);
    const misfit = misfitOf(row, forms);
    return { task: this.taskFor(forms), ...(misfit && this.stands(misfit, forms) && { misfit }) };
  }

  get summary(): SetSummary {
    const tasks: Record<string, number> = {};
    const found: Record<string, number> = {};
    let rows = 0;
    for (const { forms, task, isFound, count } of this.tasks.values()) {
      const name = this.taskFor(forms) ?? task;
      tasks[name] = (tasks[name] ?? 0) + count;
      if (isFound) found[name] = (found[name] ?? 0) + count;
      rows += count;
    }
    const misfits: Record<string, number> = {};
    for (const { misfit } of this.misfits()) misfits[misfit.code] = (misfits[misfit.code] ?? 0) + 1;
    return { rows, tasks, found_tasks: found, misfits };
  }

  private count(key: string): number {
    return this.forms.get(key) ?? 0;
  }

  /** Whether the set's lone letters are those of options that the rows do not list. */
  private hasLetters(question: QuestionForm): boolean {
    if (this.letters.size < 2) return false;
    const share = (letters: string, all: string) =>
      this.count(letters) >= FEWEST_LETTERS && this.count(letters) >= LETTER_SHARE * this.count(all);
    return share('letter', '') || share(`${question} letter`, question);
  }

  private taskFor({ question, reference, declared, hasOptions }: Forms): Task | null {
    if (declared !== null || hasOptions) return null;
    const isPolar = question === 'polar';
    switch (reference) {
      case 'letter':
        return this.hasLetters(question) ? 'mcq' : null;
      case 'binary':
        // A statement is judged by 0 or 1 only where all are.
        return isPolar || (question === 'statement' && this.isBinary) ? 'yesno' : null;
      case 'right-wrong':
        return (isPolar || question === 'statement') && this.poles.size > 0 && !this.poles.has('left')
          ? 'yesno'
          : null;
      case 'verdict':
        return isPolar ? 'yesno' : null;
      default:
        return null;
    }
  }

  private get isBinary(): boolean {
    const judged = this.count('statement binary');
    return judged >= FEWEST_LETTERS && judged === this.count('statement');
  }

  private stands(misfit: Misfit, { question }: Forms): boolean {
    return isCertain(misfit) || !this.hasLetters(question);
  }
}

/** Whether other rows cannot explain it: a lone letter may be that of an option in the picture. */
export const isCertain = ({ code }: Misfit): boolean => code !== 'letter-without-options';

function formsOf(row: ScoreInput): Forms {
  const question = row.question ?? '';
  const reference = referenceForm(referenceOf(row));
  const declared = isTask(row.task) ? row.task : null;
  const inline = row.choices?.length ? null : readOptions(question);
  const hasOptions =
    Boolean(row.choices?.length) ||
    inline?.kind === 'letters' ||
    inlineChoices({ ...row, answer: referenceOf(row) }) !== null;
  return { question: questionForm(question), reference, declared, hasOptions };
}

/** How a reference is quoted in a message. */
const quoted = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);

/** Why a reference does not fit its options or its question; null if it may. */
function misfitOf(row: ScoreInput, forms: Forms): Misfit | null {
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

/** What a question asks for that a reference of this form cannot answer; null if it can. */
function asksFor({ question, reference, declared }: Forms, text: string): string | null {
  const isVerdict = reference === 'verdict';
  if (declared !== null && !['count', 'yesno', 'distance', 'area', 'side'].includes(declared)) return null;
  if (isVerdict && (text.search(SET_SIGNS.verdicts) >= 0 || /\b(?:true|false|yes)\b/i.test(text)))
    return null;
  const form = declared === 'count' ? 'count' : declared === 'yesno' ? 'polar' : question;
  switch (form) {
    case 'count':
      return isVerdict ? 'for a number' : reference === 'letter' ? 'for a number' : null;
    case 'measure':
      return isVerdict ? 'for a measure' : null;
    case 'place':
      return isVerdict ? 'for a place' : null;
    case 'which':
      return isVerdict && !SET_SIGNS.reads.test(text) ? 'for a thing' : null;
    case 'polar':
      return reference === 'number' || reference === 'measured' || reference === 'letter'
        ? 'for yes or no'
        : null;
    default:
      return null;
  }
}

/** Why a reference names no option, where it has the form of one that should. */
function optionMisfit(row: ScoreInput, answer: string, { reference }: Forms): Misfit | null {
  const read = row.choices?.length
    ? null
    : (readOptions(row.question ?? '') ?? readOptions(row.question ?? '', { numbers: true }));
  const options = row.choices ?? read?.options.map(({ text }) => text) ?? [];
  const labels = read?.labels ?? options.map((_, i) => letterOf(i));
  const { index, conflict } = namedOption(answer, { labels, options });
  if (index !== null) return null;
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
  const isNumber = reference === 'number' || reference === 'binary' || reference === 'measured';
  if (!isNumber || options.some((option) => optionKey(option).includes(optionKey(answer)))) return null;
  return {
    code: 'number-not-an-option',
    message: `The reference ${quoted(answer)} is none of the options, which are ${options.slice(0, 4).map(quoted).join(', ')}${options.length > 4 ? ' …' : ''}.`,
  };
}

/** How each row of a set is read. */
export function readSet(rows: readonly ScoreInput[]): { rows: RowReading[]; summary: SetSummary } {
  const set = new SetReading();
  rows.forEach((row, i) => set.add(row, i));
  return { rows: rows.map((row) => set.of(row)), summary: set.summary };
}

/** A row with the task that its set gives it, if its set decides. */
export function withFoundTask<R extends ScoreInput>(row: R, set: SetReading<unknown>): R {
  const { task } = set.of(row);
  return task === null ? row : { ...row, found_task: task };
}
