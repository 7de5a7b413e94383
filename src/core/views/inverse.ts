import type { Sample } from '../sample/sample.ts';

/** The texts of a row that views rewrite. */
type Texts = Pick<Sample, 'question' | 'answer' | 'reasoning' | 'choices'>;
/** What a text means where its wording may differ. */
type Meaning = (text: string, field: keyof Texts) => string;

/** Whether two rows say the same: in the same words, or with the same meaning. */
export function saysSame(one: Texts, other: Texts, meaning: Meaning = (text) => text): boolean {
  const meanings = ({ question, answer, reasoning = '', choices = [] }: Texts) => [
    meaning(question, 'question'),
    meaning(answer, 'answer'),
    meaning(reasoning, 'reasoning'),
    ...choices.map((choice) => meaning(choice, 'choices')),
  ];
  return areNear(meanings(one), meanings(other));
}

interface Return {
  /** The row, and the same row in a view. */
  row: Sample;
  seen: Sample;
  /** Applies the inverse of the view; null if that is not certain. */
  undo: (seen: Sample) => Sample | null;
  /** Applies the view to what came back, where that may use other words than the row: it has to be `seen` again. */
  redo?: (back: Sample) => Sample | null;
  meaning?: Meaning;
}

/** Whether the inverse of a view gives the row back: the check of every rewrite by rules. */
export function comesBack({ row, seen, undo, redo, meaning }: Return): boolean {
  const back = undo(seen);
  if (!back || !(['boxes', 'points', 'masks'] as const).every((key) => areNear(back[key], row[key])))
    return false;
  const [one, other] = redo ? [seen, redo(back)] : [row, back];
  return other !== null && saysSame(one, other, meaning);
}

/** Compares values, allowing numbers to differ in the last digits that a double can represent. */
function areNear(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a === 'number' && typeof b === 'number')
    return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((v, i) => areNear(v, b[i]));
  return JSON.stringify(a) === JSON.stringify(b);
}
