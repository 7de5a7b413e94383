import type { OptionsOf } from './command-options.ts';
import type { addAcuityCommand } from './commands/acuity.command.ts';
import { resolve } from 'node:path';
import { UsageError } from './errors.ts';
import { type EvalFlags, readStrategy } from './evaluation/target.ts';
import { note } from './print.ts';
import { money, thousands } from '../base/format.ts';
import { sum } from '../base/numbers.ts';
import { showsPictures } from '../core/prompts/strategy.ts';
import { QUICK_BLOCKS, planStimuli, questionsOf } from '../core/psychophysics/plan-stimuli.ts';
import type { StimuliPlan } from '../core/psychophysics/acuity-record.ts';
import { asksOf, CLIP } from '../core/worlds/acuity/axes.ts';
import { MAP_GRID } from '../core/worlds/acuity/map.ts';
import { type SceneAxis, isAcuityAxis, isClipAxis } from '../core/worlds/acuity/acuity-axes.ts';
import type { Style } from '../core/worlds/questions/question.ts';
import { PIXELS_PER_TOKEN } from '../lab/evaluation/clip-tokens.ts';
import { findModel, isTextModel } from '../lab/models/open-model.ts';
import { findRun } from '../lab/runs/listed-runs.ts';
import { readRunConfig } from '../lab/runs/make-run.ts';

export type AcuityFlags = OptionsOf<typeof addAcuityCommand>;

/** Returns whether the model runs on the embedded engine, which reads only the compact style. */
export async function isEmbedded({ endpoint, engine, model = '', runs, step }: EvalFlags): Promise<boolean> {
  if (endpoint !== undefined) return false;
  return (engine ?? (await findModel(model, runs, step)).engine) === 'embedded';
}

/**
 * Rejects settings that hide the image, because acuity measures vision. Runs before scenes are drawn.
 * @throws UsageError with the fix
 */
export async function requirePictures(flags: EvalFlags): Promise<void> {
  const { strategy, maxTokens, without = [], endpoint, model = '' } = flags;
  if (strategy !== undefined && !readStrategy(strategy, maxTokens).stages.some(showsPictures))
    throw new UsageError(
      `Cannot measure acuity with the strategy "${strategy}", which does not show the image. Pass another strategy, or remove --strategy.`,
    );
  if (endpoint !== undefined) {
    if (without.includes('image'))
      throw new UsageError('Cannot measure acuity with --without image. Pass a model that accepts images.');
    return;
  }
  const run = flags.engine === undefined ? await findRun(flags.runs, model) : null;
  const { engine } = run ? await readRunConfig(run) : { engine: null };
  const folder = engine ? (engine.kind === 'torch' ? engine.model : null) : resolve(model);
  if (folder !== null && (await isTextModel(folder)))
    throw new UsageError(
      `Cannot measure acuity of ${folder}, because its config.json has no vision part. Pass a vision-language model.`,
    );
}

/** Number of English letters per token, and of tokens per question with its chat template, for cost estimates. */
const LETTERS_PER_TOKEN = 4;
const QUESTION_TOKENS = 40;

/**
 * Returns the estimated cost of measurements at an endpoint, as a range from one-word answers to answers at the token
 * limit; if prices are unknown, returns a text that says so.
 */
export function costText(plans: readonly StimuliPlan[], flags: AcuityFlags): string {
  const { price, maxPixels = Infinity, maxTokens = 1024, strategy = 'direct' } = flags;
  if (!price)
    return 'Cannot estimate the cost. Pass the prices per million prompt and completion tokens with --price IN,OUT.';
  const { stages } = readStrategy(strategy, flags.maxTokens);
  const tokensOf = ({ size, axis, style }: StimuliPlan) =>
    (isClipAxis(axis) ? CLIP[style].frames : 1) *
    Math.ceil(Math.min(size.w * size.h, maxPixels) / PIXELS_PER_TOKEN);
  const answer = sum(stages.map(({ max_tokens = maxTokens }) => max_tokens));
  const tokensFor = (answerTokens: number) =>
    sum(
      plans.map((plan) => {
        const prompt = sum(
          stages.map((stage) => {
            const { system = '', user } = stage;
            const words = QUESTION_TOKENS + (system.length + user.length) / LETTERS_PER_TOKEN;
            return words + (showsPictures(stage) ? tokensOf(plan) : 0);
          }),
        );
        return (questionsOf(plan) * (prompt * price.input + answerTokens * price.output)) / 1e6;
      }),
    );
  const pictures = [...new Set(plans.map(tokensOf))].map(thousands).join(' or ');
  return `At a price of ${price.input},${price.output}, the questions cost from about ${money(tokensFor(stages.length))} (one-word answers) to ${money(tokensFor(answer))} (${thousands(answer)} tokens per answer). ${plans.some(({ axis }) => isClipAxis(axis)) ? 'An image or clip' : 'An image'} counts as ${pictures} tokens.`;
}

/** Number of scenes per level of an axis, and per cell of a map. */
const BLOCKS = { level: 12, cell: 2 };

/** Returns plans for the stimuli of all axes and maps. @throws UsageError for impossible plans */
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
  const {
    adaptive: questions,
    precision,
    quick,
    blocks = isMap ? BLOCKS.cell : quick ? QUICK_BLOCKS : BLOCKS.level,
  } = flags;
  try {
    const { plan, tooSmall } = planStimuli(axis, {
      ...flags,
      blocks,
      style,
      map: isMap ? MAP_GRID : undefined,
    });
    if (tooSmall.length > 0)
      note(
        `Excluded differences of ${tooSmall.join(', ')}%, which are below one pixel at an image width of ${plan.size.w} pixels.`,
      );
    if (questions === undefined) return plan;
    if (isMap || !isAcuityAxis(axis))
      throw new UsageError(
        `--adaptive requires a curve, and ${isMap ? 'a map' : axis} has no curve. Remove --adaptive.`,
      );
    const ways = asksOf(plan).length;
    if (questions < ways)
      throw new UsageError(
        `--adaptive must be at least ${ways}, the number of questions per scene of ${axis}.`,
      );
    return { ...plan, blocks: 0, adaptive: { model, questions, precision } };
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message) : error;
  }
}
