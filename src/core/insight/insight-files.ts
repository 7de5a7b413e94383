import * as z from 'zod';
import { viewIdSchema } from '../../rows/sample/schemas.ts';
import { patchFigureSchema } from './patch.ts';
import { NUMBER_TARGETS, TARGETS } from './probe-row.ts';
import { AMONG, FIGURES } from './set-names.ts';

/* Schemas of the files that `inspect` writes to a run, for panels. The files are untrusted input. */

const whole = z.int().min(0);

const measured = {
  value: z.number().nullable(),
  n: whole,
  /** 95% confidence interval, clustered by image; absent for single heads and for constant values. */
  interval: z.tuple([z.number(), z.number()]).optional(),
};

/**
 * Mean over the rows of an evaluation set, as one line of `results.json`. `picture`: attention on the image. `mass` and
 * `lift` of objects (`of`); `over other boxes`: mass relative to the mass of the same maps in other rows' boxes.
 * `source`: attention on a part of the text (`of`). `mirror error`, `unfolded error`, `follow`. For the possible
 * answers, `odds`: log-odds of the right answer, and `likeliest`: share of rows whose right answer is most likely,
 * after a layer or with a hidden part (`of`).
 */
const setFigureSchema = z.object({
  figure: z.enum(FIGURES),
  view: viewIdSchema,
  /** Layer of the metric; null for all layers. */
  layer: whole.nullable(),
  /** Head of the metric; null for the mean over heads. */
  head: whole.nullable(),
  query: z.string(),
  of: z.string().nullable(),
  /** Rows that the metric covers: all rows, rows with right or wrong answers, or with counts that are off by one. */
  among: z.enum(AMONG),
  ...measured,
});
export type SetFigure = z.infer<typeof setFigureSchema>;

const place = { position: z.string(), layer: whole };

const probed = {
  /** Position of the hidden states: a token, and the number of layers before these states. */
  ...place,
  /** Training views: all views, or only originals, to test whether the probed property mirrors with the image. */
  train: z.enum(['all views', 'originals']),
  test: z.literal('all views').or(viewIdSchema),
  ...measured,
};

/** Held-out accuracy of a probe that predicts a label. */
const probeFigureSchema = z.object({
  target: z.enum(TARGETS),
  ...probed,
  /** Share of the more frequent label, which is the chance level of a probe. */
  chance: z.number(),
  /**
   * `shuffled`: trained on shuffled labels, a control for overfitting. `blind`: trained and tested without the image, a
   * control for the words of the question.
   */
  control: z.enum(['shuffled', 'blind']).nullable(),
});
export type ProbeFigure = z.infer<typeof probeFigureSchema>;

/** Held-out accuracy of a probe that predicts a number, as R² on images outside its training data. */
const numberFigureSchema = z.object({
  target: z.enum(NUMBER_TARGETS),
  /** R²: 1 is exact, 0 equals a prediction of the training mean, and below 0 is worse. */
  ...probed,
  /** For counts: share of predictions that equal the count after rounding, 0–1. */
  rounded: z.number().nullable(),
  /**
   * `shuffled` and `blind`: as for labels. `row alone`: trained on the object's vertical position instead of hidden
   * states, because this position often determines the depth.
   */
  control: z.enum(['shuffled', 'blind', 'row alone']).nullable(),
});
export type NumberFigure = z.infer<typeof numberFigureSchema>;

/** A row for which the best probe and the model's answer contradict each other. */
const difference = z.object({
  id: z.string(),
  view: viewIdSchema,
  reference: z.string(),
  answer: z.string(),
  /** Label that the probe predicted, and its probability, 0.5–1. */
  read: z.string(),
  certainty: z.number(),
});
export type ProbeDifference = z.infer<typeof difference>;

/** Token and layer of the best probe over all views. */
const best = z.object(place);

/** Result of another method on the same rows, and the probe's advantage over it, clustered by image. */
const compared = { ...measured, difference: z.number().nullable() };

/**
 * Result at the best position and layer. For each fifth of the images, the position is selected on the other images,
 * because a selection on the tested images would be biased upwards.
 */
const whereBest = z.object({
  ...measured,
  /** Share of the more frequent label; 0 for R². */
  chance: z.number(),
  controls: z.array(z.object({ control: z.enum(['blind', 'row alone']), ...compared })),
  /** Accuracy of the model's own answers, on rows whose answer depends on the probed property. */
  said: z.object(compared).nullable(),
});
export type WhereBest = z.infer<typeof whereBest>;

const labelResult = z.object({
  target: z.enum(TARGETS),
  /** The two labels; `best` gives the log-odds of the second label. */
  labels: z.tuple([z.string(), z.string()]),
  /**
   * For targets that a mirror reverses: whether both labels are equally frequent, in unchanged and in mirrored images.
   * Otherwise, a probe could succeed by distinguishing mirrors from originals. Null for all other targets.
   */
  balanced: z.boolean().nullable(),
  figures: z.array(probeFigureSchema),
  /** Accuracy of the model's own answers on rows whose answer depends on the target, by view. */
  said: z.array(z.object({ view: viewIdSchema, ...measured })),
  best,
  where: whereBest,
  /**
   * `knows`: rows on which the probe is right with a probability of at least 0.75 and the answer is wrong; `says`: the
   * reverse. Empty without evidence that the model encodes the target.
   */
  knows: z.array(difference),
  says: z.array(difference),
  /** Lengths of `knows` and `says` for probes of shuffled labels at the same position. */
  shuffled: z.object({ knows: whole, says: whole }),
});

const numberResult = z.object({
  target: z.enum(NUMBER_TARGETS),
  /** Null, because numeric targets have no labels. */
  labels: z.null(),
  figures: z.array(numberFigureSchema),
  best,
  where: whereBest,
});

/** Result of the probes for one target, as one line of `results.json`, without the weights of the best probe. */
const shownProbeSchema = z.discriminatedUnion('target', [labelResult, numberResult]);
export type ShownProbe = z.infer<typeof shownProbeSchema>;

/** Schema of `results.json` by kind of analysis folder. */
export const RESULTS = {
  set: z.array(setFigureSchema),
  probe: z.array(shownProbeSchema),
  patch: z.array(patchFigureSchema),
};

/** A result that includes the best probe, trained on all rows. */
type Fitted<Result extends ShownProbe> = Result & { best: { weights: number[]; bias: number } };
export type ProbeResult = Fitted<z.infer<typeof labelResult>>;
export type NumberResult = Fitted<z.infer<typeof numberResult>> & { best: { penalty: number } };
