import type { Random } from '../../random.ts';
import type { Sample } from '../../sample/sample.ts';
import type { PairView } from '../../view-list.ts';
import { askBlock } from './ask.ts';
import type { AcuityForm, ScenePlan } from './axes.ts';
import { drawStimulus, type Stimulus } from './draw.ts';
import { askCell, drawCell, mapScene } from './map.ts';
import { askMetres, drawMetres } from './metres.ts';
import { askTurn, drawTurn } from './turn.ts';
import type { MapAxis } from './words.ts';

/** One scene of a plan: its pictures, and the rows that ask about them. */
export interface PlannedScene extends Pick<Stimulus, 'views'> {
  rows(images: Record<PairView, string>): Sample[];
}

interface Plan extends ScenePlan {
  /** Of all levels or, of a map, none. */
  levels: readonly number[];
  seed: number;
}

/**
 * Draws the scene of this number. All levels come once, then all again: whoever stops early has asked all of them.
 * @returns null for a cell of a map in which nothing can be shown
 * @throws RangeError for what cannot be shown at this size
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
  const samples = (rows: readonly { sample: Sample }[]) => rows.map(({ sample }) => sample);
  if (map) {
    const about = { axis: axis as MapAxis, style, size, map, seed };
    const cell = i % (map.columns * map.rows);
    const stimulus = drawCell(random, mapScene(about), about, cell);
    return (
      stimulus && {
        views: stimulus.views,
        rows: (images) => samples(askCell(stimulus, about, { block, form, cell }, images)),
      }
    );
  }
  if (axis === 'turn') {
    const turned = drawTurn(random, level, size);
    return {
      views: turned.views,
      rows: (images) => samples(askTurn(turned, { block, form, ...quick }, images)),
    };
  }
  if (axis === 'metres') {
    const { views } = drawMetres(random, level, plan);
    return {
      views,
      rows: (images) => samples(askMetres({ views }, { metres: level, block, style }, images)),
    };
  }
  const stimulus = drawStimulus(random, axis, level, plan);
  const about = { axis, level, block, form, style, ...quick };
  return { views: stimulus.views, rows: (images) => samples(askBlock(stimulus, about, images)) };
}
