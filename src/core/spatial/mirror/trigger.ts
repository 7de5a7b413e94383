import type { Note } from './edits.ts';

/**
 * What a mirror cannot keep although the grammar is clear: writing, dials, maps, conventions. Each trigger is one
 * observation on the texts of a row.
 */
export interface Trigger {
  rule: string;
  level: Note['level'];
  message: string;
  /** Where `when` is looked for; `row` is question, answers, reasoning and choices together. */
  in: 'question' | 'answer' | 'row';
  when: RegExp;
  /** Must hold as well, anywhere in the row. */
  with?: RegExp;
  unless?: RegExp;
  /** Matters only where something sided is about to change. */
  chiral?: true;
  /** Matters only where the answer is free text, no option. */
  free?: true;
}
