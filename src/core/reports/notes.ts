import type { Table } from './document.ts';

/**
 * The notes of a table's columns and cells, each once, in reading order. Exports print a note's number next to the
 * text, and the notes below the table.
 */
export class Notes {
  readonly list: string[];

  constructor({ columns, rows }: Table) {
    const notes = [...columns, ...rows.flatMap(({ cells }) => cells)].map(({ note }) => note);
    this.list = [...new Set(notes.filter((note) => note !== undefined))];
  }

  /** Returns the number of a note, from 1; null if there is no note. */
  numberOf(note: string | undefined): number | null {
    return note === undefined ? null : this.list.indexOf(note) + 1;
  }
}
