import type { Random } from '../../../base/random.ts';
import type { Sample } from '../../../rows/sample/sample.ts';
import type { PairView } from '../../../rows/view-list.ts';
import { askBlock } from './ask-block.ts';
import { askClip } from './ask-clip.ts';
import type { AcuityForm, ScenePlan } from './axes.ts';
import { drawStimulus, type Stimulus } from './draw-stimulus.ts';
import { type ClipStimulus, drawClip } from './draw-clip.ts';
import { askCell, drawCell, mapScene } from './map.ts';
import { askMetres, drawMetres } from './metres.ts';
import { askTurn, drawTurn } from './draw-turn.ts';
import { isClipAxis, type MapAxis } from './acuity-axes.ts';

export interface PlannedScene extends Pick<ClipStimulus, 'frames'> {
  /** Returns the rows about the scene. @param images paths of the frames; a still scene has one image per view */
  rows(images: Record<PairView, readonly string[]>): Sample[];
}

const still = (
  { original, mirror }: Stimulus['views'],
  rows: (images: Record<PairView, string>) => readonly { sample: Sample }[],
): PlannedScene => ({
  frames: { original: [original], mirror: [mirror] },
  rows: (images) => samples(rows({ original: images.original[0]!, mirror: images.mirror[0]! })),
});

const samples = (rows: readonly { sample: Sample }[]) => rows.map(({ sample }) => sample);

interface Plan extends ScenePlan {
  /** All signed levels of the plan; empty for a map. */
  levels: readonly number[];
  seed: number;
}

/**
 * Draws the scene with this number. Levels repeat in cycles, so that an early stop still covers all levels.
 * @returns null for a map cell in which no scene fits
 * @throws RangeError if the scene cannot be shown at this size
 */
export function planned(
  random: Random,
  plan: Plan,
  i: number,
  block: string,
  level = plan.levels[i % plan.levels.length]!,
): PlannedScene | null {
  const { axis, style, size, map, seed } = plan;
  const quick = plan.quick && { quick: plan.quick };
  const form = plan.form as AcuityForm;
  if (map) {
    const about = { axis: axis as MapAxis, style, size, map, seed };
    const cell = i % (map.columns * map.rows);
    const stimulus = drawCell(random, mapScene(about), about, cell);
    const question = { block, form, cell };
    return stimulus && still(stimulus.views, (images) => askCell(stimulus, about, question, images));
  }
  if (axis === 'turn') {
    const turned = drawTurn(random, level, size);
    return still(turned.views, (images) => askTurn(turned, { block, form, ...quick }, images));
  }
  if (axis === 'metres') {
    const { views } = drawMetres(random, level, plan);
    return still(views, (images) => askMetres({ views }, { metres: level, block, style }, images));
  }
  if (isClipAxis(axis)) {
    const clip = drawClip(random, axis, level, plan);
    const about = { axis, level, block, form, style, ...quick };
    return { frames: clip.frames, rows: (images) => samples(askClip(clip, about, images)) };
  }
  const stimulus = drawStimulus(random, axis, level, plan);
  const about = { axis, level, block, form, style, ...quick };
  return still(stimulus.views, (images) => askBlock(stimulus, about, images));
}
