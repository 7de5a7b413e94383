import { letterOf } from '../../../core/sample/choices.ts';

/** Options with letters in one text: `(A) left`, `A. left`, `A: left` or `A) left`, on one line or on several. */
const MARK = /(?<![\w'’])\(?([A-Z])[.):](?=\s|$)/g;

/** A text before its options, and the options in the order of their letters, without them. */
interface OptionsInText {
  before: string;
  options: string[];
}

/**
 * Finds the options at the end of a text: marks with the letters A, B, … in this order, at least two of them. An option
 * may contain commas, stops and brackets. Null if there are none.
 */
export function optionsIn(text: string): OptionsInText | null {
  const marks = [...text.matchAll(MARK)];
  // The last A starts the list of options; an earlier one may be part of a word ("Vitamin A.").
  for (let first = marks.length - 1; first >= 0; first--) {
    if (marks[first]![1] !== 'A') continue;
    const menu = [marks[first]!];
    for (const mark of marks.slice(first + 1)) if (mark[1] === letterOf(menu.length)) menu.push(mark);
    if (menu.length < 2) continue;
    const options = menu.map((mark, i) =>
      text
        .slice(mark.index + mark[0].length, menu[i + 1]?.index)
        .trim()
        .replace(/[,;]$/, ''),
    );
    return options.every(Boolean) ? { before: before(text.slice(0, menu[0]!.index)), options } : null;
  }
  return null;
}

/** The question without the words that announce its options. */
const before = (text: string): string =>
  text.trim().replace(/\s*\b(?:options|choices|select from the following(?: choices)?)\s*:?\s*$/i, '');

/** The cells of columns named A, B, … as a list. Pandas writes `nan` into empty ones. */
export function optionColumns(row: Record<string, unknown>): string[] {
  const options: string[] = [];
  for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') {
    const cell = row[letter];
    if (cell == null || cell === '' || cell === 'nan' || Number.isNaN(cell)) break;
    options.push(String(cell));
  }
  return options;
}
