import type { FoundRow } from '../../service/rows.ts';

/** What is needed of a text document. */
export interface Lines {
  lineCount: number;
  lineAt(line: number): { text: string; isEmptyOrWhitespace: boolean };
}

/**
 * The row of a document at a line (from 1) or the next below it, then `by` rows on, as far as there are rows; null in
 * an empty document. The service's `findRow` is the same for files.
 */
export function findInDocument(document: Lines, line: number, by: number): FoundRow | null {
  const isRow = (n: number) => !document.lineAt(n - 1).isEmptyOrWhitespace;
  /** The first row from `start` in steps of 1 or -1, or null. */
  const seek = (start: number, step: number): number | null => {
    for (let n = start; n >= 1 && n <= document.lineCount; n += step) if (isRow(n)) return n;
    return null;
  };
  const last = seek(document.lineCount, -1);
  if (last === null) return null;
  let at = Math.min(seek(Math.max(line, 1), 1) ?? last, last);
  for (let left = Math.abs(by); left > 0; left--) at = seek(at + Math.sign(by), Math.sign(by)) ?? at;
  return { line: at, lines: last, text: document.lineAt(at - 1).text };
}
