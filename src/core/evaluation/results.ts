import * as z from 'zod';
import { isRecord } from '../../base/json.ts';
import { checkRecord, RecordError, type RecordSource } from '../../base/record.ts';
import { viewIdSchema } from '../../rows/sample/schemas.ts';

/** Fields of an evaluation's `manifest.json` that Chirality reads. */
export const evaluationManifestSchema = z.object({
  /** Step of the checkpoint; absent without a checkpoint. */
  step: z.int().min(0).nullish(),
  /** Hash of everything that determines the answers. */
  content: z.string().optional(),
  /** Evaluated views; absent in imports from external programs. */
  views: z.array(z.string()).optional(),
  /** Version of the scoring rules (`SCORING_RULES`). */
  scoring_rules: z.int().min(1),
});
export type EvaluationManifest = Omit<z.infer<typeof evaluationManifestSchema>, 'scoring_rules'> & {
  /** Null if an external program scored the answers. */
  scoring_rules: number | null;
};

/** Command that creates the files of an evaluation. */
export const MADE_BY = 'chirality eval';

/** Reads the decoded contents of an evaluation's manifest. @throws RecordError */
export const readEvaluationManifest = (value: unknown, source: RecordSource): EvaluationManifest =>
  isRecord(value) && value.origin !== undefined
    ? {
        ...checkRecord(evaluationManifestSchema.omit({ scoring_rules: true }), value, source),
        scoring_rules: null,
      }
    : checkRecord(evaluationManifestSchema, value, { ...source, madeBy: MADE_BY });

/** A metric of an evaluation. Never contains NaN: values that cannot be computed are null. */
const metricSchema = z.object({
  value: z.number().nullable().default(null),
  /** `share`: 0–1, including accuracies, IoU, BLEU and cosines; tables print it times 100. `percent`: sMAPE, 0–200. */
  unit: z.enum(['share', 'percent', 'count']).default('share'),
  /** Number of rows (or pairs, or problems) of the metric, scored or not. */
  n: z.number().default(0),
  /** Number of answers, if the metric is of questions (or pairs) with several answers. */
  answers: z.number().optional(),
  /**
   * Least and greatest possible `value`, in its unit; present if and only if some rows are not scored, and then `value`
   * is null.
   */
  bounds: z.tuple([z.number(), z.number()]).optional(),
  /** Rows with an unparsed answer. They count as wrong if `n` includes all rows, and are excluded otherwise. */
  unparsed: z.number().optional(),
  /** Rows (or pairs) among the `n` that neither rules nor a judge scored. */
  not_judged: z.number().optional(),
  /** Rows (or pairs) that a judge scored, because no rule does. */
  by_judge: z.number().optional(),
  /** Chance level, in the unit of `value`; absent if chance is undefined for all rows. */
  chance: z.number().optional(),
  /** Number of rows with a defined chance, if not all `n`. */
  chance_n: z.number().optional(),
  /** Image-free bound; only for pair accuracy. */
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
   * 95% interval of `value`, by image: Wilson's for shares (share.ts), otherwise Student's t (statistics.ts). With
   * `bounds`, from the lower end for the lower bound to the upper end for the upper bound.
   */
  interval: z.tuple([z.number(), z.number()]).optional(),
  /** For a difference: p value for the hypothesis that it is 0, by image. */
  p: z.number().optional(),
});
export type Metric = z.infer<typeof metricSchema>;

/** A metric of one set; `results.json` is a list of these. */
export const evaluationResultSchema = z
  .object({
    set: z.string(),
    /** Null for metrics over both views of a row. */
    view: viewIdSchema.nullable().default(null),
    /** Kind of the covered rows; absent for all rows. */
    slice: z.object({ field: z.string(), value: z.string() }).optional(),
    /** Task of the metric; `all` for all tasks together. */
    task: z.string().default('all'),
    metric: z.string(),
    /** For metrics of the distribution of answers: the answer whose share it is. */
    answer: z.string().optional(),
    ...metricSchema.shape,
  })
  .check(({ value: { not_judged = 0, bounds }, issues }) => {
    if (not_judged > 0 && !bounds)
      issues.push({ code: 'invalid_type', expected: 'tuple', path: ['bounds'], input: undefined });
  });
export type EvaluationResult = z.infer<typeof evaluationResultSchema>;

/**
 * Reads the decoded contents of a results.json, without unusable entries.
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
