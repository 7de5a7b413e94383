import * as z from 'zod';
import { isRecord } from '../../base/json.ts';
import { checkRecord, RecordError, type RecordSource } from '../../base/record.ts';
import { viewIdSchema } from '../../rows/sample/schemas.ts';

/** Fields of an evaluation's `manifest.json` that Chirality reads. */
export const evaluationManifestSchema = z.object({
  /** Step of the checkpoint; absent if the model is not a checkpoint. */
  step: z.int().min(0).nullish(),
  /** Hash of everything that determines the answers of the evaluation. */
  content: z.string().optional(),
  /** Views of the evaluation; absent in imports from external programs. */
  views: z.array(z.string()).optional(),
  /** Version of the scoring rules that scored the answers (`SCORING_RULES`). */
  scoring_rules: z.int().min(1),
});
export type EvaluationManifest = Omit<z.infer<typeof evaluationManifestSchema>, 'scoring_rules'> & {
  /** Version of the scoring rules; null if an external program scored the answers. */
  scoring_rules: number | null;
};

/** Command that creates the files of an evaluation. */
export const MADE_BY = 'chirality eval';

/** Reads the parsed manifest of an evaluation. @throws RecordError */
export const readEvaluationManifest = (value: unknown, source: RecordSource): EvaluationManifest =>
  isRecord(value) && value.origin !== undefined
    ? {
        ...checkRecord(evaluationManifestSchema.omit({ scoring_rules: true }), value, source),
        scoring_rules: null,
      }
    : checkRecord(evaluationManifestSchema, value, { ...source, madeBy: MADE_BY });

/** A metric of an evaluation. Contains no NaN: values that cannot be computed are null. */
const metricSchema = z.object({
  value: z.number().nullable().default(null),
  /** `share`: 0–1, including accuracies, IoU, BLEU and cosines; tables show 100 times the value. `percent`: sMAPE. */
  unit: z.enum(['share', 'percent', 'count']).default('share'),
  /** Number of rows (or pairs, or problems) that the metric covers, scored or not. */
  n: z.number().default(0),
  /** Number of answers, for metrics of questions (or pairs) that have several answers each. */
  answers: z.number().optional(),
  /** Lowest and highest possible `value`, in the same unit. Present only with unscored rows; `value` is then null. */
  bounds: z.tuple([z.number(), z.number()]).optional(),
  /** Number of rows with an unparsed answer. They count as wrong if `n` includes all rows, otherwise not at all. */
  unparsed: z.number().optional(),
  /** Number of rows (or pairs) among the `n` that neither rules nor a judge scored. */
  not_judged: z.number().optional(),
  /** Number of rows (or pairs) that a judge scored, because the rules cannot score them. */
  by_judge: z.number().optional(),
  /** Chance level, in the unit of `value`; absent if no row has a defined chance. */
  chance: z.number().optional(),
  /** Number of rows with a defined chance, if it differs from `n`. */
  chance_n: z.number().optional(),
  /** Image-free bound; present only for pair accuracy. */
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
   * 95% confidence interval of `value`, clustered by image: Wilson's for shares (share.ts), otherwise Student's t
   * (statistics.ts). With `bounds`: from the lower end for the lower bound to the upper end for the upper bound.
   */
  interval: z.tuple([z.number(), z.number()]).optional(),
  /** For a difference: p value of the hypothesis that the difference is 0, clustered by image. */
  p: z.number().optional(),
});
export type Metric = z.infer<typeof metricSchema>;

/** A metric of one evaluation set; `results.json` is a list of such metrics. */
export const evaluationResultSchema = z
  .object({
    set: z.string(),
    /** View of the rows; null for metrics over both views of a row. */
    view: viewIdSchema.nullable().default(null),
    /** Kind of the rows that the metric covers; absent if it covers all rows. */
    slice: z.object({ field: z.string(), value: z.string() }).optional(),
    /** Task of the rows that the metric covers; `all` for all tasks together. */
    task: z.string().default('all'),
    metric: z.string(),
    /** Answer whose share is measured, for metrics of the distribution of answers. */
    answer: z.string().optional(),
    ...metricSchema.shape,
  })
  .check(({ value: { not_judged = 0, bounds }, issues }) => {
    if (not_judged > 0 && !bounds)
      issues.push({ code: 'invalid_type', expected: 'tuple', path: ['bounds'], input: undefined });
  });
export type EvaluationResult = z.infer<typeof evaluationResultSchema>;

/**
 * Reads the parsed contents of a results.json file. Skips unusable entries.
 * @throws RecordError if the contents are not a list
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
