import * as z from 'zod';
import { Worker } from '../../engines/torch/worker.ts';
import type { Size, Xyxy } from '../../rows/sample/boxes.ts';
import { findPython } from './python.ts';

const box = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const size = z.tuple([z.number(), z.number()]).transform(([w, h]) => ({ w, h }));
const tile = z
  .tuple([z.number(), z.number(), z.number(), z.number(), z.boolean()])
  .transform(([x1, y1, x2, y2, whole]) => ({ place: [x1, y1, x2, y2] as Xyxy, whole }));
const failed = z.object({ error: z.string() });
const schema = z.object({
  /** Measurement for each size in turn; an error for a size that the processor rejects. */
  maps: z.array(
    z.union([
      failed,
      z.object({
        size,
        crop: box,
        fill: box,
        tiles: z.array(tile),
        shift: z.number(),
        reason: z.enum(['crop', 'fill']).nullable(),
        patch: z.number().nullable(),
        tokens: z.number().nullable(),
      }),
    ]),
  ),
  /** Treatment of images that a program opens without converting them to RGB first. */
  modes: z.object({ alpha: z.string(), grey: z.string(), deep: z.string(), exif: z.string() }),
  /** Versions and class of the processor. */
  runtime: z.string(),
  /** Clip as one video; null without a clip, or a video processor. */
  clip: z.union([failed, z.object({ taken: z.array(z.number()), size: size.nullable() })]).nullable(),
});

/**
 * Measures how a model's processor transforms images of these sizes, without opening the weights.
 * @param model a model folder, or the name of a model that transformers finds
 * @param times of the frames of a clip in the first of the sizes, in seconds; null for an image
 * @throws WorkerError if there is no such processor, or it contains code
 */
export async function measureSeen(model: string, sizes: readonly Size[], times: readonly number[] | null) {
  const clip = times && [times.length, (times.length - 1) / (times.at(-1)! - times[0]!)];
  const worker = await Worker.start({ python: await findPython() });
  try {
    return schema.parse(
      await worker.call('seen', { model, sizes: sizes.map(({ w, h }) => [w, h]), ...(clip && { clip }) }),
    );
  } finally {
    await worker.end();
  }
}
