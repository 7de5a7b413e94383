import { mean } from '../numbers.ts';
import * as z from 'zod';
import type { JudgedRow } from './outcomes.ts';
import { compare, type Comparison } from './statistics.ts';
import { groupBy, imageKey, pairedRows } from './scored-row.ts';
import { viewOfRow } from '../view-list.ts';

/** The accuracy for one set and view, and the accuracy under a control. */
interface ControlRow extends Comparison {
  set: string;
  view: string;
  accuracy: number;
  control: number;
  /** Answers that are left out because no rule can judge them, or what was answered under the control. */
  not_judged?: number;
  /** True if the accuracy hardly changes: its decrease cannot be distinguished from chance. */
  alert: boolean;
}

/** A control as stored in `controls.json`. `name` says what was removed. */
export type NamedControl = ControlRow & { name: string };

/** Schema for an entry of `controls.json`. Earlier versions did not test the difference. */
export const namedControlSchema = z.object({
  name: z.string(),
  set: z.string(),
  view: z.string(),
  accuracy: z.number(),
  control: z.number(),
  difference: z.number(),
  n: z.number(),
  interval: z.tuple([z.number(), z.number()]).exactOptional(),
  p: z.number().nullable().default(null),
  not_judged: z.number().exactOptional(),
  alert: z.boolean().default(false),
}) satisfies z.ZodType<NamedControl>;

/** Pairs completions by set, view, id and order. `difference` is the control's accuracy minus the normal one. */
export function compareControl(rows: readonly JudgedRow[], control: readonly JudgedRow[]): ControlRow[] {
  const pairs = pairedRows(rows, control);
  return [...groupBy(pairs, ({ row }) => JSON.stringify([row.set ?? '', viewOfRow(row)]))].flatMap(
    ([, all]) => {
      const of = all.filter(({ row, other }) => row.right !== null && other.right !== null);
      if (of.length === 0) return [];
      const { row } = of[0]!;
      const values = of.map(({ row, other }) => ({
        cluster: imageKey(row),
        first: Number(row.right),
        second: Number(other.right),
      }));
      const comparison = compare(values, true);
      const not_judged = all.length - of.length;
      return {
        set: row.set ?? '',
        view: viewOfRow(row),
        ...comparison,
        accuracy: mean(values.map(({ first }) => first))!,
        control: mean(values.map(({ second }) => second))!,
        ...(not_judged > 0 && { not_judged }),
        alert: !comparison.interval || comparison.interval[1] >= 0,
      };
    },
  );
}
