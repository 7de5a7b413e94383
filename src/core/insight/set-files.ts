import { AMONG, FIGURES } from './set-names.ts';
import * as z from 'zod';
import { viewIdSchema } from '../spatial/schemas.ts';
import { type SetFigure } from './set-figures.ts';

/** What panels need of the `manifest.json` of a set that was looked at. */
export interface SetManifest {
  kind: 'set';
  set: { path: string };
  step: number | null;
  strategy: string;
}

export const setManifestSchema: z.ZodType<SetManifest> = z.looseObject({
  kind: z.literal('set'),
  set: z.looseObject({ path: z.string() }),
  step: z.int().min(0).nullable(),
  strategy: z.string(),
});

const whole = z.int().min(0);

/** A line of `results.json`, of a value that may come from elsewhere. */
export const setFigureSchema: z.ZodType<SetFigure> = z.looseObject({
  figure: z.enum(FIGURES),
  view: viewIdSchema,
  layer: whole.nullable(),
  head: whole.nullable(),
  query: z.string(),
  of: z.string().nullable(),
  among: z.enum(AMONG),
  value: z.number().nullable(),
  n: whole,
  interval: z.tuple([z.number(), z.number()]).optional(),
});
