import * as z from 'zod';
import { compareWithBounds, meanRange, shareRight, valueWithin } from './bounds.ts';
import { rightOf, type JudgedRow } from './outcomes.ts';
import type { Comparison } from './statistics.ts';
import { groupBy, imageKey, pairedQuestions } from '../evaluation/scored-row.ts';
import { viewOfRow } from '../../rows/view-list.ts';

/**
 * The accuracy for one set and view, and the accuracy under a control, as stored in `controls.json`. `name` says what
 * was removed.
 */
export interface NamedControl extends Comparison {
  name: string;
  set: string;
  view: string;
  /** Null where some answers are not scored; then it is within its bounds. */
  accuracy: number | null;
  control: number | null;
  accuracy_bounds?: [number, number];
  control_bounds?: [number, number];
  /** True if it is not sure that the accuracy falls: its decrease cannot be distinguished from chance. */
  alert: boolean;
}

const pair = z.tuple([z.number(), z.number()]);

/** Schema for an entry of `controls.json`. */
export const namedControlSchema = z.object({
  name: z.string(),
  set: z.string(),
  view: z.string(),
  accuracy: z.number().nullable(),
  control: z.number().nullable(),
  accuracy_bounds: pair.exactOptional(),
  control_bounds: pair.exactOptional(),
  difference: z.number().nullable(),
  n: z.number(),
  bounds: pair.exactOptional(),
  interval: pair.exactOptional(),
  p: z.number().nullable(),
  not_judged: z.number().exactOptional(),
  alert: z.boolean(),
}) satisfies z.ZodType<NamedControl>;

/**
 * Compares rows with those of a control, question by question (set, view and id), each by the mean over its answers.
 * `difference` is the control's accuracy minus the normal one.
 */
export function compareControls(
  name: string,
  rows: readonly JudgedRow[],
  control: readonly JudgedRow[],
): NamedControl[] {
  const pairs = pairedQuestions(rows, control).map(({ rows, others }) => ({
    row: rows[0],
    cluster: imageKey(rows[0]),
    first: shareRight(rows.map(rightOf)),
    second: shareRight(others.map(rightOf)),
  }));
  return [...groupBy(pairs, ({ row }) => JSON.stringify([row.set ?? '', viewOfRow(row)])).values()].map(
    (paired) => {
      const { row } = paired[0]!;
      const comparison = compareWithBounds(paired, { binary: true });
      const [before, after] = (['first', 'second'] as const).map((side): [number, number] => {
        const { low, high } = meanRange(paired.map((pair) => pair[side]))!;
        return [low, high];
      });
      return {
        name,
        set: row.set ?? '',
        view: viewOfRow(row),
        ...comparison,
        accuracy: valueWithin(before!),
        control: valueWithin(after!),
        ...(valueWithin(before!) === null && { accuracy_bounds: before! }),
        ...(valueWithin(after!) === null && { control_bounds: after! }),
        alert: !comparison.interval || comparison.interval[1] >= 0,
      };
    },
  );
}
