import * as z from 'zod';
import { isRecord } from '../../base/json.ts';
import { checkRecord, RecordError, type RecordSource } from '../../base/record.ts';
import { viewIdSchema } from '../../rows/sample/schemas.ts';

/** The fields of an evaluation's `manifest.json` that are read. */
export const evaluationManifestSchema = z.object({
  /** Step of the checkpoint; absent if there is none. */
  step: z.int().min(0).nullish(),
  /** Hash of everything that determines the answers. */
  content: z.string().optional(),
  /** The views that were asked; the imports of other programs have none. */
  views: z.array(z.string()).optional(),
  /** The version of the rules by which the answers are scored (`SCORING_RULES`). */
  scoring_rules: z.int().min(1),
});
export type EvaluationManifest = Omit<z.infer<typeof evaluationManifestSchema>, 'scoring_rules'> & {
  /** Null where another program said what is right. */
  scoring_rules: number | null;
};

/** The command that makes the files of an evaluation. */
export const MADE_BY = 'chirality eval';

/** Reads the decoded contents of an evaluation's manifest. @throws RecordError */
export const readEvaluationManifest = (value: unknown, source: RecordSource): EvaluationManifest =>
  isRecord(value) && value.origin !== undefined
    ? {
        ...checkRecord(evaluationManifestSchema.omit({ scoring_rules: true }), value, source),
        scoring_rules: null,
      }
    : checkRecord(evaluationManifestSchema, value, { ...source, madeBy: MADE_BY });

/** One figure of an evaluation. Never contains NaN: what cannot be computed is null. */
const metricSchema = z.object({
  value: z.number().nullable().default(null),
  /** `share`: 0–1, including accuracies, IoU, BLEU and cosines; tables print it times 100. `percent`: sMAPE, 0–200. */
  unit: z.enum(['share', 'percent', 'count']).default('share'),
  /** Number of rows (or pairs, or problems) that the figure is of, judged or not. */
  n: z.number().default(0),
  /** Number of answers, if the figure is of questions (or pairs) that were answered several times. */
  answers: z.number().optional(),
  /**
   * The least and the greatest that `value` could be, in its unit, if all were judged; present if and only if some are
   * not, and then `value` is null.
   */
  bounds: z.tuple([z.number(), z.number()]).optional(),
  /** Rows whose answer could not be read. They count as wrong if `n` includes all rows, and are left out otherwise. */
  unparsed: z.number().optional(),
  /** Rows (or pairs) among the `n` of which neither rules nor a judge say what they add to the figure. */
  not_judged: z.number().optional(),
  /** Rows (or pairs) that count by the verdict of a judge, because no rule decides them. */
  by_judge: z.number().optional(),
  /** The value reached by guessing, in the unit of `value`; absent if guessing is defined for no row. */
  chance: z.number().optional(),
  /** Rows that `chance` is of, where guessing is not defined for all `n`. */
  chance_n: z.number().optional(),
  /** What answers reach without the image; of both views right. */
  floor: z
    .object({
      constant: z.number(),
      words: z.number(),
      bounded: z.boolean(),
      order: z.number().optional(),
      frame: z.number().optional(),
    })
    .optional(),
  /**
   * The 95% interval of `value`, by image: Wilson's for shares (share.ts), else Student's t (statistics.ts). With
   * `bounds`, from the low end of the lower one's to the high end of the upper one's.
   */
  interval: z.tuple([z.number(), z.number()]).optional(),
  /** Of a difference: p of the hypothesis that it is 0, by image. */
  p: z.number().optional(),
});
export type Metric = z.infer<typeof metricSchema>;

/** One figure of one set; `results.json` is a list of these. */
export const evaluationResultSchema = z
  .object({
    set: z.string(),
    /** Null for figures over both views of a row. */
    view: viewIdSchema.nullable().default(null),
    /** The kind of rows that it covers; absent for all rows. */
    slice: z.object({ field: z.string(), value: z.string() }).optional(),
    /** The task of the figure; `all` for all tasks together. */
    task: z.string().default('all'),
    metric: z.string(),
    /** For figures on the distribution of answers: the answer whose share it is. */
    answer: z.string().optional(),
    ...metricSchema.shape,
  })
  .check(({ value: { not_judged = 0, bounds }, issues }) => {
    if (not_judged > 0 && !bounds)
      issues.push({ code: 'invalid_type', expected: 'tuple', path: ['bounds'], input: undefined });
  });
export type EvaluationResult = z.infer<typeof evaluationResultSchema>;

/**
 * Reads the decoded contents of a results.json. An unusable entry is left out.
 * @throws RecordError if it is not a list
 */
export function readResults(
  value: unknown,
  { file }: RecordSource,
  leaveOut: (why: RecordError) => void,
): EvaluationResult[] {
  return checkRecord(z.array(z.unknown()), value, { file }).flatMap((entry, i) => {
    try {
      return [checkRecord(evaluationResultSchema, entry, { file: `${file}[${i}]`, madeBy: MADE_BY })];
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      leaveOut(error);
      return [];
    }
  });
}
