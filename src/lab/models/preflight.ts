import type { RunConfig } from '../../core/config/run.ts';
import { fillTarget } from '../../core/prompts/template.ts';
import { assertSupported, featuresOfSampling } from '../../engines/features.ts';
import type { Encoded, Trainer } from '../../engines/trainer.ts';
import type { ViewedSample } from '../../core/spatial/views/view.ts';
import { inOrder } from '../datasets/rows.ts';
import { evaluationPlan } from '../evaluation/plan.ts';
import { evaluationSamples, type EvaluationSample } from '../evaluation/samples.ts';
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

/** How many rows to read at once: while the engine encodes one, the files of the next are read. */
const AT_ONCE = 8;

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
  const read = (views: ViewedSample[]) => {
    const { sample } = views[0]!;
    return namingRow(sample.id, config.data.train, async () => {
      const images = await putImages(trainer, sample, rows.images);
      const tokens: Encoded[] = [];
      for (const { view, sample: seen } of views) {
        const target = config.recipe === 'sft' ? fillTarget(config.target, seen) : undefined;
        for (const prompt of promptsOf(config, seen, images, view))
          tokens.push(await trainer.encode(prompt, target));
      }
      return { id: sample.id, views: views.length, images: images.length, tokens };
    });
  };
  for await (const { id, views, images, tokens } of inOrder(rows.all(), AT_ONCE, read)) {
    for (const { prompt, target } of tokens) {
      found.longest_target = Math.max(found.longest_target, target.length);
      if (prompt.length <= found.longest_prompt) continue;
      found.longest_prompt = prompt.length;
      found.longest_row = id;
    }
    found.images += images;
    found.rows += 1;
    found.paired += Number(views === 2);
    onRow?.(found.rows);
  }
  const readTest = ({ set, id, sample, images }: EvaluationSample) => {
    signal?.throwIfAborted();
    return namingRow(id, `the evaluation set "${set}"`, async () => {
      const shown = await putImages(trainer, sample, images);
      for (const prompt of promptsOf(config, sample, shown, 'original')) await trainer.encode(prompt);
    });
  };
  const tests = await evaluationSamples(evaluationPlan(config));
  const reading = inOrder(tests, AT_ONCE, readTest);
  while (!(await reading.next()).done) continue;
  return found;
}
