import * as z from 'zod';
import { checkRecord, RecordError, type RecordSource } from '../../base/record.ts';
import { ofAllRows } from './old-results.ts';
import { viewIdSchema } from '../../rows/sample/schemas.ts';

/** The fields of an evaluation's `manifest.json` that are read. */
export const evaluationManifestSchema = z.object({
  /** Step of the checkpoint; absent if there is none. */
  step: z.int().min(0).nullish(),
  /** Hash of everything that determines the answers. */
  content: z.string().optional(),
  /** The views that were asked; the imports of other programs have none. */
  views: z.array(z.string()).optional(),
  /** The version of the rules by which the answers are scored (`SCORING_RULES`); versions before 2 wrote none. */
  scoring_rules: z.int().min(1).default(1),
});

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
  /** What answers reach without the picture; of both views right. */
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
   * The 95 % interval of `value`, by image: Wilson's for shares (share.ts), else Student's t (statistics.ts). With
   * `bounds`, from the low end of the lower one's to the high end of the upper one's.
   */
  interval: z.tuple([z.number(), z.number()]).optional(),
  /** Of a difference: p of the hypothesis that it is 0, by image. */
  p: z.number().optional(),
});
export type Metric = z.infer<typeof metricSchema>;

/** One figure of one set; `results.json` is a list of these. */
export const evaluationResultSchema = z.object({
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
});
export type EvaluationResult = z.infer<typeof evaluationResultSchema>;

/**
 * Reads the decoded contents of a results.json, of this version or an older one. An unusable entry is left out.
 * @throws RecordError if it is not a list
 */
export function readResults(
  value: unknown,
  { file }: RecordSource,
  leaveOut: (why: RecordError) => void,
): EvaluationResult[] {
  const results = checkRecord(z.array(z.unknown()), value, { file }).flatMap((entry, i) => {
    try {
      return [checkRecord(evaluationResultSchema, withoutSlashes(entry), { file: `${file}[${i}]` })];
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      leaveOut(error);
      return [];
    }
  });
  return ofAllRows(results);
}

/**
 * The fields for kinds of rows in an older form, in which the field was the task:
 * `{task: "relation", metric: "near/bleu1"}`.
 */
const OLD_FIELDS = ['question_type', 'relation', 'kind'];
/** The tasks of the metrics that the older form had for a kind, besides its accuracy. */
const OLD_MEASURES: Readonly<Record<string, string>> = {
  bleu1: 'text',
  bleu2: 'text',
  sbert: 'text',
  judge: 'all',
  judge_failed: 'all',
};

/**
 * Converts an entry of a version that joined kinds and answers to the metric:
 * `{task: "answers", metric: "yesno/given/no"}`.
 */
function withoutSlashes(entry: unknown): unknown {
  const { set, view, task, metric, ...rest } = (entry ?? {}) as Partial<EvaluationResult>;
  if (typeof task !== 'string' || typeof metric !== 'string') return entry;
  if (OLD_FIELDS.includes(task)) {
    const measure = /\/(\w+)$/.exec(metric)?.[1] ?? '';
    const renamed = Object.hasOwn(OLD_MEASURES, measure) ? OLD_MEASURES[measure]! : null;
    const slice = { field: task, value: renamed === null ? metric : metric.slice(0, -measure.length - 1) };
    return {
      set,
      view,
      slice,
      ...(renamed === null ? ACCURACY : { task: renamed, metric: measure }),
      ...rest,
    };
  }
  if (task !== 'answers') return entry;
  const [kind, share, ...answer] = metric.split('/');
  return {
    set,
    view,
    task: kind,
    metric: share,
    ...(answer.length > 0 && { answer: answer.join('/') }),
    ...rest,
  };
}

const ACCURACY = { task: 'all', metric: 'accuracy' };
