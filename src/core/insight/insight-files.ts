import * as z from 'zod';
import { viewIdSchema } from '../sample/schemas.ts';
import type { PatchFigure } from './patch.ts';
import type { NumberResult } from './probe-number.ts';
import { NUMBER_TARGETS, TARGETS, type ProbePlace } from './probe-row.ts';
import type { ProbeDifference, ProbeResult } from './probe.ts';
import type { SetFigure } from './set-figures.ts';
import { AMONG, FIGURES } from './set-names.ts';

/* What panels read from the folders that `insight`, `probe` and `patch` write. The folders may come from elsewhere. */

/** What panels need from a `manifest.json`. */
export interface InsightManifest {
  set: { path: string; sha256?: string | undefined };
  step: number | null;
  strategy: string;
  /** How many rows from the start of the file; null for all. */
  limit?: number | null | undefined;
  /** What was hidden in further passes. */
  hide?: string[] | undefined;
}

const whole = z.int().min(0);

export const insightManifestSchema: z.ZodType<InsightManifest> = z.looseObject({
  set: z.looseObject({ path: z.string(), sha256: z.string().optional() }),
  step: whole.nullable(),
  strategy: z.string(),
  limit: whole.nullable().optional(),
  hide: z.array(z.string()).optional(),
});

const measured = {
  value: z.number().nullable(),
  n: whole,
  interval: z.tuple([z.number(), z.number()]).optional(),
};

/** Schema for a line of the `results.json` of a set. */
export const setFigureSchema: z.ZodType<SetFigure> = z.looseObject({
  figure: z.enum(FIGURES),
  view: viewIdSchema,
  layer: whole.nullable(),
  head: whole.nullable(),
  query: z.string(),
  of: z.string().nullable(),
  among: z.enum(AMONG),
  ...measured,
});

/** The result of the probes for one target, without the weights of the best one. */
export type ShownProbe = (
  | (Omit<ProbeResult, 'best' | 'balanced'> & { balanced?: boolean | null | undefined })
  | Omit<NumberResult, 'best'>
) & { best: ProbePlace };

const place = { position: z.string(), layer: whole };

const probed = {
  ...place,
  train: z.enum(['all views', 'originals']),
  test: z.literal('all views').or(viewIdSchema),
  ...measured,
};

const difference: z.ZodType<ProbeDifference> = z.looseObject({
  id: z.string(),
  view: viewIdSchema,
  reference: z.string(),
  answer: z.string(),
  read: z.string(),
  certainty: z.number(),
});

const best = z.object(place);
const target = z.enum(TARGETS);
const numberTarget = z.enum(NUMBER_TARGETS);

/** Schema for a line of the `results.json` of probes. */
export const shownProbeSchema: z.ZodType<ShownProbe> = z.discriminatedUnion('target', [
  z.looseObject({
    target,
    labels: z.tuple([z.string(), z.string()]),
    balanced: z.boolean().nullish(),
    figures: z.array(
      z.looseObject({
        target,
        ...probed,
        chance: z.number(),
        control: z.enum(['shuffled', 'blind']).nullable(),
      }),
    ),
    said: z.array(z.looseObject({ view: viewIdSchema, ...measured })),
    best,
    knows: z.array(difference),
    says: z.array(difference),
  }),
  z.looseObject({
    target: numberTarget,
    labels: z.null(),
    figures: z.array(
      z.looseObject({
        target: numberTarget,
        ...probed,
        rounded: z.number().nullable(),
        control: z.enum(['shuffled', 'blind', 'row alone']).nullable(),
      }),
    ),
    best,
  }),
]);

/** Schema for a line of the `results.json` of patches. */
export const patchFigureSchema: z.ZodType<PatchFigure> = z.looseObject({
  // Earlier programs had other groups.
  group: z.string().nullable(),
  layer: whole.nullable(),
  change: z.number().nullable(),
  moved: z.number().nullable(),
  n: whole,
  interval: measured.interval,
});
