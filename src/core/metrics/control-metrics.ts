import * as z from 'zod';
import { valueOrBounds } from './bounds.ts';
import { comparisonFields } from './card.ts';
import { BOTH, compareRows, pairedTests, type JudgedRow } from './outcomes.ts';

const pair = z.tuple([z.number(), z.number()]);

/** Accuracy of one set and view, and the accuracy under a control with this name, as stored in `controls.json`. */
export const namedControlSchema = z.object({
  name: z.string(),
  set: z.string(),
  view: z.string(),
  /** Accuracy without the control. Null if some answers are not scored; then the bounds contain the value. */
  accuracy: z.number().nullable(),
  control: z.number().nullable(),
  accuracy_bounds: pair.exactOptional(),
  control_bounds: pair.exactOptional(),
  ...comparisonFields,
  /** True if the accuracy does not decrease significantly under the control. */
  alert: z.boolean(),
});
export type NamedControl = z.infer<typeof namedControlSchema>;

/**
 * Compares rows with the same questions (set, view and id) with and without a control, each by the mean over its
 * answers. `difference` is the accuracy under the control minus the normal accuracy.
 */
export function compareControls(
  name: string,
  rows: readonly JudgedRow[],
  control: readonly JudgedRow[],
): NamedControl[] {
  return pairedTests(compareRows(rows, control)).flatMap(({ rows: compared, test }) => {
    const { set, view } = compared[0]!;
    if (view === BOTH) return [];
    const [before, after] = [0, 1].map((side) => valueOrBounds(compared.map(({ right }) => right[side]!)));
    return [
      {
        name,
        set,
        view,
        ...test,
        accuracy: before!.value,
        control: after!.value,
        ...(before!.bounds && { accuracy_bounds: before!.bounds }),
        ...(after!.bounds && { control_bounds: after!.bounds }),
        alert: !test.interval || test.interval[1] >= 0,
      },
    ];
  });
}
