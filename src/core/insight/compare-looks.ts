import type { Metric } from '../evaluation/results.ts';
import { meanWithInterval, type Value } from '../metrics/statistics.ts';
import type { ViewId } from '../../rows/view-list.ts';
import type { SetFigure } from './insight-files.ts';
import { LAST_LAYER, answerFigures, isLikeliest, meanOfFigure } from './set-figures.ts';
import type { SetRow } from './set-row.ts';

/** Attention analysis of an evaluation set for one checkpoint with one prompting strategy. */
export interface SetLook {
  name: string;
  rows: readonly SetRow[];
  /** Numbers of the analysed layers, in the order of the per-layer lists in the rows. */
  layers: readonly number[];
}

/** Several attention analyses of the same rows; all are compared with the first analysis. */
export interface ComparedLooks {
  /** Number of (row, view) combinations that all analyses have. All metrics use only these combinations. */
  rows: number;
  /** Number of (row, view) combinations that only some analyses have. */
  left: number;
  reliance: Reliance[];
  /** Metrics by layer; null if the models have different layers or heads. */
  through: ThroughFigure[] | null;
}

/** Reliance of the answers in one view on a part of the input: accuracy while this part is hidden. */
interface Reliance {
  look: string;
  view: ViewId;
  /** Part of the input that is hidden; null if nothing is hidden. */
  hidden: string | null;
  /** Share of rows whose right answer is more likely than every other possible answer. */
  likeliest: Metric;
  /** Decrease of `likeliest` when a part is hidden, row by row; null if nothing is hidden. */
  loss: Metric | null;
  /** `likeliest` minus its value in the first analysis, row by row; null for this analysis and for hidden parts. */
  gain: Metric | null;
}

/** Attention metric of the answer by layer, as the mean over rows. */
export interface ThroughFigure extends Pick<SetFigure, 'figure' | 'of' | 'view'> {
  look: string;
  layer: number;
  mean: Metric;
  /** Metric minus its value in the first analysis, row by row; null for the first analysis. */
  change: Metric | null;
}

/** Rows of one view in each analysis; the same index is the same row in all analyses. */
type RowsOfLooks = readonly (readonly SetRow[])[];

/** Compares attention analyses on the rows that all analyses have. */
export function compareLooks(looks: readonly SetLook[]): ComparedLooks {
  const keyOf = ({ id, view }: SetRow) => JSON.stringify([view, id]);
  const sets = looks.map(({ rows }) => new Map(rows.map((row) => [keyOf(row), row])));
  const all = new Set(sets.flatMap((set) => [...set.keys()]));
  const common = [...all].filter((key) => sets.every((set) => set.has(key)));
  const rows = sets.map((set) => common.map((key) => set.get(key)!));
  const views = [...new Set(rows[0]!.map(({ view }) => view))].map((view): [ViewId, RowsOfLooks] => [
    view,
    rows.map((rowsOfLook) => rowsOfLook.filter((row) => row.view === view)),
  ]);
  const shapeOf = (_: SetLook, l: number) => JSON.stringify([looks[l]!.layers, rows[l]![0]?.heads]);
  return {
    rows: common.length,
    left: all.size - common.length,
    reliance: looks.flatMap(({ name }, l) =>
      views.flatMap(([view, ofView]) => relianceOf(name, l, view, ofView)),
    ),
    through:
      new Set(looks.map(shapeOf)).size > 1 ? null : views.flatMap((ofView) => throughOf(looks, ...ofView)),
  };
}

function relianceOf(look: string, l: number, view: ViewId, looks: RowsOfLooks): Reliance[] {
  const [rows, firsts] = [looks[l]!, looks[0]!];
  const hidden = [...new Set(rows.flatMap(({ blocked }) => blocked.map(({ keys }) => keys)))];
  const whole = rows.map((row) => isLikeliest(row, LAST_LAYER));
  const first = firsts.map((row) => isLikeliest(row, LAST_LAYER));
  return [null, ...hidden].map((what): Reliance => {
    const seen = what === null ? whole : rows.map((row) => isLikeliest(row, what));
    return {
      look,
      view,
      hidden: what,
      likeliest: meanOfFigure('likeliest', valuesOf(rows, seen)),
      loss: what === null ? null : meanWithInterval(valuesOf(rows, whole, seen)),
      gain: what === null && l > 0 ? meanWithInterval(valuesOf(rows, whole, first)) : null,
    };
  });
}

function throughOf(looks: readonly SetLook[], view: ViewId, rows: RowsOfLooks): ThroughFigure[] {
  const figures = answerFigures(rows.flat());
  return looks[0]!.layers.flatMap((layer, place) =>
    figures.flatMap(({ figure, of, valueOf }) => {
      const values = rows.map((all) => all.map((row) => valueOf(row, place)));
      return looks.flatMap(({ name }, l): ThroughFigure[] => {
        if (values[l]!.every((value) => value === null)) return [];
        const ofLook = meanOfFigure(figure, valuesOf(rows[l]!, values[l]!));
        const change = l === 0 ? null : meanWithInterval(valuesOf(rows[l]!, values[l]!, values[0]!));
        return [{ look: name, figure, of, view, layer, mean: ofLook, change }];
      });
    }),
  );
}

/** Returns the values of rows, minus the values in `less` if given. Excludes rows without a value. */
const valuesOf = (
  rows: readonly SetRow[],
  values: readonly (number | null)[],
  less?: readonly (number | null)[],
): Value[] =>
  rows.flatMap(({ image }, i) => {
    const [value, from] = [values[i] ?? null, less ? (less[i] ?? null) : 0];
    return value === null || from === null ? [] : [{ cluster: image, value: value - from }];
  });
