import type { ScoredRow } from './scored-row.ts';
import { viewOfRow, type ViewId } from '../view-list.ts';
import type { Pairing } from './pairing.ts';
import { pairingOf, viewPairings } from './view-matrix.ts';
import type { ViewAnswer } from './view-answer.ts';

/** One view of a question, for a list. */
interface ViewRowSide {
  view: ViewId;
  question: string;
  /** The reference. */
  answer: string;
  /** The extracted answer of the first completion. */
  said: string;
  right: boolean;
}

/** A question that was answered in two views: a row behind a cell of the view matrix. */
export interface ViewRow {
  set: string;
  id: string;
  pairing: Pairing;
  sides: [ViewRowSide, ViewRowSide];
}

/** Lists the questions of a set that were answered in both views, in the order of the rows. */
export function viewRows(
  rows: readonly ScoredRow[],
  set: string,
  [one, other]: readonly [ViewId, ViewId],
): ViewRow[] {
  const ofSet = rows.filter((row) => (row.set ?? '') === set && [one, other].includes(viewOfRow(row)));
  return viewPairings(ofSet, one, other).map((pair) => ({
    set,
    id: pair.one.row.id,
    pairing: pairingOf(pair),
    sides: [sideOf(pair.one), sideOf(pair.other)],
  }));
}

const sideOf = ({ row, right }: ViewAnswer): ViewRowSide => ({
  view: viewOfRow(row),
  question: row.question ?? '',
  answer: String(row.answer ?? ''),
  said: row.score.answer_text,
  right,
});
