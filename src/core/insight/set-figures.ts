import { mean } from '../../base/numbers.ts';
import type { Metric } from '../evaluation/results.ts';
import { groupBy } from '../evaluation/scored-row.ts';
import { shareWithInterval, withinShare } from '../metrics/share.ts';
import { jackknife, meanWithInterval, ratio, type Value } from '../metrics/statistics.ts';
import { MIRROR, ORIGINAL } from '../../rows/view-list.ts';
import { areToldApart, oddsOf } from './map-shares.ts';
import type { SetFigure } from './insight-files.ts';
import { AMONG, ROLES, type Among, type Role } from './set-names.ts';
import type { SetRow } from './set-row.ts';

const isAmong = ({ right, count }: SetRow, among: Among): boolean =>
  among === 'all' || among === (count ?? (right === null ? null : right ? 'right' : 'wrong'));

/** Computes the metrics of an evaluation set, by view, layer and query. `layers` has the order of lists in rows. */
export function setFigures(rows: readonly SetRow[], layers: readonly number[]): SetFigure[] {
  return [...groupBy(rows, ({ view }) => view)].flatMap(([view, all]) =>
    AMONG.flatMap((among) => {
      const some = all.filter((row) => isAmong(row, among));
      if (some.length === 0 || (among !== 'all' && some.length === all.length)) return [];
      const queries = [...new Set(some.flatMap((row) => row.queries))];
      const wanted = among === 'all' ? queries : queries.slice(0, 1);
      const mirrors = among === 'all' && view === ORIGINAL ? rows.filter((row) => row.view === MIRROR) : [];
      return [
        ...wanted.flatMap((query) =>
          layers.flatMap((layer, place) => [
            ...atLayer(some, query, place).map((figure) => ({ ...figure, layer, head: null, query })),
            ...followAt(some, mirrors, query, place).map((figure) => ({
              ...figure,
              layer,
              head: null,
              query,
            })),
            ...(among === 'all'
              ? headsAt(some, query, place).map((figure) => ({ ...figure, layer, query }))
              : []),
          ]),
        ),
        ...oddsFigures(some, layers),
      ].map((figure) => ({ ...figure, view, among }));
    }),
  );
}

type Measured = Pick<SetFigure, 'figure' | 'of' | 'value' | 'n' | 'interval'>;

/** Metrics that are shares of attention. Shares vary continuously, so the mean of equal values has no interval. */
const ATTENTION: readonly SetFigure['figure'][] = ['picture', 'mass', 'source'];

/** Returns the mean of a metric over rows, with its interval clustered by image, for shares limited to 0–1. */
export function meanOfFigure(figure: SetFigure['figure'], values: readonly Value[]): Metric {
  if (figure === 'likeliest') return shareWithInterval(values);
  const { interval, ...rest } = meanWithInterval(values);
  if (!interval) return rest;
  return { ...rest, interval: ATTENTION.includes(figure) ? withinShare(interval) : interval };
}

/** Returns the mean of a metric over the rows with a value; [] if no row has a value. */
function measured(
  figure: SetFigure['figure'],
  of: string | null,
  rows: readonly SetRow[],
  valueOf: (row: SetRow) => number | null,
): Measured[] {
  const values = valuesOf(rows, valueOf);
  if (values.length === 0) return [];
  const { value, n, interval } = meanOfFigure(figure, values);
  return [{ figure, of, value, n, ...(interval && { interval }) }];
}

const valuesOf = (rows: readonly SetRow[], valueOf: (row: SetRow) => number | null): Value[] =>
  rows.flatMap((row) => {
    const value = valueOf(row);
    return value === null ? [] : [{ cluster: row.image, value }];
  });

function atLayer(rows: readonly SetRow[], query: string, layer: number): Measured[] {
  const sources = [...new Set(rows.flatMap((row) => row.source_names.slice(1)))];
  return [
    ...measured('picture', null, rows, (row) => shareOf(row, query, layer)),
    ...ROLES.flatMap((role) => [
      ...measured('mass', role, rows, (row) => massOf(row, query, layer, null, role)),
      ...measured('lift', role, rows, (row) => liftOf(row, query, layer, null, role)),
      ...overOthers(rows, query, layer, role),
    ]),
    ...sources.flatMap((name) => measured('source', name, rows, (row) => sourceOf(row, query, layer, name))),
    ...measured('mirror error', null, rows, (row) => perQuery(row, row.mirror_error, query, layer)),
    ...measured('unfolded error', null, rows, (row) => perQuery(row, row.unfolded_error, query, layer)),
  ];
}

/** Returns the mass in a row's own boxes relative to other rows' boxes; 1 if maps are independent of the boxes. */
function overOthers(rows: readonly SetRow[], query: string, layer: number, role: Role): Measured[] {
  const sums = rows.flatMap((row) => {
    const [mass, other] = [massOf(row, query, layer, null, role), roleOf(row, role)];
    const elsewhere = perQuery(row, other?.elsewhere, query, layer);
    return mass === null || elsewhere === null || other!.cells === 0
      ? []
      : [{ cluster: row.image, sums: [mass / other!.cells, elsewhere] }];
  });
  if (sums.length === 0) return [];
  const { value, interval } = jackknife(sums, ratio);
  const figure = 'over other boxes' as const;
  return [{ figure, of: role, value, n: sums.length, ...(interval && { interval }) }];
}

const roleOf = ({ roles }: SetRow, role: Role) => roles.find((placed) => placed.role === role);

/** Computes the lift by head, to identify the heads that find objects. */
function headsAt(rows: readonly SetRow[], query: string, layer: number) {
  const heads = Math.max(...rows.map((row) => row.heads));
  return Array.from({ length: heads }, (_, head) =>
    ROLES.flatMap((role) => {
      const values = valuesOf(rows, (row) => liftOf(row, query, layer, head, role));
      if (values.length === 0) return [];
      const value = mean(values.map((each) => each.value));
      return [{ figure: 'lift' as const, of: role, value, n: values.length, head }];
    }),
  ).flat();
}

/** Returns indices into the arrays of a row, for one head or for all heads. */
function places(
  { heads, queries, share }: SetRow,
  query: string,
  layer: number,
  head: number | null,
): number[] {
  const q = queries.indexOf(query);
  if (q < 0 || (layer + 1) * heads * queries.length > share.length) return [];
  const wanted = head === null ? Array.from({ length: heads }, (_, h) => h) : head < heads ? [head] : [];
  return wanted.map((h) => (layer * heads + h) * queries.length + q);
}

const shareOf = (row: SetRow, query: string, layer: number): number | null =>
  mean(places(row, query, layer, null).map((place) => row.share[place]!));

/**
 * Returns the share of the attention on the image that is in boxes of a role. Overlapping cells count once. Null
 * without such a box, or without attention on the image.
 */
export function massOf(
  row: SetRow,
  query: string,
  layer: number,
  head: number | null,
  role: Role,
): number | null {
  const indices = places(row, query, layer, head);
  if (indices.every((i) => row.share[i] === 0)) return null;
  return head === null
    ? perQuery(row, roleOf(row, role)?.mass, query, layer)
    : sumOfMasses(row, indices, role);
}

/** Returns the sum of the masses of the single boxes of a role; null if the role has no box. */
function sumOfMasses(row: SetRow, indices: readonly number[], role: Role): number | null {
  const objects = row.objects.flatMap((object, o) => (object.role === role ? [o] : []));
  const onPicture = indices.reduce((sum, i) => sum + row.share[i]!, 0);
  if (objects.length === 0 || onPicture === 0) return null;
  const inside = (i: number) => objects.reduce((sum, o) => sum + row.mass[i * row.objects.length + o]!, 0);
  return indices.reduce((sum, i) => sum + row.share[i]! * inside(i), 0) / onPicture;
}

/**
 * Returns the mass in boxes of a role relative to a uniform map over the visible part of the image; for a single head,
 * overlapping boxes count separately. Null for objects that the model cannot see.
 */
export function liftOf(
  row: SetRow,
  query: string,
  layer: number,
  head: number | null,
  role: Role,
): number | null {
  const mass = massOf(row, query, layer, head, role);
  const cells =
    head === null
      ? (roleOf(row, role)?.cells ?? 0)
      : row.objects.reduce((sum, object) => (object.role === role ? sum + object.cells : sum), 0);
  return mass === null || cells === 0 || row.all_cells === 0 ? null : (mass * row.all_cells) / cells;
}

function sourceOf(row: SetRow, query: string, layer: number, name: string): number | null {
  const s = row.source_names.indexOf(name);
  const n = row.source_names.length;
  return s < 0 ? null : mean(places(row, query, layer, null).map((place) => row.sources[place * n + s]!));
}

function perQuery(
  { queries }: SetRow,
  values: readonly (number | null)[] | null | undefined,
  query: string,
  layer: number,
): number | null {
  const q = queries.indexOf(query);
  return q < 0 ? null : (values?.[layer * queries.length + q] ?? null);
}

/**
 * Measures whether maps move with the image: the correlation over pairs between the expected column in the original and
 * in the mirror, counted from the opposite side. 1: the maps follow the image; −1: the maps stay in place.
 */
function followAt(
  rows: readonly SetRow[],
  mirrors: readonly SetRow[],
  query: string,
  layer: number,
): Measured[] {
  const byId = new Map(mirrors.map((row) => [row.id, row]));
  const pairs = rows.flatMap((row) => {
    const mirror = byId.get(row.id);
    const [x, y] = [row, mirror].map((look) => (look ? perQuery(look, look.column, query, layer) : null));
    return x === null || y === null ? [] : [{ cluster: row.image, x: x!, y: 1 - y! }];
  });
  if (pairs.length < 3) return [];
  const sums = pairs.map(({ cluster, x, y }) => ({ cluster, sums: [1, x, y, x * x, y * y, x * y] }));
  const total = sums.reduce((all, cluster) => all.map((v, i) => v + cluster.sums[i]!), [0, 0, 0, 0, 0, 0]);
  // Uses Fisher's transform, because errors of a correlation near ±1 are asymmetric.
  const { interval } = jackknife(sums, (all) => {
    const r = correlation(all);
    return r === null ? null : Math.atanh(Math.max(-FULL, Math.min(FULL, r)));
  });
  return [
    {
      figure: 'follow',
      of: null,
      value: correlation(total),
      n: pairs.length,
      ...(interval && { interval: interval.map(Math.tanh) as [number, number] }),
    },
  ];
}

/** Maximum absolute correlation, so that Fisher's transform is finite. */
const FULL = 1 - 1e-9;

/** Returns the correlation from the sums of 1, x, y, x², y² and xy; null if x or y does not vary. */
function correlation(sums: readonly number[]): number | null {
  const [n, x, y, xx, yy, xy] = sums as [number, number, number, number, number, number];
  const [vx, vy] = [xx / n - (x / n) ** 2, yy / n - (y / n) ** 2];
  return vx > 1e-12 && vy > 1e-12 ? (xy / n - (x / n) * (y / n)) / Math.sqrt(vx * vy) : null;
}

/** Index by which the last layer in a row's arrays is selected. */
export const LAST_LAYER = -1;

/** Whether the log-probabilities of a row's words were stored, and all words begin with different tokens. */
export const hasOdds = ({ words, lens }: SetRow): boolean =>
  words.length > 1 && areToldApart({ shape: [lens.length / words.length, words.length], data: lens });

/**
 * Returns the log-probabilities of a row's words after a layer (an index into the row's arrays), or with one part of
 * the input hidden. Null if the log-probabilities were not stored, or if some words are indistinguishable.
 */
function wordsOf(row: SetRow, read: number | string): readonly number[] | null {
  const { words, lens, blocked } = row;
  const n = words.length;
  if (!hasOdds(row)) return null;
  const from = read === LAST_LAYER ? lens.length - n : Number(read) * n;
  const indices =
    typeof read === 'string'
      ? blocked.find(({ keys }) => keys === read)?.words
      : lens.slice(Math.max(0, from), from + n);
  return indices?.length === n ? indices : null;
}

/** Returns the log-odds of the right answer against the other words; null if the answer is not among the words. */
function rowOdds(row: SetRow, read: number | string): number | null {
  const [words, right] = [wordsOf(row, read), row.words.indexOf(row.reference)];
  return words && right >= 0 ? oddsOf(words, right) : null;
}

/** Returns 1 if the right answer is more likely than all other words, otherwise 0; null if unknown. */
export function isLikeliest(row: SetRow, read: number | string): number | null {
  const [words, right] = [wordsOf(row, read), row.words.indexOf(row.reference)];
  return words && right >= 0 ? Number(words.every((word, w) => w === right || word < words[right]!)) : null;
}

function oddsFigures(rows: readonly SetRow[], layers: readonly number[]) {
  const hidden = [...new Set(rows.flatMap(({ blocked }) => blocked.map(({ keys }) => keys)))];
  const figuresAt = (read: number | string, of: string | null, layer: number | null) =>
    [
      ...measured('odds', of, rows, (row) => rowOdds(row, read)),
      ...measured('likeliest', of, rows, (row) => isLikeliest(row, read)),
    ].map((figure) => ({ ...figure, layer, query: 'answer', head: null }));
  return [
    ...layers.flatMap((layer, place) => figuresAt(place, null, layer)),
    ...hidden.flatMap((keys) => figuresAt(keys, `without ${keys}`, null)),
  ];
}

/** A metric of a row's answer after a layer. `layer` is an index into the row's arrays. */
interface AnswerFigure extends Pick<SetFigure, 'figure' | 'of'> {
  valueOf(row: SetRow, layer: number): number | null;
}

/** Returns the metrics of the answer by layer, as the mean over heads. */
export function answerFigures(rows: readonly SetRow[]): AnswerFigure[] {
  const sources = [...new Set(rows.flatMap((row) => row.source_names.slice(1)))];
  return [
    { figure: 'odds', of: null, valueOf: rowOdds },
    { figure: 'likeliest', of: null, valueOf: isLikeliest },
    { figure: 'picture', of: null, valueOf: (row, layer) => shareOf(row, ANSWER, layer) },
    ...ROLES.map((role): AnswerFigure => ({
      figure: 'mass',
      of: role,
      valueOf: (row, layer) => massOf(row, ANSWER, layer, null, role),
    })),
    ...sources.map((source): AnswerFigure => ({
      figure: 'source',
      of: source,
      valueOf: (row, layer) => sourceOf(row, ANSWER, layer, source),
    })),
  ];
}

const ANSWER = 'answer';

/** Returns the numbers of the layers that the metrics cover, ascending. */
export const layersIn = (figures: readonly SetFigure[]): number[] =>
  [...new Set(figures.flatMap(({ layer }) => layer ?? []))].sort((a, b) => a - b);
