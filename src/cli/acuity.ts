import { InvalidArgumentError } from 'commander';
import { planStimuli } from '../core/psychophysics/plan.ts';
import type { StimuliPlan } from '../core/psychophysics/record.ts';
import type { AcuityForm } from '../core/worlds/acuity/axes.ts';
import { ACUITY_AXES, type AcuityAxis, isAcuityAxis } from '../core/worlds/acuity/words.ts';
import type { Style } from '../core/worlds/questions/question.ts';
import { findModel } from '../lab/models/open-model.ts';
import { UsageError } from './errors.ts';
import type { EvalFlags } from './evaluation/target.ts';
import { note } from './print.ts';

/** The options of `chirality acuity`; undefined if not given. */
export interface AcuityFlags extends Omit<EvalFlags, 'size' | 'limit'> {
  axis: AcuityAxis[];
  form?: AcuityForm;
  blocks: number;
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

/** What determines the stimuli of an axis. @throws UsageError for what cannot be drawn or asked */
export function planOf(axis: AcuityAxis, flags: AcuityFlags, style: Style, model: string): StimuliPlan {
  try {
    const { plan, tooSmall } = planStimuli(axis, { ...flags, style });
    if (tooSmall.length > 0)
      note(`Differences of ${tooSmall.join(', ')} % are less than a pixel of ${plan.size.w}, and left out.`);
    const { adaptive: questions, precision } = flags;
    return questions === undefined ? plan : { ...plan, blocks: 0, adaptive: { model, questions, precision } };
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message) : error;
  }
}

/** Reads axes joined by commas. */
export function axes(text: string): AcuityAxis[] {
  return text.split(',').map((part) => {
    const axis = part.trim();
    if (isAcuityAxis(axis)) return axis;
    throw new InvalidArgumentError(`There is no axis "${axis}". Choose from ${ACUITY_AXES.join(', ')}.`);
  });
}

/** Reads sizes of differences joined by commas. */
export function levels(text: string): number[] {
  const list = text.split(',').map(Number);
  if (list.some((one) => !(one >= 0 && one <= 400)))
    throw new InvalidArgumentError('Give percent from 0 to 400, as 0,1,2,4,8,16.');
  return list;
}

/** Reads a share above 0 and below 1. */
export function share(text: string): number {
  const value = Number(text);
  if (value > 0 && value < 1) return value;
  throw new InvalidArgumentError('Give a share between 0 and 1, as 0.3.');
}
