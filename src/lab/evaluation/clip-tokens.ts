import { sum } from '../../base/numbers.ts';
import { asShown, showsPictures, type Strategy } from '../../core/prompts/strategy.ts';
import { hasMotion } from '../../core/prompts/frame-controls.ts';
import type { Sampler } from '../../engines/sampler.ts';
import type { EvaluationSample } from './evaluation-samples.ts';

/** Number of pixels per image token: 28 × 28 for Qwen2.5-VL; within 10% of that for most current models. */
export const PIXELS_PER_TOKEN = 784;
/** Number of video frames that share their tokens, as in Qwen2.5-VL and Qwen3-VL. */
const FRAMES_PER_TOKEN = 2;
/** Number of tokens of "Frame 2, at 0.75 s:" before an image. */
const TOKENS_OF_TIME = 12;
/** Number of clips to measure, evenly distributed. A few clips suffice, because most clips of a set are alike. */
const MEASURED = 16;

/** Estimated number of tokens of an evaluation's clips, computed before the evaluation starts. */
export interface ClipTokens {
  /** Number of questions about clips. Each view of a question counts. */
  questions: number;
  /** Maximum number of frames per clip, and size of the first measured frame as sent to the model. */
  frames: number;
  width: number;
  height: number;
  /** Number of tokens of all clips together, for one completion of each question. */
  tokens: number;
  isVideo: boolean;
}

/** Estimates the tokens of clips from the sizes at which some clips are sent. Null without clips. */
export async function clipTokens(
  sampler: Sampler,
  samples: readonly EvaluationSample[],
  strategy: Strategy,
): Promise<ClipTokens | null> {
  const clips = samples.filter(({ sample }) => hasMotion(sample));
  const stages = strategy.stages.filter(showsPictures);
  if (clips.length === 0 || stages.length === 0) return null;
  const isVideo = sampler.info().showsVideos ?? false;
  const shown = clips.map(({ sample }) => asShown(sample, strategy).images.length);
  let pixels = 0;
  let first: { width: number; height: number } | undefined;
  const step = Math.max(1, clips.length / MEASURED);
  const some = Array.from(
    { length: Math.min(MEASURED, clips.length) },
    (_, i) => clips[Math.floor(i * step)]!,
  );
  for (const { sample, images } of some) {
    const size = await sampler.putImage(await images.bytes(sample.images[0]!));
    first ??= size;
    pixels += size.width * size.height;
  }
  const each = Math.ceil(pixels / some.length / PIXELS_PER_TOKEN);
  const ofClip = (n: number) =>
    isVideo && n > 1 ? Math.ceil(n / FRAMES_PER_TOKEN) * each : n * (each + (n > 1 ? TOKENS_OF_TIME : 0));
  return {
    questions: clips.length,
    frames: Math.max(...shown),
    width: first!.width,
    height: first!.height,
    tokens: stages.length * sum(shown.map(ofClip)),
    isVideo,
  };
}
