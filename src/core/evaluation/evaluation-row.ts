import * as z from 'zod';
import { TASKS } from '../answers/score.ts';
import { scoreSchema } from '../answers/score-schema.ts';
import { ERROR_CAUSES, type Attribution } from './error-causes.ts';
import { countReasoningWords } from './reasoning-words.ts';
import type { ScoredRow } from './scored-row.ts';
import { STOP_REASONS } from '../prompts/message.ts';
import type { RewardPart } from '../rewards/rewards.ts';
import { checkRecord, type RecordSource } from '../../base/record.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { imageFields, viewIdSchema } from '../../rows/sample/schemas.ts';
import { JSON_SOURCES } from '../../base/find-json.ts';

const segment = z.object({
  /** Name of the segment's stage in the strategy. */
  stage: z.string(),
  text: z.string(),
  stop_reason: z.enum(STOP_REASONS),
  /** Position of the JSON in the text, for a stage that generates a scene graph. */
  source: z.enum(JSON_SOURCES).optional(),
  /** Reason why the segment has no text, as a message for people. */
  error: z.string().optional(),
});
/** Text that one model call generated. */
export type AnswerSegment = z.infer<typeof segment>;
/** Schema of a segment in any record: evaluations, and traces, which have more keys. */
export const segmentSchema = segment.loose();

const row = z.object({
  id: z.string(),
  set: z.string(),
  view: viewIdSchema,
  /** Index of the completion, from 0; absent if each row has one completion. */
  completion_index: z.int().min(0).optional(),
  question: z.string(),
  answer: z.string(),
  /** All accepted answers if the row has several, and the partial credit of each answer. */
  answers: z.array(z.string()).optional(),
  credit: z.enum(['vqa', 'partial'] satisfies Sample['credit'][]).optional(),
  /** Choices of the row, or the options in its question. */
  choices: z.array(z.string()).optional(),
  /** Task that the evaluation set determines for the row (../answers/set-reading.ts). */
  found_task: z.enum(TASKS).optional(),
  ...imageFields,
  /** `source` and `meta` of the row without lists, for metrics by kind of row. */
  source: z.string().optional(),
  meta: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  /** Generated text of each stage; the last segment contains the answer. */
  segments: z.array(segmentSchema as unknown as typeof segment).min(1),
  /**
   * Whether the answer is right by the rules of the task; for open answers, whether the text equals the reference
   * answer. Null if the rules cannot score the answer (`score.correct` is then also null).
   */
  right: z.boolean().nullable(),
  score: scoreSchema,
  /** Cause of a wrong answer; present if the model wrote a scene graph and the row's own graph decides the question. */
  attribution: (
    z.looseObject({
      graph: z.enum(['right', 'wrong', 'silent', 'none']),
      error: z.enum(ERROR_CAUSES).nullable(),
    }) as z.ZodType<Attribution>
  ).optional(),
  /** Custom metrics of the answer, by name (docs/training.md). */
  metrics: z
    .record(z.string(), z.looseObject({ value: z.number(), why: z.string() }) as z.ZodType<RewardPart>)
    .optional(),
  /** Request to a judge and the judge's replies; the score is in `score.judge`. */
  judge: (
    z.looseObject({ model: z.string(), prompt: z.string(), texts: z.array(z.string()) }) as z.ZodType<{
      model: string;
      prompt: string;
      texts: string[];
    }>
  ).optional(),
});
/** One completion of a row in a view, as one line of `rows.jsonl`. */
export type EvaluationRow = z.infer<typeof row>;
/** Schema of `EvaluationRow`, for lines from any program. Preserves unknown keys. */
export const evaluationRowSchema = row.loose();

/** Whether an endpoint returned a text at every stage. */
export const isAnswered = ({ segments }: Pick<EvaluationRow, 'segments'>): boolean =>
  segments.every(({ stop_reason: reason }) => reason !== 'failed');

/** A row for metrics, without the generated text around the answer, which can be long. */
export type MeasuredRow = Omit<EvaluationRow, 'segments' | 'judge'> &
  Pick<ScoredRow, 'reasoning_words'> & { judge?: Omit<NonNullable<EvaluationRow['judge']>, 'texts'> };

export function measuredRow({ segments, judge, ...row }: EvaluationRow): MeasuredRow {
  return {
    ...row,
    reasoning_words: countReasoningWords(segments.at(-1)!.text),
    ...(judge && { judge: { model: judge.model, prompt: judge.prompt } }),
  };
}

/** Reads a row of an evaluation. @throws RecordError with file, line and field */
export const readEvaluationRow = (value: unknown, source: RecordSource): EvaluationRow =>
  checkRecord(evaluationRowSchema as z.ZodType<EvaluationRow>, value, source);
