import type { RunConfig } from '../../core/config/run-config.ts';
import {
  type AnswerLikelihoods,
  pictureEffect,
  type PictureCheck,
} from '../../core/metrics/picture-effect.ts';
import { sum } from '../../base/numbers.ts';
import type { Prompt } from '../../core/prompts/message.ts';
import { fillPrompt, fillTarget } from '../../core/prompts/template.ts';
import { isControl } from '../../rows/view-list.ts';
import type { Trainer } from '../../engines/trainer.ts';
import { newPixelsOf } from '../images/view-picture.ts';
import { putImage, type DrawnRow, type DrawnView, type RowSource } from '../rollouts/draw-groups.ts';

/** Number of first rows to check, and number of rows per call, because engines hold few images. */
const ROWS = 16;
const AT_ONCE = 8;

/**
 * Compares the log-probabilities of right answers in the views of the run's first rows: with their image, with a grey
 * image of the same size, and with the image of another row. The model does not change.
 */
export async function checkPictures(
  config: RunConfig,
  rows: RowSource,
  trainer: Trainer,
): Promise<PictureCheck> {
  if (config.engine.kind === 'tinker')
    return notAsked('Skipped the image check, because Tinker charges for every answer.');
  if (config.engine.kind === 'embedded' && config.init === undefined)
    return notAsked('Skipped the image check, because the model starts from random weights.');
  const answers: AnswerLikelihoods[] = [];
  const all = Math.min(ROWS, rows.count);
  for (let from = 0; from < all; from += AT_ONCE) {
    const drawn = await rows.take(from, Math.min(AT_ONCE, all - from), trainer);
    for (const [r, row] of drawn.entries())
      for (const [v, seen] of row.views.entries()) {
        if (isControl(seen.view) || seen.sample.answer === '') continue; // The right answer of the row is unknown.
        const others = [...drawn.slice(r + 1), ...drawn.slice(0, r)].map(
          ({ views }) => views[v] ?? views[0]!,
        );
        answers.push(...(await likelihoods({ config, rows, trainer }, row, seen, others)));
      }
  }
  return answers.length === 0
    ? notAsked('Skipped the image check, because the rows have no images.')
    : pictureEffect(answers, trainer.info().rounding);
}

const notAsked = (why: string): PictureCheck => ({ sight: 'not-asked', why });

interface Reading {
  config: RunConfig;
  rows: RowSource;
  trainer: Trainer;
}

/** Scores a row's answer in a view, once per image. Empty without images, or if a text is too long. */
async function likelihoods(
  reading: Reading,
  { views }: DrawnRow,
  seen: DrawnView,
  others: readonly DrawnView[],
): Promise<AnswerLikelihoods[]> {
  const { config, trainer } = reading;
  const { images } = seen;
  if (images.length === 0) return [];
  const other = others.find(
    (drawnView) => drawnView.images.length === images.length && drawnView.images.join() !== images.join(),
  );
  const shown = [images, await greyOnes(reading, seen), ...(other ? [other.images] : [])];
  const answer = answerText(config, seen);
  const prompts = shown.map((hashes) => fillPrompt(config.prompt, seen.sample, hashes, seen.view));
  const scored = await scores(trainer, prompts, answer);
  const [picture, grey, exchanged] = scored ?? [];
  return picture === undefined
    ? []
    : [
        {
          cluster: views[0]!.images.join(),
          length: picture.length,
          picture: sum(picture),
          grey: sum(grey!),
          other: exchanged ? sum(exchanged) : null,
        },
      ];
}

/** Returns the text that the model learns. For GRPO, returns a text with the full reward. */
function answerText(config: RunConfig, { sample }: DrawnView): string {
  if (config.recipe === 'sft') return fillTarget(config.target, sample);
  if (config.rewards.format.weight === 0) return sample.answer;
  return fillTarget('<think> {reasoning} </think> <answer> {answer} </answer>', sample);
}

/** Returns the log-probabilities of a text's tokens after each prompt. Null if a text is too long for the model. */
async function scores(
  trainer: Trainer,
  prompts: readonly Prompt[],
  text: string,
): Promise<number[][] | null> {
  const { contextTokens } = trainer.info();
  const encoded = await Promise.all(prompts.map((prompt) => trainer.encode(prompt, text)));
  if (encoded.some(({ prompt, target }) => prompt.length + target.length > (contextTokens ?? Infinity)))
    return null;
  const groups = prompts.map((prompt, i) => ({
    prompt,
    completions: [{ segments: [{ tokens: encoded[i]!.target, trained: true }] }],
  }));
  const scored = await trainer.forward(groups, { model: 'policy', temperature: 1 });
  return scored.map(([completion]) => completion![0]!.logprobs);
}

/** Passes grey images of the same sizes to the model. @returns hashes of the grey images */
async function greyOnes({ rows, trainer }: Reading, { sample, view }: DrawnView): Promise<string[]> {
  const made = newPixelsOf(view, sample);
  const hashes: string[] = [];
  for (const image of sample.images) hashes.push(await putImage(trainer, image, rows.images, made, true));
  return hashes;
}
