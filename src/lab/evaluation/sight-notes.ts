import { several } from '../../base/format.ts';
import { familyOf } from '../../core/seen/families.ts';
import { ORIGINAL } from '../../rows/view-list.ts';
import { evaluationSamples } from './evaluation-samples.ts';
import type { EvaluationOptions } from './evaluation-plan.ts';

/**
 * What is said of sets before a model of a family is asked: how much it sees of what their rows ask about, and a
 * warning if the family gets original and mirror at other places; null if it was measured to be symmetric.
 */
export async function sightNotes(
  sees: string,
  { sets, root, limit }: Pick<EvaluationOptions, 'sets' | 'root' | 'limit'>,
): Promise<{ seen: string; apart: string | null }> {
  const rows = await evaluationSamples({ sets, root, limit, sees, views: [ORIGINAL] }, () => undefined);
  const counts = new Map<unknown, number>();
  for (const { sample } of rows) counts.set(sample.meta!.seen, (counts.get(sample.meta!.seen) ?? 0) + 1);
  const parts = [...counts].sort(([, a], [, b]) => b - a).map(([seen, n]) => `${n} ${String(seen)}`);
  return {
    seen: `${sees} sees of ${several(rows.length, 'row')}: ${parts.join(', ')}.`,
    apart: asymmetryText(sees),
  };
}

function asymmetryText(name: string): string | null {
  const { shapes } = familyOf(name);
  const worst = shapes.reduce((a, b) => ((b?.shift ?? 0) > (a?.shift ?? 0) ? b : a), null);
  if (!worst) return null;
  const apart = `up to ${Math.round(worst.shift)} pixels apart in common sizes, because of the ${worst.reason}`;
  return `${name} gets an image and its mirror ${apart}. A part of their difference can be the processor’s. To keep them alike, use pairs.symmetric (--symmetric; docs/what-models-see.md).`;
}
