import * as z from 'zod';
import { viewIdSchema } from '../../rows/sample/schemas.ts';
import { patchFigureSchema } from './patch.ts';
import { NUMBER_TARGETS, TARGETS } from './probe-row.ts';
import { AMONG, FIGURES } from './set-names.ts';

/* What panels read from the folders that `inspect` writes to a run. The folders may come from elsewhere. */

const whole = z.int().min(0);

const measured = {
  value: z.number().nullable(),
  n: whole,
  /** 95%, by image; absent for single heads and where nothing varies. */
  interval: z.tuple([z.number(), z.number()]).optional(),
};

/**
 * A mean over the rows of a set: a line of `results.json`. `picture`: attention on the image; `mass` and `lift` of
 * objects (`of`), and their mass `over other boxes`: relative to that of the same maps in the boxes of other rows;
 * `source`: attention on a part of the text (`of`); `mirror error`, `unfolded error`, `follow`; of the words
 * that could answer, `odds`: log-odds of the right one, and `likeliest`: the share of rows where it is the likeliest,
 * both after a layer or with something hidden (`of`).
 */
const setFigureSchema = z.object({
  figure: z.enum(FIGURES),
  view: viewIdSchema,
  /** Null: after all layers. */
  layer: whole.nullable(),
  /** Null: the mean of the heads. */
  head: whole.nullable(),
  query: z.string(),
  of: z.string().nullable(),
  /** Which rows: all, those that were answered right or wrong, or counted wrong by one. */
  among: z.enum(AMONG),
  ...measured,
});
export type SetFigure = z.infer<typeof setFigureSchema>;

const place = { position: z.string(), layer: whole };

const probed = {
  /** The token, and how many layers the hidden states have passed. */
  ...place,
  /**
   * The views on which it was trained: all, or only originals, which shows whether what it reads turns with the
   * image.
   */
  train: z.enum(['all views', 'originals']),
  test: z.literal('all views').or(viewIdSchema),
  ...measured,
};

/** Held-out accuracy of one kind of probe. */
const probeFigureSchema = z.object({
  target: z.enum(TARGETS),
  ...probed,
  /** The share of the commoner label. */
  chance: z.number(),
  /**
   * `shuffled`: trained on shuffled labels, to show what fitting alone achieves. `blind`: trained and tested without
   * the image, to show what the words give away.
   */
  control: z.enum(['shuffled', 'blind']).nullable(),
});
export type ProbeFigure = z.infer<typeof probeFigureSchema>;

/** How well a number is read off the hidden states of images that the probe was not trained on, as R². */
const numberFigureSchema = z.object({
  target: z.enum(NUMBER_TARGETS),
  /** 1 is exact, 0 what the mean of the training rows gives; below 0, worse than that. */
  ...probed,
  /** Of counts: how often the number is right when rounded, 0–1. */
  rounded: z.number().nullable(),
  /**
   * As above. `row alone`: trained on the object's vertical position instead of hidden states, because it often gives
   * away the depth.
   */
  control: z.enum(['shuffled', 'blind', 'row alone']).nullable(),
});
export type NumberFigure = z.infer<typeof numberFigureSchema>;

/** A row on which the best probe and the model's answer differ. */
const difference = z.object({
  id: z.string(),
  view: viewIdSchema,
  reference: z.string(),
  answer: z.string(),
  /** What the probe read, and how sure it was, 0.5–1. */
  read: z.string(),
  certainty: z.number(),
});
export type ProbeDifference = z.infer<typeof difference>;

/** The token that is read best over all views. */
const best = z.object(place);

/** What another reading gets of the same rows, and how much more the probe gets of them, by image. */
const compared = { ...measured, difference: z.number().nullable() };

/**
 * What is read off the place that reads other images best, which is chosen apart for each fifth of the images: the
 * figure of the place that is best on the tested images themselves is that of the luckiest of many.
 */
const whereBest = z.object({
  ...measured,
  /** The share of the commoner label; 0 for R². */
  chance: z.number(),
  controls: z.array(z.object({ control: z.enum(['blind', 'row alone']), ...compared })),
  /** The model's own answers, on rows whose answer the fact decides. */
  said: z.object(compared).nullable(),
});
export type WhereBest = z.infer<typeof whereBest>;

const labelResult = z.object({
  target: z.enum(TARGETS),
  /** The second is the one whose log-odds `best` gives. */
  labels: z.tuple([z.string(), z.string()]),
  /**
   * For targets that a mirror turns round: whether figures are about as many rows of one label as of the other, in
   * images as they are and in mirrored ones. If not, a probe that tells mirrors from originals reads the target, too.
   * Null for the other targets.
   */
  balanced: z.boolean().nullable(),
  figures: z.array(probeFigureSchema),
  /** The model's own accuracy on the rows whose answer the target decides, by view. */
  said: z.array(z.object({ view: viewIdSchema, ...measured })),
  best,
  where: whereBest,
  /**
   * Rows on which the probe is right with a certainty of at least 0.75, and the answer is wrong; and the reverse. None
   * where nothing shows that the fact is read.
   */
  knows: z.array(difference),
  says: z.array(difference),
  /** How long these lists are by probes of shuffled labels, at the same places. */
  shuffled: z.object({ knows: whole, says: whole }),
});

const numberResult = z.object({
  target: z.enum(NUMBER_TARGETS),
  /** A number has none. */
  labels: z.null(),
  figures: z.array(numberFigureSchema),
  best,
  where: whereBest,
});

/** The result of the probes for one target, a line of their `results.json`, without the weights of the best one. */
const shownProbeSchema = z.discriminatedUnion('target', [labelResult, numberResult]);
export type ShownProbe = z.infer<typeof shownProbeSchema>;

/** The `results.json` of a folder, by its kind. */
export const RESULTS = {
  set: z.array(setFigureSchema),
  probe: z.array(shownProbeSchema),
  patch: z.array(patchFigureSchema),
};

/** A result, with the probe that is trained at its best place on all rows. */
type Fitted<Result extends ShownProbe> = Result & { best: { weights: number[]; bias: number } };
export type ProbeResult = Fitted<z.infer<typeof labelResult>>;
export type NumberResult = Fitted<z.infer<typeof numberResult>> & { best: { penalty: number } };
