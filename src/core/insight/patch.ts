import * as z from 'zod';
import { meanWithInterval } from '../metrics/statistics.ts';

/**
 * The tokens whose hidden states are exchanged: the cells of the picture; the names of objects in the question; its
 * other words; the other words of the prompt; what the model wrote before the token that predicts the answer; that
 * token; everything. No token is in two of the groups before `all`, which gives the mirror's answer by construction.
 */
export const PATCH_GROUPS = [
  'picture',
  'names',
  'rest of the question',
  'rest of the prompt',
  'earlier words',
  'answer',
  'all',
] as const;
export type PatchGroup = (typeof PATCH_GROUPS)[number];

/**
 * What hidden states of the mirrored picture do to the answer about the original one, for one row: a line of
 * `rows.jsonl`. Both pictures are asked the same question.
 */
export const patchRowSchema = z.object({
  id: z.string(),
  image: z.string(),
  question: z.string(),
  /** The right answers about the two pictures. */
  original: z.string(),
  mirror: z.string(),
  /** Log-odds of `original` against `mirror` as the answer, from the original picture and from the mirrored one. */
  odds: z.object({ original: z.number(), mirror: z.number() }),
  /** The log-odds from the original picture with one layer's states exchanged, by group: one number a layer. */
  patched: z.array(z.object({ group: z.enum(PATCH_GROUPS), odds: z.array(z.number()) })),
});
export type PatchRow = z.infer<typeof patchRowSchema>;

/** A mean over rows: a line of `results.json`. */
export const patchFigureSchema = z.object({
  /** A `PatchGroup`, or that of an earlier program; null for the whole difference, from the original to the mirror. */
  group: z.string().nullable(),
  layer: z.int().min(0).nullable(),
  /** Mean change of the log-odds of the original's answer. */
  change: z.number().nullable(),
  /**
   * The change as a share of the whole difference: 0 is the original's answer, 1 the mirror's. Null if they do not
   * differ.
   */
  moved: z.number().nullable(),
  n: z.int().min(0),
  /** 95 %, of the change, by picture. */
  interval: z.tuple([z.number(), z.number()]).optional(),
});
export type PatchFigure = z.infer<typeof patchFigureSchema>;

/** Averages over rows, by group and layer. @param layers those that were exchanged, in the order of the rows' arrays */
export function patchFigures(rows: readonly PatchRow[], layers: readonly number[]): PatchFigure[] {
  const meanOf = (some: readonly PatchRow[], change: (row: PatchRow) => number) =>
    meanWithInterval(some.map((row) => ({ cluster: row.image, value: change(row) })));
  const whole = (some: readonly PatchRow[]) => meanOf(some, ({ odds }) => odds.mirror - odds.original);
  const figure = (
    about: Pick<PatchFigure, 'group' | 'layer'>,
    { value, n, interval }: ReturnType<typeof meanOf>,
    all: number | null,
  ): PatchFigure => ({
    ...about,
    change: value,
    moved: value === null || all === null || Math.abs(all) < 1e-6 ? null : value / all,
    n,
    ...(interval && { interval }),
  });
  return [
    figure({ group: null, layer: null }, whole(rows), null),
    ...PATCH_GROUPS.flatMap((group) => {
      const withGroup = rows.filter(({ patched }) => patched.some((cell) => cell.group === group));
      if (withGroup.length === 0) return [];
      return layers.map((layer, place) =>
        figure(
          { group, layer },
          meanOf(
            withGroup,
            ({ odds, patched }) => patched.find((cell) => cell.group === group)!.odds[place]! - odds.original,
          ),
          whole(withGroup).value,
        ),
      );
    }),
  ];
}
