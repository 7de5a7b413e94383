import * as z from 'zod';
import { jackknife, meanWithInterval } from '../metrics/statistics.ts';

/**
 * Groups of tokens whose hidden states are exchanged: the cells of the image; the names of objects in the question; all
 * other words of the question; all other words of the prompt; generated words before the token that predicts the
 * answer; this token; all tokens. The groups before `all` are disjoint. `all` gives the mirror's answer by
 * construction.
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
 * Effect of replacing hidden states about the original by states about the mirrored image on the answer, for one row,
 * as one line of `rows.jsonl`. The question about both images is the same.
 */
export const patchRowSchema = z.object({
  id: z.string(),
  image: z.string(),
  question: z.string(),
  /** Right answers about the original and about the mirrored image. */
  original: z.string(),
  mirror: z.string(),
  /** Log-odds of the answer `original` against `mirror`, for the original image and for the mirrored image. */
  odds: z.object({ original: z.number(), mirror: z.number() }),
  /** Log-odds for the original image with one layer's states replaced, by group of states: one number per layer. */
  patched: z.array(z.object({ group: z.enum(PATCH_GROUPS), odds: z.array(z.number()) })),
  /** Number of layers of the model. */
  layers: z.int().min(1),
});
export type PatchRow = z.infer<typeof patchRowSchema>;

/** Mean effect of replaced states over rows, as one line of `results.json`. */
export const patchFigureSchema = z.object({
  /** Group of replaced states; null for the whole difference between the original and the mirror. */
  group: z.enum(PATCH_GROUPS).nullable(),
  layer: z.int().min(0).nullable(),
  /** Mean change of the log-odds of the original's answer. */
  change: z.number().nullable(),
  /**
   * Change as a share of the whole difference: 0 is the answer for the original, 1 the answer for the mirror. Null if
   * the interval of the whole difference includes 0, because the share would be meaningless.
   */
  moved: z.number().nullable(),
  /** 95% interval of `moved`, clustered by image; absent if `moved` is null. */
  moved_interval: z.tuple([z.number(), z.number()]).optional(),
  n: z.int().min(0),
  /** 95% confidence interval of the change, clustered by image. */
  interval: z.tuple([z.number(), z.number()]).optional(),
});
export type PatchFigure = z.infer<typeof patchFigureSchema>;

/** Whether the 95% interval of a metric excludes 0. */
export const excludesZero = ({ interval }: { interval?: [number, number] | undefined }): boolean =>
  interval !== undefined && interval[0] * interval[1] > 0;

/**
 * Averages the effects over rows, by group and layer. Excludes the last layer: after it, only the predicting token
 * matters, so by construction the share of this token is 100%, and the share of all other tokens 0%.
 * @param layers patched layers, in the order of the rows' arrays
 */
export function patchFigures(rows: readonly PatchRow[], layers: 'all' | readonly number[]): PatchFigure[] {
  const [first] = rows;
  const count = first?.patched[0]?.odds.length ?? 0;
  const numbers = layers === 'all' ? Array.from({ length: count }, (_, i) => i) : layers;
  const last = (first?.layers ?? 0) - 1;
  const wholeOf = ({ odds }: PatchRow) => odds.mirror - odds.original;
  const meanOf = (some: readonly PatchRow[], change: (row: PatchRow) => number) => {
    const { value, n, interval } = meanWithInterval(
      some.map((row) => ({ cluster: row.image, value: change(row) })),
    );
    return { change: value, n, ...(interval && { interval }) };
  };
  return [
    { group: null, layer: null, moved: null, ...meanOf(rows, wholeOf) },
    ...PATCH_GROUPS.flatMap((group) => {
      const withGroup = rows.filter(({ patched }) => patched.some((cell) => cell.group === group));
      const isShown = excludesZero(meanOf(withGroup, wholeOf));
      return numbers.flatMap((layer, place): PatchFigure[] => {
        if (withGroup.length === 0 || layer === last) return [];
        const changeOf = ({ odds, patched }: PatchRow) =>
          patched.find((cell) => cell.group === group)!.odds[place]! - odds.original;
        const sums = withGroup.map((row) => ({ cluster: row.image, sums: [changeOf(row), wholeOf(row)] }));
        const { value: moved, interval } = jackknife(sums, ([change, whole]) => change! / whole!);
        return [
          {
            group,
            layer,
            ...meanOf(withGroup, changeOf),
            moved: isShown ? moved : null,
            // If the share is equal for all rows, its interval has no width.
            ...(isShown && moved !== null && { moved_interval: interval ?? [moved, moved] }),
          },
        ];
      });
    }),
  ];
}
