import * as z from 'zod';
import { checkRecord, decodeRecord, type RecordSource } from '../record.ts';
import { ACUITY_FORMS } from '../worlds/acuity/axes.ts';
import { ACUITY_AXES } from '../worlds/acuity/words.ts';

const number = z.number();
const count = z.int().min(0);
const text = z.string().max(300);
const interval = z.tuple([number, number]);
/** A posterior mean with its 95 % credible interval. */
const estimate = z.object({ mean: number, interval });
const level = z.object({ x: number, positive: count, n: count });
/** Second minus first, with its 95 % interval. */
const difference = z.object({ value: number, interval });

/** What the answers under one condition say of their observer. Quantities are in the unit of x, lapses a share. */
const curveSchema = z.object({
  /** Counts by level, with the share's 95 % interval over scenes. */
  levels: z.array(level.extend({ interval })).max(1000),
  verdict: z.enum(['measured', 'inverted', 'out of range', 'constant', 'cannot tell']),
  /** Null if the answers determine no curve: the same one to everything, or fewer than two levels. */
  bias: estimate.nullable(),
  threshold: estimate.nullable(),
  lapse: estimate.nullable(),
  /** How often this observer's own curve would give answers as far from it as these; small if no curve describes them. */
  fits: number.nullable(),
  /** ψ at evenly spread x, with the middle 95 % of the posterior. */
  band: z.array(z.object({ x: number, value: number, low: number, high: number })).max(1000),
});
export type Curve = z.infer<typeof curveSchema>;

const curves = z.record(text, curveSchema);

/** What a model's answers about one axis say of how finely it sees. */
const figuresSchema = z.object({
  all: curveSchema,
  conditions: z.object({ view: curves, word: curves, facing: z.exactOptional(curves) }),
  /** The mirror minus the original; null if one of them could not be measured. */
  difference: z.object({ bias: difference, threshold: difference, lapse: difference }).nullable(),
  /**
   * The word that decides whatever is asked: one curve rises, the other falls, so the model sees the difference and
   * answers both words as this one. Null if it heeds both.
   */
  heard: text.nullable(),
  leanings: z.record(
    text,
    z.object({ value: number.nullable(), interval: interval.nullable(), blocks: count }),
  ),
  /** How many answers there are, and how many of them could not be read. */
  n: count,
  unread: count,
});
export type AcuityFigures = z.infer<typeof figuresSchema>;

/** What determines the stimuli of one axis, to the byte. */
const stimuliPlan = z.object({
  axis: z.enum(ACUITY_AXES),
  form: z.enum(ACUITY_FORMS),
  style: z.enum(['english', 'compact']),
  /** Of the pictures, in pixels. */
  size: z.object({ w: count, h: count }),
  /** Signed, in the axis's printed unit. */
  levels: z.array(z.number()).max(1000),
  /** Scenes per level, each asked in eight ways; 0 if they are placed by the answers. */
  blocks: count,
  seed: count,
  /** For scenes that are placed by a model's answers: most questions, and the share of the threshold to ± which it is to be known. */
  adaptive: z.exactOptional(z.object({ model: text, questions: count, precision: z.number() })),
});
export type StimuliPlan = z.infer<typeof stimuliPlan>;

/** `manifest.json` beside the rows of a plan. Rows that are placed by answers grow, and have no hash. */
const stimuliSchema = stimuliPlan.extend({ sha256: text.nullable() });

/** Reads the manifest of stimuli. @throws RecordError naming the file and the field */
export function readStimuli(
  text: string,
  source: RecordSource,
): { plan: StimuliPlan; sha256: string | null } {
  const { sha256, ...plan } = checkRecord(stimuliSchema, decodeRecord(text, source), source);
  return { plan, sha256 };
}

export const ACUITY_KIND = 'chirality-acuity';

/**
 * `acuity.json`: the result for one model and axis, with what has to be the same elsewhere for it to be comparable. It
 * may come from anybody.
 */
const acuitySchema = z.object({
  kind: z.literal(ACUITY_KIND),
  version: z.literal(1),
  /** What the model is called, and for a checkpoint its run and step. */
  model: text,
  run: text.nullable(),
  step: count.nullable(),
  axis: z.enum(ACUITY_AXES),
  /** Whether enough of the answers could be read. */
  trusted: z.boolean(),
  ...figuresSchema.shape,
  /** The answers to each scene, over all ways of asking: how many claim a positive x, of how many that could be read. */
  scenes: z.array(level.extend({ block: text })).max(100_000),
  plan: stimuliPlan,
  /** Hash of the file of rows. */
  rows_sha256: text,
  /** Where the answers are. */
  answers: z.string(),
  versions: z.record(text, z.unknown()),
});
export type AcuityRecord = z.infer<typeof acuitySchema>;

/** The name of the file. */
export const ACUITY_FILE = 'acuity.json';

/** Reads a record. @throws RecordError naming the file and the field */
export const readAcuity = (text: string, source: RecordSource): AcuityRecord =>
  checkRecord(acuitySchema, decodeRecord(text, source), source);
