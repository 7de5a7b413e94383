import type { ViewId } from '../../rows/view-list.ts';
import type { SetFigure } from './insight-files.ts';
import { layersIn, massOf } from './set-figures.ts';
import { ROLES, type CountVerdict, type Role } from './set-names.ts';
import type { SetRow } from './set-row.ts';

/** Attention analysis of an evaluation set, as panels display it. */
export interface LookedSet {
  /** Numbers of the analysed layers, in the order of the per-layer lists. */
  layers: number[];
  /** Metrics of the token that predicts the answer, as the mean over heads, and log-odds with hidden input parts. */
  figures: SetFigure[];
  /** Lift of the token that predicts the answer, by head. High values identify the heads that find the objects. */
  heads: SetFigure[];
  rows: LookedRow[];
}

interface LookedRow {
  id: string;
  view: ViewId;
  question: string;
  reference: string;
  answer: string;
  /** Whether the answer is right; for counts, its distance from the right count. Null if unknown. */
  verdict: CountVerdict | null;
  /** Whether the attention maps of the row were stored, so that panels can draw them. */
  isDrawn: boolean;
  /** Attention of the answer on the objects of each role, by layer, as a share of the attention on the image. */
  masses: { role: Role; byLayer: (number | null)[] }[];
}

export function lookedSet(all: readonly SetFigure[], rows: readonly SetRow[]): LookedSet {
  const [figures, heads] = [true, false].map((isMean) =>
    all.filter(({ head, query }) => (head === null) === isMean && query === 'answer'),
  ) as [SetFigure[], SetFigure[]];
  const layers = layersIn(figures);
  return { layers, figures, heads, rows: rows.map((row) => lookedRow(row, layers.length)) };
}

/** Returns whether an answer is right; for counts, its distance from the right count. */
export const verdictOf = ({ right, count }: SetRow): CountVerdict | null =>
  count ?? (right === null ? null : right ? 'right' : 'wrong');

function lookedRow(row: SetRow, layers: number): LookedRow {
  const { id, view, question, reference, answer } = row;
  const roles = ROLES.filter((role) => row.objects.some((object) => object.role === role));
  return {
    id,
    view,
    question,
    reference,
    answer,
    verdict: verdictOf(row),
    isDrawn: row.map !== null,
    masses: roles.map((role) => ({
      role,
      byLayer: Array.from({ length: layers }, (_, layer) => massOf(row, 'answer', layer, null, role)),
    })),
  };
}
