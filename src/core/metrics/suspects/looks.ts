import { readGiven, type Given } from '../../answers/given.ts';
import { isControl, viewOfRow, ORIGINAL } from '../../../rows/view-list.ts';
import type { JudgedRow } from '../outcomes.ts';
import { groupBy, imageKey } from '../../evaluation/scored-row.ts';

/**
 * Model answers to a row in its views, mapped back to the original: each answer is one of the row's candidates. The
 * reference answers of the views show how a view maps an answer, as in `agree` (answers/given.ts).
 */

export interface Look {
  view: string;
  /** Index of the candidate that the answer equals. */
  said: number;
  /** Reference answer in the words of this view. With the same words, a response bias or a guess can repeat. */
  text: string;
  /** Index of the candidate that the words of the question suggest in this view; null if unknown. */
  words: number | null;
}

export interface LookedRow {
  id: string;
  set: string;
  /** Key of the row's image. Rows about one image are not independent. */
  image: string;
  question: string;
  /** Reference answer as written in the row. */
  reference: string;
  form: string;
  /** Possible answers to the original: options, or the numbers that occur in answers. */
  candidates: string[];
  /** Index of the candidate that the dataset labels as right. */
  label: number;
  /** Answers of each model, in the order of the evaluations; empty for a model without answers. */
  looks: Look[][];
}

/**
 * Reads rows that several evaluations answered, if the answers have candidates: yes and no, sides, alternatives,
 * options and counts. All other rows are excluded and counted.
 */
export function readLooks(models: readonly (readonly JudgedRow[])[]): { rows: LookedRow[]; leftOut: number } {
  const byRow = new Map<string, JudgedRow[][]>();
  for (const [m, rows] of models.entries())
    for (const row of rows) {
      const key = JSON.stringify([row.set ?? '', row.id]);
      const byModel = byRow.get(key) ?? models.map(() => []);
      byModel[m]!.push(row);
      byRow.set(key, byModel);
    }
  const words = wordsOf([...byRow.values()].flat(2));
  let leftOut = 0;
  const rows = [...byRow.values()].flatMap((byModel) => {
    const row = looked(byModel, words);
    if (!row) leftOut += 1;
    return row ?? [];
  });
  return { rows, leftOut };
}

function looked(byModel: readonly JudgedRow[][], words: (row: JudgedRow) => Given | null): LookedRow | null {
  const original = byModel.flat().find((row) => viewOfRow(row) === ORIGINAL);
  const right = original ? referenceIn(original) : null;
  if (!original || !right || right.kind === 'size' || right.kind === 'box') return null;
  const names = candidatesOf(original, right, byModel.flat());
  const label = right.kind === 'option' ? right.place : names.indexOf(String(right.value));
  const place = (given: Given | null, reference: Given): number | null => {
    if (!given) return null;
    if (given.kind === 'option' && reference.kind === 'option' && right.kind === 'option') {
      if (reference.of !== right.of) return null;
      if (right.of === 2) return given.place === reference.place ? label : 1 - label;
      return reference.place === right.place ? given.place : null;
    }
    const isCount = given.kind === 'count' && reference.kind === 'count' && right.kind === 'count';
    return isCount && reference.value === right.value ? names.indexOf(String(given.value)) : null;
  };
  const looks = byModel.map((rows) =>
    rows.flatMap((row): Look[] => {
      if (isControl(viewOfRow(row))) return []; // Rows with shuffled frames contain no evidence about the label.
      const reference = referenceIn(row);
      const candidate = reference && place(readGiven(row.score, row, 'given'), reference);
      if (candidate === null || candidate < 0) return [];
      return [
        {
          view: viewOfRow(row),
          said: candidate,
          text: textOf(reference!),
          words: place(words(row), reference!),
        },
      ];
    }),
  );
  return {
    id: original.id,
    set: original.set ?? '',
    image: imageKey(original),
    question: original.question ?? '',
    reference: typeof original.answer === 'string' ? original.answer : '',
    form: right.kind === 'option' ? `${original.score.task} ${right.of}` : 'count',
    candidates: names,
    label,
    looks,
  };
}

const referenceIn = (row: JudgedRow): Given | null => readGiven(row.score, row, 'reference');

const textOf = (given: Given): string =>
  given.kind === 'option' ? given.text : given.kind === 'count' ? String(given.value) : '';

/** Returns the texts of a row's candidates, in the order of its options; for counts, all numbers in answers. */
function candidatesOf(original: JudgedRow, right: Given, rows: readonly JudgedRow[]): string[] {
  if (right.kind === 'count') {
    const answers = rows.flatMap((row) => readGiven(row.score, row, 'given') ?? []);
    const numbers = [right, ...answers].flatMap((answer) => (answer.kind === 'count' ? answer.value : []));
    return [...new Set(numbers)].sort((a, b) => a - b).map(String);
  }
  if (right.kind !== 'option') return [];
  const { choices } = original;
  if (original.score.task === 'mcq' && choices) return choices.map(String);
  if (original.score.task === 'yesno') return ['yes', 'no'];
  // For two sides or alternatives, the text of the wrong candidate comes from an answer that contains it.
  const names = Array.from({ length: right.of }, (_, i) => (i === right.place ? right.text : ''));
  for (const row of rows.filter((judgedRow) => viewOfRow(judgedRow) === ORIGINAL)) {
    const given = readGiven(row.score, row, 'given');
    if (given?.kind === 'option' && given.of === right.of) names[given.place] ||= given.text;
  }
  return names.map((name) => name || 'the other option');
}

/**
 * Returns the answer that the words of the question suggest: the most frequent right answer of *other* rows with the
 * same question, otherwise with the same form. Null on a tie. Models often give this answer without using the image.
 */
function wordsOf(rows: readonly JudgedRow[]): (row: JudgedRow) => Given | null {
  const questions = new Map<string, { row: JudgedRow; reference: Given }>();
  for (const row of rows) {
    const reference = referenceIn(row);
    if (reference) questions.set(JSON.stringify([row.set, row.id, viewOfRow(row)]), { row, reference });
  }
  const formOf = ({ score, choices }: JudgedRow) => `${score.task} ${choices?.length ?? ''}`;
  const tally = (keyOf: (row: JudgedRow) => string) => {
    const groups = groupBy([...questions.values()], ({ row }) => keyOf(row));
    const commonest = new Map(
      [...groups].map(([key, group]) => {
        const answers = [...groupBy(group, ({ reference }) => saidAs(reference))];
        const [most, next] = answers.sort(([, a], [, b]) => b.length - a.length);
        const [text, [first, ...others]] = most!;
        return [
          key,
          { text, given: first!.reference, count: others.length + 1, next: next?.[1].length ?? 0 },
        ];
      }),
    );
    return (row: JudgedRow, word: string): Given | null => {
      const best = commonest.get(keyOf(row));
      if (!best) return null;
      // If all answers are balanced, excluding the row's own answer would make the other answer most frequent.
      const others = best.count - Number(best.text === word);
      return others > best.next ? best.given : null;
    };
  };
  const byQuestion = tally((row) => JSON.stringify([row.question, row.choices ?? null]));
  const byForm = tally(formOf);
  return (row) => {
    const reference = referenceIn(row);
    if (!reference) return null;
    const right = saidAs(reference);
    return byQuestion(row, right) ?? byForm(row, right);
  };
}

/** Returns an option by its letter if there are more than two options, because a response bias repeats a letter. */
const saidAs = (given: Given): string =>
  given.kind === 'option' && given.of > 2 ? `option ${given.letter}` : textOf(given);
