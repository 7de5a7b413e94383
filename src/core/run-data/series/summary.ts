import type { Column, Extremes } from './column.ts';

/** A curve summarised in a few numbers. */
export interface SeriesSummary {
  /** The newest value and its row. */
  last: number;
  lastRow: number;
  /** Mean of the last ten values. */
  recent: number;
  lowest: number;
  lowestRow: number;
  highest: number;
  highestRow: number;
}

const RECENT = 10;

/** Summarises the rows [from, to); null if they have no value. */
export function summarise(
  column: Column,
  extremes: Extremes,
  from: number,
  to: number,
): SeriesSummary | null {
  const { lowest, highest } = extremes.find(from, to);
  if (lowest < 0) return null;
  const newest: number[] = [];
  for (let row = Math.min(to, column.length) - 1; row >= from && newest.length < RECENT; row--) {
    if (!Number.isNaN(column.at(row))) newest.push(row);
  }
  return {
    last: column.at(newest[0]!),
    lastRow: newest[0]!,
    recent: newest.reduce((sum, row) => sum + column.at(row), 0) / newest.length,
    lowest: column.at(lowest),
    lowestRow: lowest,
    highest: column.at(highest),
    highestRow: highest,
  };
}
