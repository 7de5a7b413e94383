import { groupBy } from '../../../core/evaluation/scored-row.ts';
import type { SourceRow } from '../../../core/evaluation/source-evaluation.ts';
import { printable } from '../../../base/printable.ts';

/**
 * What to say of texts that are all empty: some version of a program may keep them where its reader does not look, and
 * nothing but the emptiness would show it.
 * @param texts "answers of worlds"
 * @param right how many of them the program judged right
 */
export function emptyTexts(n: number, texts: string, right = 0): string {
  const why =
    right > 0
      ? `, although ${right} of them are scored as right. This version stores its texts elsewhere.`
      : '. The completions are empty, or this version stores its texts elsewhere.';
  return `No texts in ${n} ${texts}${why} To report the layout, run \`chirality import skeleton\`.`;
}

/** What to say of each set of an evaluation of which all answers are empty. */
export const emptySets = (rows: readonly SourceRow[]): string[] =>
  [...groupBy(rows, ({ set }) => set)]
    .filter(([, ofSet]) => ofSet.every(({ segments: [{ text }] }) => text.trim() === ''))
    .map(([set, ofSet]) =>
      emptyTexts(
        ofSet.length,
        `answers of ${printable(set, 60)}`,
        ofSet.filter(({ right }) => right === true).length,
      ),
    );
