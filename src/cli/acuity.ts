import { InvalidArgumentError } from 'commander';
import { planStimuli } from '../core/psychophysics/plan.ts';
import type { StimuliPlan } from '../core/psychophysics/record.ts';
import type { AcuityForm } from '../core/worlds/acuity/axes.ts';
import { MAP_GRID } from '../core/worlds/acuity/map.ts';
import { isAcuityAxis, SCENE_AXES, type SceneAxis } from '../core/worlds/acuity/words.ts';
import type { Style } from '../core/worlds/questions/question.ts';
import { findModel } from '../lab/models/open-model.ts';
import { UsageError } from './errors.ts';
import type { EvalFlags } from './evaluation/target.ts';
import { note } from './print.ts';

/** The options of `chirality acuity`; undefined if not given. */
export interface AcuityFlags extends Omit<EvalFlags, 'size' | 'limit'> {
  axis?: SceneAxis[];
  /** Axes of which maps are drawn. */
  map?: SceneAxis[];
  form?: AcuityForm;
  blocks?: number;
  levels?: number[];
  adaptive?: number;
  precision: number;
  limit: number;
  style?: Style;
  size?: number;
  output: string;
  rowsOnly?: boolean;
  answers?: string;
}

/** Whether the model is one of the embedded engine, which reads the compact style alone. */
export async function isEmbedded({ endpoint, engine, model = '', runs, step }: EvalFlags): Promise<boolean> {
  if (endpoint !== undefined) return false;
  return (engine ?? (await findModel(model, runs, step)).engine) === 'embedded';
}

/** Scenes of each level, and of each cell of a map. */
const BLOCKS = { level: 12, cell: 2 };

/** What determines the stimuli of all axes and maps. @throws UsageError for what cannot be drawn or asked */
export const plansOf = (flags: AcuityFlags, style: Style, model: string): StimuliPlan[] => [
  ...(flags.axis ?? []).map((axis) => planOf(axis, flags, style, model, false)),
  ...(flags.map ?? []).map((axis) => planOf(axis, flags, style, model, true)),
];

function planOf(
  axis: SceneAxis,
  flags: AcuityFlags,
  style: Style,
  model: string,
  isMap: boolean,
): StimuliPlan {
  const { adaptive: questions, precision, blocks = isMap ? BLOCKS.cell : BLOCKS.level } = flags;
  try {
    const { plan, tooSmall } = planStimuli(axis, {
      ...flags,
      blocks,
      style,
      map: isMap ? MAP_GRID : undefined,
    });
    if (tooSmall.length > 0)
      note(`Differences of ${tooSmall.join(', ')} % are less than a pixel of ${plan.size.w}, and left out.`);
    if (questions === undefined) return plan;
    if (isMap || !isAcuityAxis(axis))
      throw new UsageError(
        `--adaptive places scenes on a curve, and ${isMap ? 'a map' : axis} has none. Ask about it without.`,
      );
    return { ...plan, blocks: 0, adaptive: { model, questions, precision } };
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message) : error;
  }
}

/** Reads the side of the pictures; as those of `chirality worlds`. */
export function side(text: string): number {
  const pixels = Number(text);
  if (!(Number.isInteger(pixels) && pixels >= 16 && pixels <= 4096))
    throw new InvalidArgumentError('Give pixels from 16 to 4096.');
  return pixels;
}

/** Reads the scenes of each level; more would say nothing more, and take days. */
export function blocks(text: string): number {
  const count = Number(text);
  if (!(Number.isInteger(count) && count >= 1 && count <= 1000))
    throw new InvalidArgumentError('Give a whole number from 1 to 1000.');
  return count;
}

/** Reads axes joined by commas. */
export function axes(text: string): SceneAxis[] {
  const list = text.split(',').map((part) => {
    const axis = SCENE_AXES.find((one) => one === part.trim());
    if (axis) return axis;
    throw new InvalidArgumentError(
      `There is no axis "${part.trim()}". Choose from ${SCENE_AXES.join(', ')}.`,
    );
  });
  return [...new Set(list)];
}

/** Reads levels joined by commas: sizes of differences, angles or distances. */
export function levels(text: string): number[] {
  const list = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (list.some((one) => !(one >= 0 && one <= 400)))
    throw new InvalidArgumentError('Give numbers from 0 to 400, as 0,1,2,4,8,16.');
  return list;
}

/** Reads a share above 0 and below 1. */
export function share(text: string): number {
  const value = Number(text);
  if (value > 0 && value < 1) return value;
  throw new InvalidArgumentError('Give a share between 0 and 1, as 0.3.');
}
