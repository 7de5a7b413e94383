import * as z from 'zod';
import type { SeenMap } from '../../core/seen/seen-map.ts';
import type { Size } from '../../rows/sample/boxes.ts';
import { Worker } from '../../engines/torch/worker.ts';
import { findPython } from './python.ts';

const box = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const schema = z.object({
  maps: z.array(
    z.union([
      z.object({ error: z.string() }),
      z.object({
        size: z.tuple([z.number(), z.number()]),
        crop: box,
        fill: box,
        tiles: z.array(z.tuple([z.number(), z.number(), z.number(), z.number(), z.boolean()])),
        shift: z.number(),
        reason: z.enum(['crop', 'fill']).nullable(),
        patch: z.number().nullable(),
        tokens: z.number().nullable(),
      }),
    ]),
  ),
  modes: z.object({ alpha: z.string(), grey: z.string(), deep: z.string(), exif: z.string() }),
  runtime: z.string(),
});

/** Measurements for each size, in order. A size that the processor rejects has an `error`. */
export interface Measured {
  maps: (SeenMap | { error: string })[];
  /** Processing of images that a program opens without converting them to RGB first. */
  modes: z.infer<typeof schema>['modes'];
  /** Class and package versions of the processor. */
  runtime: string;
}

/**
 * Measures how a model's processor transforms images of these sizes, without opening the weights.
 * @param model a model folder, or the name of a model that transformers finds
 * @throws WorkerError if no such processor exists, or if it contains code
 */
export async function measureSeen(model: string, sizes: readonly Size[]): Promise<Measured> {
  const worker = await Worker.start({ python: await findPython() });
  try {
    const result = await worker.call('seen', { model, sizes: sizes.map(({ w, h }) => [w, h]) });
    const { maps, ...rest } = schema.parse(result);
    return {
      ...rest,
      maps: maps.map((map) =>
        'error' in map
          ? map
          : {
              ...map,
              size: { w: map.size[0], h: map.size[1] },
              tiles: map.tiles.map(([x1, y1, x2, y2, whole]) => ({ place: [x1, y1, x2, y2], whole })),
            },
      ),
    };
  } finally {
    await worker.end();
  }
}
