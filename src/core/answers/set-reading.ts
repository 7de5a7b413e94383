import type { ScoreInput, Task } from './score.ts';
import { foundTask, referenceOf, taskOf } from './score-row.ts';
import type { QuestionForm, ReferenceForm } from './set-forms.ts';
import { formsOf, isCertain, misfitOf, type Forms, type Misfit } from './set-misfits.ts';

export interface RowReading {
  /** Task that the whole dataset implies for the row; null if question and reference answer alone decide. */
  task: Task | null;
  misfit?: Misfit;
}

/** Properties of one row that `SetReading` uses. */
type ReadAlone = ReturnType<typeof readAlone>;

/** @returns `isFound`: whether question and reference answer decide; `letter`, `pole`: reference answer of that form */
function readAlone(row: ScoreInput) {
  const forms = formsOf(row);
  const reference = referenceOf(row);
  const found = foundTask(row);
  const isPole = forms.reference !== 'verdict' && /^\W*(?:left|wrong|incorrect)\W*$/i.test(reference);
  return {
    forms,
    task: found ?? taskOf(row),
    isFound: found !== null,
    misfit: misfitOf(row, forms),
    ...(forms.reference === 'letter' && { letter: reference.toUpperCase().replace(/\W/g, '') }),
    ...(isPole && { pole: reference.toLowerCase().replace(/\W/g, '') }),
  };
}

const looks = new WeakMap<ScoreInput, ReadAlone>();

/** Returns the tasks that a dataset can imply for a row with these forms. The first task applies to a lone row. */
function possibleTasks({ question, reference, declared, hasOptions }: Forms): (Task | null)[] {
  const task = declared !== null || hasOptions ? null : (MAY_BE[reference] ?? null);
  return reference === 'verdict' ? [question === 'polar' ? task : null] : task ? [null, task] : [null];
}

const MAY_BE: Partial<Record<ReferenceForm, Task>> = {
  letter: 'mcq',
  binary: 'yesno',
  'right-wrong': 'yesno',
  verdict: 'yesno',
};

/** Number of rows by task, and number of rows whose answer does not fit. */
export interface SetSummary {
  rows: number;
  /** Number of rows by task. */
  tasks: Record<string, number>;
  /** Number of rows without a declared task, by the task that question and reference answer imply. */
  found_tasks: Record<string, number>;
  misfits: Record<string, number>;
}

/** Minimum number of letters that name options in the image, and their minimum share among rows without options. */
const FEWEST_LETTERS = 3;
const LETTER_SHARE = 0.5;

/**
 * Classifies the rows of a dataset together, because a reference answer such as B, 1 or Right is ambiguous in a single
 * row. Call `add` for every row, then read each row. Memory grows only with the rows that might not fit.
 *
 * @typeParam Place position of a row, for lists of rows that do not fit
 */
export class SetReading<Place = number> {
  private readonly forms = new Map<string, number>();
  private readonly tasks = new Map<string, { forms: Forms; task: Task; isFound: boolean; count: number }>();
  private readonly doubtful: { place: Place; forms: Forms; misfit: Misfit }[] = [];
  private readonly letters = new Set<string>();
  private readonly poles = new Set<string>();

  /** Classifies a row independently of the other rows, as input for `take`. Classifies the same object only once. */
  static look(row: ScoreInput): ReadAlone {
    const look = looks.get(row) ?? readAlone(row);
    looks.set(row, look);
    return look;
  }
  static readonly possibleTasks = possibleTasks;

  add(row: ScoreInput, place: Place): void {
    this.take(readAlone(row), place);
  }

  take({ forms, task, isFound, misfit, letter, pole }: ReadAlone, place: Place): void {
    for (const key of [forms.reference, `${forms.question} ${forms.reference}`, forms.question])
      if (!forms.hasOptions && forms.declared === null) this.forms.set(key, this.count(key) + 1);
    if (!forms.hasOptions && forms.declared === null) this.forms.set('', this.count('') + 1);
    if (letter !== undefined) this.letters.add(letter);
    if (pole !== undefined) this.poles.add(pole);
    const key = `${forms.question} ${forms.reference} ${forms.declared} ${forms.hasOptions} ${task} ${isFound}`;
    const before = this.tasks.get(key);
    if (before) before.count += 1;
    else this.tasks.set(key, { forms, task, isFound, count: 1 });
    if (misfit) this.doubtful.push({ place, forms, misfit });
  }

  /** Returns the rows that do not fit, in the order in which they were added. */
  misfits(): { place: Place; misfit: Misfit }[] {
    return this.doubtful.flatMap(({ place, forms, misfit }) =>
      this.stands(misfit, forms) ? [{ place, misfit }] : [],
    );
  }

  /** Returns the task and the misfit of a row. Call this method after all rows are added. */
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

  /** Whether the letters that are answers in the dataset refer to options that the rows do not list. */
  private hasLetters(question: QuestionForm): boolean {
    if (this.letters.size < 2) return false;
    const share = (letters: string, all: string) =>
      this.count(letters) >= FEWEST_LETTERS && this.count(letters) >= LETTER_SHARE * this.count(all);
    return share('letter', '') || share(`${question} letter`, question);
  }

  /** Returns the task of rows with these forms; null if question and answer decide. Call after adding all rows. */
  taskFor({ question, reference, declared, hasOptions }: Forms): Task | null {
    const task = declared !== null || hasOptions ? null : (MAY_BE[reference] ?? null);
    if (task === 'mcq') return this.hasLetters(question) ? task : null;
    const isWrong = this.poles.size > 0 && !this.poles.has('left');
    if (question === 'polar') return reference === 'right-wrong' && !isWrong ? null : task;
    if (question !== 'statement' || reference === 'verdict') return null;
    // The answers 0 and 1 mean no and yes for statements only if all statements have such answers.
    const judged = this.count('statement binary');
    const isBinary = judged >= FEWEST_LETTERS && judged === this.count('statement');
    return (reference === 'binary' ? isBinary : isWrong) ? task : null;
  }

  private stands(misfit: Misfit, { question }: Forms): boolean {
    return isCertain(misfit) || !this.hasLetters(question);
  }
}

/** Returns the row with the task that its dataset implies; the unchanged row if the dataset implies none. */
export function withFoundTask<R extends ScoreInput>(row: R, set: SetReading<unknown>): R {
  const { task } = set.of(row);
  return task === null ? row : { ...row, found_task: task };
}
