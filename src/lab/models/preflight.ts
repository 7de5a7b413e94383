import { hasOtherPartners, partnersOf } from '../../core/rewards/draws.ts';
import type { RunConfig } from '../../core/config/run-config.ts';
import { FixedAnswers } from '../../core/rewards/fixed-answers.ts';
import { fillTarget } from '../../core/prompts/template.ts';
import { inView, type ViewedSample } from '../../rows/views/view.ts';
import { MIRROR, ORIGINAL, type ViewId } from '../../rows/view-list.ts';
import { assertSupported, featuresOfPrompt, featuresOfSampling } from '../../engines/features.ts';
import type { Encoded, Trainer } from '../../engines/trainer.ts';
import { RowKeys } from '../datasets/first-seen.ts';
import { laterTurns } from '../datasets/dialogue-turns.ts';
import { inOrder } from '../files/in-order.ts';
import { evaluationPlan } from '../evaluation/evaluation-plan.ts';
import { evaluationSamples, type EvaluationSample } from '../evaluation/evaluation-samples.ts';
import { namingRow, putImages, type RowSource } from '../rollouts/draw-groups.ts';
import { promptsOf } from '../rollouts/stages.ts';
import { requireRoom } from './memory-fit.ts';

/**
 * Facts about all rows, determined before the first step. If rows can have partners other than the mirror,
 * `paired/<view>` counts the rows with the view `<view>`.
 */
interface Preflight extends Partial<Record<`paired/${ViewId}`, number>> {
  rows: number;
  /** Number of rows with a trusted partner. Other rows are trained without a partner (R44). */
  paired: number;
  /** Number of distinct images of the rows. */
  images: number;
  /** Number of rows whose answer agrees with itself in all used views, if agreement is rewarded (docs/training.md). */
  fixed_answers?: number;
  /** Number of rows with later turns, which training ignores. Absent without such rows. */
  later_turns?: number;
  /** Number of rows without reasoning, for a target that contains the reasoning. Absent without such rows. */
  without_reasoning?: number;
  /** Number of rows with a stored mirror, if the config sets no views, so SFT ignores mirrors. Absent without such rows. */
  unused_mirrors?: number;
  /** Lengths in tokens, including images. `longest_target` only if the recipe trains on targets. */
  longest_prompt: number;
  longest_target: number;
  longest_row: string;
  /** Number of parameters. Null if the server does not report the number. */
  parameters: number | null;
  trainable_parameters: number | null;
}

/** Number of rows that are read concurrently. While the engine encodes a row, the files of further rows are read. */
const AT_ONCE = 8;

/**
 * Reads every row like training and evaluation: decodes images, and encodes prompts and targets. Therefore, an
 * unreadable or overlong row fails immediately, not after hours. The error identifies the row.
 */
export async function preflight(
  config: RunConfig,
  rows: RowSource,
  trainer: Trainer,
  { onRow, signal }: { onRow?: (done: number) => void; signal?: AbortSignal } = {},
): Promise<Preflight> {
  const info = trainer.info();
  if (config.recipe === 'grpo') {
    const { group_size: n, temperature, top_p: topP, max_tokens: maxTokens } = config.sampling;
    assertSupported(info, [
      ...featuresOfSampling({ n, temperature, topP, maxTokens }),
      ...(config.loss.beta > 0 ? (['reference'] as const) : []),
    ]);
  }
  const agreement = config.recipe === 'grpo' && Boolean(config.rewards.agreement?.weight);
  const reasons = config.recipe === 'sft' && config.target.includes('{reasoning}');
  const fixed = new FixedAnswers(config.prompt);
  const partners = config.views ? partnersOf(config.views) : [];
  const several = hasOtherPartners(partners);
  const figures: Preflight = {
    rows: 0,
    paired: 0,
    ...(agreement && { fixed_answers: 0 }),
    ...(several && Object.fromEntries(partners.map((view) => [`paired/${view}`, 0]))),
    images: 0,
    longest_prompt: 0,
    longest_target: 0,
    longest_row: '',
    parameters: info.parameters,
    trainable_parameters: info.trainableParameters,
  };
  const plan = evaluationPlan(config);
  const pictures = new Set<number>();
  /** Encodes the prompts of all stages. @throws if one has no room for `target`, or for the longest completion */
  const encodeAll = async (
    { view, sample }: ViewedSample,
    images: string[],
    maxTokens: number,
    target?: string,
  ): Promise<Encoded[]> => {
    const all: Encoded[] = [];
    for (const [stage, prompt] of promptsOf(config, sample, images, view).entries()) {
      assertSupported(info, featuresOfPrompt(prompt));
      const encoded = await trainer.encode(prompt, target);
      const longest = plan.strategy.stages[stage]!.max_tokens ?? maxTokens;
      const [length, room] = [encoded.prompt.length, encoded.target.length || longest];
      if (length + room > (info.contextTokens ?? Infinity))
        throw new Error(
          `A prompt of ${length} tokens and a completion of ${room} exceed the context of the model (${info.contextTokens}). Lower max_tokens or engine.max_pixels.`,
        );
      all.push(encoded);
    }
    return all;
  };
  const read = (views: ViewedSample[]) => {
    const { sample } = views[0]!;
    return namingRow(sample.id, config.data.train, async () => {
      const images = await putImages(trainer, sample, rows.images);
      const tokens: Encoded[] = [];
      for (const seen of views) {
        const target = config.recipe === 'sft' ? fillTarget(config.target, seen.sample) : undefined;
        const longest = config.recipe === 'grpo' ? config.sampling.max_tokens : 0;
        tokens.push(...(await encodeAll(seen, images, longest, target)));
      }
      return { id: sample.id, views, tokens };
    });
  };
  for await (const { id, views, tokens } of inOrder(rows.all(), AT_ONCE, read)) {
    for (const { prompt, target } of tokens) {
      figures.longest_target = Math.max(figures.longest_target, target.length);
      if (prompt.length <= figures.longest_prompt) continue;
      figures.longest_prompt = prompt.length;
      figures.longest_row = id;
    }
    figures.rows += 1;
    figures.paired += Number(views.length > 1);
    if (several) for (const { view } of views.slice(1)) figures[`paired/${view}`]! += 1;
    const { sample } = views[0]!;
    for (const key of new RowKeys(sample).pictures) pictures.add(key);
    figures.images = pictures.size;
    if (laterTurns(sample).length > 0) figures.later_turns = (figures.later_turns ?? 0) + 1;
    if (reasons && !sample.reasoning?.trim())
      figures.without_reasoning = (figures.without_reasoning ?? 0) + 1;
    if (!config.views && sample.variants?.mirror && inView(sample, MIRROR))
      figures.unused_mirrors = (figures.unused_mirrors ?? 0) + 1;
    if (agreement) figures.fixed_answers! += Number(fixed.add(views));
    onRow?.(figures.rows);
  }
  if (config.recipe === 'grpo' && agreement) fixed.refuse(config.rewards);
  if (figures.paired === 0) refuseWithout(config);
  const readTest = ({ set, id, sample, images }: EvaluationSample) => {
    signal?.throwIfAborted();
    return namingRow(id, `the evaluation set "${set}"`, async () => {
      const shown = await putImages(trainer, sample, images);
      await encodeAll({ view: ORIGINAL, sample }, shown, plan.sampling.maxTokens);
    });
  };
  const tests = await evaluationSamples(plan);
  const reading = inOrder(tests, AT_ONCE, readTest);
  while (!(await reading.next()).done) continue;
  if (info.sizes) requireRoom(config, info.sizes, figures);
  return figures;
}

/** Errors for couplings that require partner rows, for datasets without such rows. */
const WITHOUT = {
  relation:
    'The rows have no counterfactuals with a known answer. Set other views in views.use, or a file in coupling.labels.',
  order:
    'The rows have no clips with several frames. Train on clips (docs/datasets.md), or remove coupling.mode.',
};

/** Throws an error if the coupling mode does not apply to any row of the run. */
function refuseWithout(config: RunConfig): void {
  const mode = config.recipe === 'grpo' ? config.coupling.mode : undefined;
  if (mode === 'relation' || mode === 'order')
    throw new Error(`Cannot use coupling.mode ${mode}. ${WITHOUT[mode]}`);
}

/** Returns warnings about the rows of a run and their views, for display before the run starts. */
export function viewWarnings(config: RunConfig, found: Preflight): string[] {
  const partners = config.views ? partnersOf(config.views) : [];
  const absent = partners.filter((view) => found[`paired/${view}`] === 0);
  const { fixed_answers: fixed = 0, later_turns = 0, without_reasoning = 0, paired, rows } = found;
  const { unused_mirrors: unused = 0 } = found;
  const isRelation = config.recipe === 'grpo' && config.coupling.mode === 'relation';
  return [
    ...(later_turns > 0
      ? [
          `${later_turns} of ${rows} rows have unused later turns (meta.turns). Convert these turns to rows with \`chirality convert ${config.data.train} --split-turns\`.`,
        ]
      : []),
    ...(without_reasoning > 0
      ? [
          `${without_reasoning} of ${rows} rows have no reasoning, so the model learns to omit reasoning. ${without_reasoning < rows ? 'Remove these rows, or remove' : 'Remove'} {reasoning} from target.`,
        ]
      : []),
    ...(unused > 0
      ? [
          `${unused} of ${rows} rows have a mirror, but the config trains only the originals. To train both views, set views to { mirror: true }. To train only the originals, set views to { mirror: false }.`,
        ]
      : []),
    ...(isRelation && paired < rows
      ? [
          `${rows - paired} of ${rows} rows have no counterfactual, because ${config.coupling.labels === undefined ? 'the rules cannot decide whether their answer changes' : 'these rows have no label'}. ${config.views.unpaired === 'keep' ? 'These rows are trained without a partner (implementation choice R44)' : 'These rows are excluded'}.`,
        ]
      : []),
    ...(isRelation ? [] : absent).map(
      (view) =>
        `The rows have no view ${view}, so training does not use this view. To see the reasons, run chirality view add ${config.data.train} --view ${view} --explain.`,
    ),
    ...(fixed > 0
      ? [
          `${fixed} of ${paired} paired rows have the same answer in every view, so agreement is possible without the image. To exclude these rows, set rewards.agreement.rows to changing.`,
        ]
      : []),
  ];
}
