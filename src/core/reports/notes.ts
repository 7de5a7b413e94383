import type { Table } from './document.ts';

/**
 * The notes of columns and cells, each once, in reading order. Exports print their numbers beside the texts, and the
 * notes below the table.
 */
export class Notes {
  readonly list: string[];

  constructor({ columns, rows }: Table) {
    const notes = [...columns, ...rows.flatMap(({ cells }) => cells)].map(({ note }) => note);
    this.list = [...new Set(notes.filter((note) => note !== undefined))];
  }

  /** The number of a note, from 1; null without one. */
  numberOf(note: string | undefined): number | null {
    return note === undefined ? null : this.list.indexOf(note) + 1;
  }
}
