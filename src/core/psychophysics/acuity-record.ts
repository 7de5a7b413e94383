import * as z from 'zod';
import { checkRecord, decodeRecord, type RecordSource } from '../../base/record.ts';
import { SCENE_FORMS } from '../worlds/acuity/axes.ts';
import { ACUITY_AXES, MAP_AXES, SCENE_AXES, type SceneAxis } from '../worlds/acuity/acuity-axes.ts';

const number = z.number();
const count = z.int().min(0);
const text = z.string().max(300);
const interval = z.tuple([number, number]);
/** A posterior mean with its 95% credible interval. */
const estimate = z.object({ mean: number, interval });
const level = z.object({ x: number, positive: count, n: count });
/** Second minus first, with its 95% interval. */
const difference = z.object({ value: number, interval });

/** What the answers under one condition say of their observer. Quantities are in the unit of x, lapses a share. */
const curveSchema = z.object({
  /** Counts by level, with the share's 95% interval over scenes. */
  levels: z
    .array(
      level
        .extend({ n: count.min(1), interval })
        .refine(({ positive, n }) => positive <= n, 'has more than n'),
    )
    .max(1000),
  verdict: z.enum(['measured', 'inverted', 'out of range', 'constant', 'cannot tell']),
  /** Null unless measured or inverted. */
  threshold: estimate.nullable(),
  /** Where the threshold is out of range: the 2.5% point of its posterior. */
  atLeast: z.exactOptional(number),
  /** Null, and no habits, where no curve could be fitted. */
  lapse: estimate.nullable(),
  /** Where either end has its own lapses: those of x far below 0, and those of x far above. */
  lapses: z.exactOptional(z.object({ low: estimate, high: estimate })),
  /**
   * What each habit does, positive towards what it claims: by how much x appears shifted, and which share of the answers
   * it replaces. Habits that the questions do not tell apart are left out.
   */
  habits: z.record(text, z.object({ shift: estimate, share: estimate })),
  /** How probable answers so far from the model are (`observer-checks.ts`); null for few scenes. */
  checks: z.object({ levels: number, sides: number, halves: number }).nullable(),
  /** How often the answers are positive at evenly spread x, where habits cancel, with the posterior's middle 95%. */
  band: z.array(z.object({ x: number, value: number, low: number, high: number })).max(1000),
});
export type Curve = z.infer<typeof curveSchema>;

const curves = z.record(text, curveSchema);

const isPart = ({ right, n }: { right: number; n: number }): boolean => right <= n;
/** Right answers of those that could be read, with the share's 95% interval over scenes. */
const share = z
  .object({ right: count, n: count, interval: interval.nullable() })
  .refine(isPart, 'has more than n');
export type Share = z.infer<typeof share>;

/** What a model's answers about one axis say of how finely it sees. */
const figuresSchema = z.object({
  all: curveSchema,
  conditions: z.object({ view: curves, word: curves, facing: z.exactOptional(curves) }),
  /** The mirror minus the original; null if one of them could not be measured. */
  difference: z
    .object({
      threshold: difference,
      lapse: difference,
      shifts: z.record(text, difference),
      shares: z.record(text, difference),
    })
    .nullable(),
  /**
   * The word that decides whatever is asked: one curve rises, the other falls, so the model sees the difference and
   * answers both words as this one. Null if it heeds both.
   */
  heard: text.nullable(),
  leanings: z.record(
    text,
    z.object({ value: number.nullable(), interval: interval.nullable(), blocks: count }),
  ),
  /**
   * Of somebody's own side: right answers by the direction in which the image shows A from B: in degrees from B's
   * front to its right.
   */
  bearings: z.exactOptional(z.array(share.extend({ degrees: number })).max(1000)),
  /** How many answers there are, and how many of them could not be read. */
  n: count,
  unread: count,
  asymptotes: z.enum(['equal', 'free']),
});
export type AcuityFigures = z.infer<typeof figuresSchema>;

/** What determines the stimuli of one axis, to the byte. */
const stimuliPlan = z.object({
  axis: z.enum(SCENE_AXES),
  form: z.enum(SCENE_FORMS),
  style: z.enum(['english', 'compact']),
  /** Of the images, in pixels. */
  size: z.object({ w: count.min(1), h: count.min(1) }),
  /** Signed, in the axis's printed unit; none of a map. */
  levels: z.array(z.number()).max(1000),
  /** Scenes per level or cell, each asked in up to eight ways, or sixteen of a clip; 0 if they are placed by the answers. */
  blocks: count,
  seed: count,
  /** For scenes that are placed by a model's answers: most questions, and the share of the threshold to ± which it is to be known. */
  adaptive: z.exactOptional(z.object({ model: text, questions: count, precision: z.number() })),
  /** Whether scenes are asked in half of the ways. */
  quick: z.exactOptional(z.literal(true)),
  /** For a map of where in the image answers are right: its cells. */
  map: z.exactOptional(z.object({ columns: z.int().min(1).max(100), rows: z.int().min(1).max(100) })),
});
export type StimuliPlan = z.infer<typeof stimuliPlan>;

/** `manifest.json` next to the rows of a plan. Rows that are placed by answers grow, and have no hash. */
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

/** How many answers that could not be read a record quotes. */
export const UNREAD_SHOWN = 5;

/** What the model is called, and for a checkpoint its run and step. */
export const subjectSchema = z.object({ model: text, run: text.nullable(), step: count.nullable() });
export type AcuitySubject = z.infer<typeof subjectSchema>;

/** What every record says: of what model it is, and what has to be the same elsewhere for it to be comparable. */
const about = {
  version: z.literal(1),
  ...subjectSchema.shape,
  /** Whether enough of the answers could be read. */
  trusted: z.boolean(),
  plan: stimuliPlan,
  /** Hash of the file of rows. */
  rows_sha256: text,
  answers: z.string(),
  /** Some of the answers that could not be read. */
  unread_answers: z.exactOptional(z.array(text).max(UNREAD_SHOWN)),
  versions: z.record(text, z.unknown()),
};

const claim = z.literal([1, -1]);
/** No axis has larger |x|. */
const LARGEST = 1e6;

/** The result for one model and one axis that has a curve. */
const acuitySchema = z
  .object({
    kind: z.literal(ACUITY_KIND),
    ...about,
    axis: z.enum(ACUITY_AXES),
    /** What the percentages of x are of; of a ratio, its geometric mean over the scenes; of frames, how long one lasts. */
    whole: z.exactOptional(z.object({ value: number.positive(), unit: z.enum(['px', 'm', 'ms']) })),
    ...figuresSchema.shape,
    /** The habits' names, in the order of the answers to scenes. */
    habits: z.array(text).max(20),
    /** The answers to each scene that could be read: the claim of each, and what each habit would claim. */
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
    {
      path: ['scenes'],
      error: 'have answers with different habits',
    },
  )
  .refine(({ heard, conditions }) => heard === null || hasThreshold(conditions.word, heard), {
    path: ['heard'],
    error: 'is not a word whose curve has a threshold',
  });
const hasThreshold = (words: Record<string, Curve>, heard: string): boolean =>
  Object.hasOwn(words, heard) && words[heard]!.threshold !== null;
export type AcuityRecord = z.infer<typeof acuitySchema>;

const leaningsSchema = figuresSchema.shape.leanings;

/** How often answers are right after a turn in thought, by its angle. */
const turnSchema = z.object({
  kind: z.literal('chirality-acuity-turn'),
  ...about,
  axis: z.literal('turn'),
  angles: z.array(share.safeExtend({ degrees: number })).max(1000),
  all: share,
  /** Where the side after the turn is the one that is seen, and where it is the other. */
  stays: share,
  changes: share,
  leanings: leaningsSchema,
  n: count,
  unread: count,
});
export type TurnRecord = z.infer<typeof turnSchema>;

/** Told by true distances: log told = log true · slope + …, over scenes. */
const metresSchema = z.object({
  kind: z.literal('chirality-acuity-metres'),
  ...about,
  axis: z.literal('metres'),
  /** Geometric means of what was told at each distance, in metres. */
  distances: z
    .array(z.object({ metres: number, told: number, interval: interval.nullable(), n: count }))
    .max(1000),
  /** Stevens' exponent with its 95% interval; null for fewer than two distances or three scenes. */
  slope: estimate.nullable(),
  /** Told over true less 1, its geometric mean. */
  bias: estimate.nullable(),
  /** How far single answers lie from the line, as a factor less 1 (one standard deviation). */
  spread: number.nullable(),
  n: count,
  unread: count,
});
export type MetresRecord = z.infer<typeof metresSchema>;

export const MAP_KIND = 'chirality-acuity-map';

/** An image of the scene with B alone. */
const PICTURE = /^data:image\/png;base64,[A-Za-z0-9+/]+=*$/;

/** Where in the image answers are right. */
const mapSchema = z.object({
  kind: z.literal(MAP_KIND),
  ...about,
  axis: z.enum(MAP_AXES),
  columns: z.int().min(1).max(100),
  rows: z.int().min(1).max(100),
  /** Shares of the image's height above the first row, and above the end of the last one. */
  top: z.number().min(0).max(1),
  bottom: z.number().min(0).max(1),
  /** Those in which something was asked. */
  cells: z
    .array(z.object({ column: count, row: count, right: count, n: count }).refine(isPart, 'has more than n'))
    .max(10_000),
  all: share,
  picture: z.string().regex(PICTURE).max(4_000_000).nullable(),
  n: count,
  unread: count,
});
export type MapRecord = z.infer<typeof mapSchema>;

/** `acuity.json`: the result for one model and axis. It may come from anybody. */
const anySchema = z.discriminatedUnion('kind', [acuitySchema, turnSchema, metresSchema, mapSchema]);
export type AnyAcuityRecord = z.infer<typeof anySchema>;

export const ACUITY_KINDS: readonly unknown[] = anySchema.options.map(({ shape }) => shape.kind.value);

/** What a result stands under in reports and in the panel: its axis, or whose map it is. */
export const subjectOf = ({ kind, axis }: { kind: AnyAcuityRecord['kind']; axis: SceneAxis }): string =>
  kind === MAP_KIND ? `map of ${axis}` : axis;

export const ACUITY_FILE = 'acuity.json';

/** Reads a record. @throws RecordError naming the file and the field */
export const readAcuity = (text: string, source: RecordSource): AnyAcuityRecord =>
  checkRecord(
    anySchema.refine(({ n, unread }) => unread <= n, { path: ['unread'], error: 'is more than n' }),
    decodeRecord(text, source),
    { ...source, madeBy: 'chirality acuity' },
  );
