import { several } from '../../base/format.ts';
import { groupBy } from '../../core/evaluation/scored-row.ts';
import { familyOf } from '../../core/seen/families.ts';
import { checkSight } from '../../core/seen/row-sight.ts';
import type { RunConfig } from '../../core/config/run-config.ts';
import { isClip, timesOf } from '../../rows/sample/clip.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { ORIGINAL, type ViewId } from '../../rows/view-list.ts';
import { familyOfEngine } from '../runs/model-family.ts';
import { evaluationSamples, type EvaluationSample } from './evaluation-samples.ts';
import type { EvaluationOptions } from './evaluation-plan.ts';

/** Maximum number of rows that a warning lists. */
const NAMED = 5;

/** Notes on evaluation sets, for display before an evaluation. */
export interface SightNotes {
  family: string;
  /** Summary: "Visibility for llava-1.5 in 40 rows: 12 whole, 5 cut." */
  seen: string;
  /**
   * Warnings about rows with objects that the model sees only in part, and about model families that see original and
   * mirror at different positions.
   */
  warnings: string[];
}

interface SeenSets extends Pick<EvaluationOptions, 'sets' | 'files' | 'root' | 'limit'> {
  /** Views of the evaluation. The evaluation then does not read the rows again. Default: the original. */
  views?: readonly ViewId[];
  /** Whether images are padded to be symmetric. */
  symmetric: boolean;
  /** Whether clips are sent as videos. */
  video?: boolean | undefined;
}

/**
 * Computes how well a model sees the objects in the questions of sets.
 * @param model model family (core/seen/families.ts), or the engine
 * @returns null if the family is unknown
 */
export async function sightNotes(
  model: string | RunConfig['engine'],
  { symmetric, video = false, views = [ORIGINAL], ...sets }: SeenSets,
): Promise<SightNotes | null> {
  const sees = typeof model === 'string' ? model : await familyOfEngine(model);
  if (sees === null) return null;
  const all = await evaluationSamples({ ...sets, sees, views }, () => undefined);
  const rows = all.filter(({ view }) => view === views[0]);
  const parts = [...groupBy(rows, ({ sample }) => String(sample.meta!.seen))].sort(
    ([, a], [, b]) => b.length - a.length,
  );
  const partly = parts.filter(([seen]) => ['unseen', 'cut', 'small'].includes(seen));
  const ids = partly.flatMap(([, all]) => all.map(({ id }) => id));
  const more = ids.length > NAMED ? ', …' : '';
  const countsText = (some: typeof parts) => some.map(([seen, all]) => `${all.length} ${seen}`).join(', ');
  const lost = `${ids.length} of ${several(rows.length, 'row')} concern an object that is hardly or only partly visible to ${sees} (${countsText(partly)}): ${ids.slice(0, NAMED).join(', ')}${more}. To list the objects, use \`chirality data check --sees ${sees}\`.`;
  const apart = symmetric ? null : asymmetryText(sees);
  const frames = video ? videoText(rows, sees) : null;
  return {
    family: sees,
    seen: `Visibility for ${sees} in ${several(rows.length, 'row')}: ${countsText(parts)}.`,
    warnings: [ids.length > 0 ? lost : null, apart, frames].filter((text) => text !== null),
  };
}

/** Returns a warning about clips that, as videos, are other frames than their reversals; null without such clips. */
function videoText(rows: readonly EvaluationSample[], name: string): string | null {
  const clips = rows.filter(({ sample }) => isClip(sample) && sample.images.length > 1);
  if (clips.length === 0) return null;
  if (familyOf(name).clip === null)
    return `The frames that ${name} receives of a video are not known, so a clip and its reversal can be different frames. To send all frames as images, remove --video.`;
  const other = clips.flatMap(({ id, sample }) =>
    checkSight(asSent(sample), undefined, name).map(({ message }) => `${id}: ${message}`),
  );
  if (other.length === 0) return null;
  return `${name} receives different frames of a clip and its reversal, or no frames, in ${other.length} of ${several(clips.length, 'clip')}, so part of the difference in answers can come from the frames. To send all frames as images, remove --video. First clip: ${other[0]}`;
}

/** Removes the middle frame of an odd number, as for videos. */
function asSent(sample: Sample): Sample {
  const times = timesOf(sample);
  const kept = <T>(all: readonly T[]) => all.filter((_, i) => 2 * i !== all.length - 1);
  return { ...sample, images: kept(sample.images), ...(times && { clip: { times_s: kept(times) } }) };
}

function asymmetryText(name: string): string | null {
  const { shapes } = familyOf(name);
  const worst = shapes.reduce((a, b) => ((b?.shift ?? 0) > (a?.shift ?? 0) ? b : a), null);
  if (!worst) return null;
  const apart = `up to ${Math.round(worst.shift)} pixels apart in common sizes, because of the ${worst.reason}`;
  return `For ${name}, the inputs of an image and its mirror are ${apart}. Part of the difference in answers can come from the image processor. To keep inputs symmetric, use pairs.symmetric (--symmetric; docs/what-models-see.md).`;
}
