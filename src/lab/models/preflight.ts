import type { RunConfig } from '../../core/config/run.ts';
import { fillTarget } from '../../core/prompts/template.ts';
import { assertSupported, featuresOfSampling } from '../../engines/features.ts';
import type { Trainer } from '../../engines/trainer.ts';
import { evaluationPlan } from '../evaluation/plan.ts';
import { evaluationSamples } from '../evaluation/samples.ts';
import { namingRow, putImages, type RowSource } from '../rollouts/source.ts';
import { promptsOf } from '../rollouts/stages.ts';

/** Facts about all rows, gathered before the first step. */
export interface Preflight {
  rows: number;
  /** Rows with a trusted mirror; the others are trained without one (R44). */
  paired: number;
  images: number;
  /** In tokens, images included; `target` only if the recipe trains on targets. */
  longest_prompt: number;
  longest_target: number;
  /** The row that has the longest prompt. */
  longest_row: string;
  parameters: number;
  trainable_parameters: number;
}

/**
 * Reads every row as training and evaluation will: decodes images, and encodes prompts and targets. A row that does not
 * fit or cannot be read is an error now, not after hours; the error names the row.
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
    assertSupported(info, featuresOfSampling({ n, temperature, topP, maxTokens }));
  }
  const found: Preflight = {
    rows: 0,
    paired: 0,
    images: 0,
    longest_prompt: 0,
    longest_target: 0,
    longest_row: '',
    parameters: info.parameters,
    trainable_parameters: info.trainableParameters,
  };
  for await (const views of rows.all()) {
    const { sample } = views[0]!;
    await namingRow(sample.id, config.data.train, async () => {
      const images = await putImages(trainer, sample, rows.images);
      found.images += images.length;
      for (const { view, sample: seen } of views) {
        const target = config.recipe === 'sft' ? fillTarget(config.target, seen) : undefined;
        for (const prompt of promptsOf(config, seen, images, view)) {
          const tokens = await trainer.encode(prompt, target);
          found.longest_target = Math.max(found.longest_target, tokens.target.length);
          if (tokens.prompt.length > found.longest_prompt) {
            found.longest_prompt = tokens.prompt.length;
            found.longest_row = sample.id;
          }
        }
      }
    });
    found.rows += 1;
    found.paired += Number(views.length === 2);
    onRow?.(found.rows);
  }
  for (const { set, id, sample, images } of await evaluationSamples(evaluationPlan(config))) {
    signal?.throwIfAborted();
    await namingRow(id, `the evaluation set "${set}"`, async () => {
      const shown = await putImages(trainer, sample, images);
      for (const prompt of promptsOf(config, sample, shown, 'original')) await trainer.encode(prompt);
    });
  }
  return found;
}
