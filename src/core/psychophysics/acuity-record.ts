import * as z from 'zod';
import { checkRecord, decodeRecord, type RecordSource } from '../../base/record.ts';
import { SCENE_FORMS } from '../worlds/acuity/axes.ts';
import { ACUITY_AXES, MAP_AXES, SCENE_AXES, type SceneAxis } from '../worlds/acuity/acuity-axes.ts';

const number = z.number();
const count = z.int().min(0);
const text = z.string().max(300);
const interval = z.tuple([number, number]);
/** Posterior mean of a quantity, and its 95% credible interval. */
const estimate = z.object({ mean: number, interval });
const level = z.object({ x: number, positive: count, n: count });
/** Difference between two estimates (second minus first), and its 95% interval. */
const difference = z.object({ value: number, interval });

/** Estimates from the answers under one condition. Quantities are in the unit of x; lapse rates are shares, 0–1. */
const curveSchema = z.object({
  /** Counts of answers by level, with the 95% interval of the share of positive answers, over scenes. */
  levels: z
    .array(
      level
        .extend({ n: count.min(1), interval })
        .refine(({ positive, n }) => positive <= n, 'must not count more than n answers'),
    )
    .max(1000),
  verdict: z.enum(['measured', 'inverted', 'out of range', 'constant', 'cannot tell']),
  /** Discrimination threshold; null unless the verdict is `measured` or `inverted`. */
  threshold: estimate.nullable(),
  /** Lower bound of a threshold that is out of range: the 2.5% point of the posterior. */
  atLeast: z.exactOptional(number),
  /** Lapse rate; null if no curve could be fitted. `habits` is then empty. */
  lapse: estimate.nullable(),
  /** Separate lapse rates of the two ends: for x far below 0, and for x far above 0. */
  lapses: z.exactOptional(z.object({ low: estimate, high: estimate })),
  /**
   * Effects of each response bias, positive in the direction of the bias: the PSE shift in x, and the share of answers
   * that the bias replaces. Biases that the questions cannot separate are merged.
   */
  habits: z.record(text, z.object({ shift: estimate, share: estimate })),
  /** p values of the goodness-of-fit checks (`observer-checks.ts`); null for few scenes. */
  checks: z.object({ levels: number, sides: number, halves: number }).nullable(),
  /** Share of positive answers at evenly spaced x, without response biases, and its 95% posterior band. */
  band: z.array(z.object({ x: number, value: number, low: number, high: number })).max(1000),
});
export type Curve = z.infer<typeof curveSchema>;

const curves = z.record(text, curveSchema);

const isPart = ({ right, n }: { right: number; n: number }): boolean => right <= n;
/** Number of right answers among the parsed answers, with the 95% interval of their share, over scenes. */
const share = z
  .object({ right: count, n: count, interval: interval.nullable() })
  .refine(isPart, 'must not count more than n answers');
export type Share = z.infer<typeof share>;

/** Results of a model on one axis. */
const figuresSchema = z.object({
  all: curveSchema,
  conditions: z.object({ view: curves, word: curves, facing: z.exactOptional(curves) }),
  /** Mirror minus original; null if a view could not be measured. */
  difference: z
    .object({
      threshold: difference,
      lapse: difference,
      shifts: z.record(text, difference),
      shares: z.record(text, difference),
    })
    .nullable(),
  /**
   * Word that determines all answers, regardless of the question's word: one curve rises, the other falls. The model
   * then perceives the difference, but understands both words as this word. Null if the model uses both words.
   */
  heard: text.nullable(),
  leanings: z.record(
    text,
    z.object({ value: number.nullable(), interval: interval.nullable(), blocks: count }),
  ),
  /** Accuracy on own sides by the direction from object B to A in the image, in degrees from B's front to its right. */
  bearings: z.exactOptional(z.array(share.extend({ degrees: number })).max(1000)),
  /** Number of answers; `unread` is the number of unparsed answers among them. */
  n: count,
  unread: count,
  asymptotes: z.enum(['equal', 'free']),
});
export type AcuityFigures = z.infer<typeof figuresSchema>;

/** Settings that completely determine the stimuli of one axis. */
const stimuliPlan = z.object({
  axis: z.enum(SCENE_AXES),
  form: z.enum(SCENE_FORMS),
  style: z.enum(['english', 'compact']),
  /** Size of the images, in pixels. */
  size: z.object({ w: count.min(1), h: count.min(1) }),
  /** Signed levels, in the unit in which the axis is displayed; empty for a map. */
  levels: z.array(z.number()).max(1000),
  /** Scenes per level or cell, each with up to eight questions (sixteen for a clip); 0 for adaptive placement. */
  blocks: count,
  seed: count,
  /** Settings of adaptive placement: maximum number of questions, and precision as a share of the threshold (±). */
  adaptive: z.exactOptional(z.object({ model: text, questions: count, precision: z.number() })),
  /** Present if each scene has only half of the questions. */
  quick: z.exactOptional(z.literal(true)),
  /** Numbers of columns and rows in a map of accuracy by image position. */
  map: z.exactOptional(z.object({ columns: z.int().min(1).max(100), rows: z.int().min(1).max(100) })),
});
export type StimuliPlan = z.infer<typeof stimuliPlan>;

/** Contents of `manifest.json` next to the rows of a plan. Adaptive placement adds rows, so these rows have no hash. */
const stimuliSchema = stimuliPlan.extend({ sha256: text.nullable() });

/** Reads the manifest of a set of stimuli. @throws RecordError with the file and the field */
export function readStimuli(
  text: string,
  source: RecordSource,
): { plan: StimuliPlan; sha256: string | null } {
  const { sha256, ...plan } = checkRecord(stimuliSchema, decodeRecord(text, source), source);
  return { plan, sha256 };
}

export const ACUITY_KIND = 'chirality-acuity';

/** Maximum number of unparsed answers that a record quotes. */
export const UNREAD_SHOWN = 5;

/** Name of the model; for a checkpoint, also its run and step. */
export const subjectSchema = z.object({ model: text, run: text.nullable(), step: count.nullable() });
export type AcuitySubject = z.infer<typeof subjectSchema>;

/** Fields of every record: the model, and all settings that comparable records must share. */
const about = {
  version: z.literal(1),
  ...subjectSchema.shape,
  /** Whether enough answers could be parsed for the results to be trusted. */
  trusted: z.boolean(),
  plan: stimuliPlan,
  /** Hash of the file that contains the measured rows. */
  rows_sha256: text,
  answers: z.string(),
  /** Examples of answers that could not be parsed. */
  unread_answers: z.exactOptional(z.array(text).max(UNREAD_SHOWN)),
  versions: z.record(text, z.unknown()),
};

const claim = z.literal([1, -1]);
/** Upper limit of the difference |x| on all axes. */
const LARGEST = 1e6;

/** Result of one model on one axis for which a curve is measured. */
const acuitySchema = z
  .object({
    kind: z.literal(ACUITY_KIND),
    ...about,
    axis: z.enum(ACUITY_AXES),
    /** Quantity of which x is a percentage: a geometric mean over scenes for ratios, the frame duration for frames. */
    whole: z.exactOptional(z.object({ value: number.positive(), unit: z.enum(['px', 'm', 'ms']) })),
    ...figuresSchema.shape,
    /** Names of the response biases, in the order of the lists in `scenes`. */
    habits: z.array(text).max(20),
    /** Parsed answers to each scene: for each answer, its claim, then the claim of each response bias. */
    scenes: z
      .array(
        z.object({
          block: text,
          x: number.min(-LARGEST).max(LARGEST),
          answers: z.array(z.array(claim).min(1).max(21)).max(100),
        }),
      )
      .max(100_000),
  })
  .refine(
    ({ habits, scenes }) =>
      scenes.every(({ answers }) => answers.every(({ length }) => length === habits.length + 1)),
    { path: ['scenes'], error: 'must have an answer for each response bias' },
  )
  .refine(({ heard, conditions }) => heard === null || hasThreshold(conditions.word, heard), {
    path: ['heard'],
    error: 'must be a word that has a curve with a threshold',
  });
const hasThreshold = (words: Record<string, Curve>, heard: string): boolean =>
  Object.hasOwn(words, heard) && words[heard]!.threshold !== null;
export type AcuityRecord = z.infer<typeof acuitySchema>;

const leaningsSchema = figuresSchema.shape.leanings;

/** Accuracy after an imagined turn, by the angle of the turn. */
const turnSchema = z.object({
  kind: z.literal('chirality-acuity-turn'),
  ...about,
  axis: z.literal('turn'),
  angles: z.array(share.safeExtend({ degrees: number })).max(1000),
  all: share,
  /** Accuracy if the turn does not change the visible side; `changes`: accuracy if the turn changes it. */
  stays: share,
  changes: share,
  leanings: leaningsSchema,
  n: count,
  unread: count,
});
export type TurnRecord = z.infer<typeof turnSchema>;

/** Relation of estimated to true distances over scenes: log estimate = log true · slope + … */
const metresSchema = z.object({
  kind: z.literal('chirality-acuity-metres'),
  ...about,
  axis: z.literal('metres'),
  /** Geometric mean of the estimated distances at each true distance, in metres. */
  distances: z
    .array(z.object({ metres: number, told: number, interval: interval.nullable(), n: count }))
    .max(1000),
  /** Stevens' exponent with its 95% interval; null for fewer than two distances or fewer than three scenes. */
  slope: estimate.nullable(),
  /** Geometric mean of (estimate / true distance), minus 1. */
  bias: estimate.nullable(),
  /** Standard deviation of single answers from the fitted line, as a factor minus 1. */
  spread: number.nullable(),
  n: count,
  unread: count,
});
export type MetresRecord = z.infer<typeof metresSchema>;

export const MAP_KIND = 'chirality-acuity-map';

/** Data URL of the scene's image that shows only object B. */
const PICTURE = /^data:image\/png;base64,[A-Za-z0-9+/]+=*$/;

/** Result of a map: accuracy by position in the image. */
const mapSchema = z.object({
  kind: z.literal(MAP_KIND),
  ...about,
  axis: z.enum(MAP_AXES),
  columns: z.int().min(1).max(100),
  rows: z.int().min(1).max(100),
  /** Top of the first row and bottom of the last row of cells, as shares of the image's height. */
  top: z.number().min(0).max(1),
  bottom: z.number().min(0).max(1),
  /** Cells for which answers exist. */
  cells: z
    .array(
      z
        .object({ column: count, row: count, right: count, n: count })
        .refine(isPart, 'must not count more than n answers'),
    )
    .max(10_000),
  all: share,
  picture: z.string().regex(PICTURE).max(4_000_000).nullable(),
  n: count,
  unread: count,
});
export type MapRecord = z.infer<typeof mapSchema>;

/** Contents of `acuity.json`: the result of one model on one axis. The file is untrusted input. */
const anySchema = z.discriminatedUnion('kind', [acuitySchema, turnSchema, metresSchema, mapSchema]);
export type AnyAcuityRecord = z.infer<typeof anySchema>;

export const ACUITY_KINDS: readonly unknown[] = anySchema.options.map(({ shape }) => shape.kind.value);

/** Returns the heading of a result in reports and in the panel: the axis, or "map of" the axis. */
export const subjectOf = ({ kind, axis }: { kind: AnyAcuityRecord['kind']; axis: SceneAxis }): string =>
  kind === MAP_KIND ? `map of ${axis}` : axis;

export const ACUITY_FILE = 'acuity.json';

/** Reads an acuity record. @throws RecordError with the file and the field */
export const readAcuity = (text: string, source: RecordSource): AnyAcuityRecord =>
  checkRecord(
    anySchema.refine(({ n, unread }) => unread <= n, { path: ['unread'], error: 'must not exceed n' }),
    decodeRecord(text, source),
    { ...source, madeBy: 'chirality acuity' },
  );
