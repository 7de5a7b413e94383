import { z } from 'zod';
import type { Score } from '../answers/score.ts';
import { scoreSchema } from '../answers/score-schema.ts';
import { ERROR_CAUSES, type Attribution } from './attribution.ts';
import { STOP_REASONS, type StopReason } from '../prompts/message.ts';
import { checkRecord, type RecordSource } from '../record.ts';
import { imageRefSchema } from '../spatial/image-ref-schema.ts';
import { isImageRef, type Sample } from '../spatial/sample.ts';
import { isRecord, JSON_SOURCES, type JsonSource } from '../json.ts';
import { isViewId, type ViewId } from '../spatial/views/list.ts';
import { viewIdSchema } from '../spatial/views/schema.ts';

/** What a model wrote in one call. */
export interface AnswerSegment {
  /** The stage of the strategy. */
  stage: string;
  text: string;
  stop_reason: StopReason;
  /** Of a stage that draws a scene graph: where in the text its JSON stood. */
  source?: JsonSource;
  /** Why there is no text, for people. */
  error?: string;
}

/** One completion of a row in a view: a line of `rows.jsonl`. */
export interface EvaluationRow {
  id: string;
  set: string;
  view: ViewId;
  /** From 0; absent where each has one. */
  completion_index?: number;
  question: string;
  answer: string;
  choices?: string[];
  images: Sample['images'];
  /** What the row belongs to, for figures by it: the sample's `source`, and its `meta` as far as it is no list. */
  source?: string;
  meta?: Record<string, string | number | boolean>;
  /** What each stage wrote; the last one's text holds the answer. */
  segments: AnswerSegment[];
  /** By the rules of the task; for open answers, by the same text. */
  right: boolean;
  score: Score;
  /** Where the model drew a graph and the row's own one decides the question. */
  attribution?: Attribution;
  /** What a judge was asked and said; its verdict is `score.judge`. */
  judge?: { model: string; prompt: string; texts: string[] };
}

/** A segment of any record: of evaluations, and of traces, which have more keys. */
export const segmentSchema = z.looseObject({
  stage: z.string(),
  text: z.string(),
  stop_reason: z.enum(STOP_REASONS),
  source: z.enum(JSON_SOURCES).optional(),
  error: z.string().optional(),
});

const GRAPHS = ['right', 'wrong', 'silent', 'none'] as const;

/** What `EvaluationRow` says, of a line that may come from elsewhere. Unknown keys are kept. */
export const evaluationRowSchema: z.ZodType<EvaluationRow> = z.looseObject({
  id: z.string(),
  set: z.string(),
  view: viewIdSchema,
  completion_index: z.int().min(0).optional(),
  question: z.string(),
  answer: z.string(),
  choices: z.array(z.string()).optional(),
  images: z.array(imageRefSchema),
  source: z.string().optional(),
  meta: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  segments: z.array(segmentSchema).min(1),
  right: z.boolean(),
  score: scoreSchema,
  attribution: z
    .looseObject({
      graph: z.enum(GRAPHS),
      error: z.enum(ERROR_CAUSES).nullable(),
    })
    .optional(),
  judge: z.looseObject({ model: z.string(), prompt: z.string(), texts: z.array(z.string()) }).optional(),
});

/**
 * Whether a line is as evaluations write it. The schema alone would take longer than decoding the line; so it is asked
 * only where this quick look is not content, and says what is wrong.
 */
function isAsWritten(value: unknown): value is EvaluationRow {
  if (!isRecord(value)) return false;
  const {
    view,
    completion_index: index,
    choices,
    images,
    source,
    meta,
    segments,
    right,
    score,
    attribution,
  } = value;
  return (
    [value.id, value.set, value.question, value.answer].every(isText) &&
    isViewId(view) &&
    (index === undefined || (Number.isSafeInteger(index) && (index as number) >= 0)) &&
    (choices === undefined || isTexts(choices)) &&
    Array.isArray(images) &&
    images.every(isImageRef) &&
    (source === undefined || isText(source)) &&
    (meta === undefined || (isRecord(meta) && Object.values(meta).every(isPlain))) &&
    Array.isArray(segments) &&
    segments.length > 0 &&
    segments.every(isSegment) &&
    typeof right === 'boolean' &&
    isChoice(score) &&
    (attribution === undefined || isAttribution(attribution)) &&
    value.judge === undefined
  );
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const isPlain = (value: unknown): boolean =>
  isText(value) || typeof value === 'boolean' || Number.isFinite(value);

export const isSegment = (value: unknown): boolean =>
  isRecord(value) &&
  isText(value.stage) &&
  isText(value.text) &&
  STOP_REASONS.includes(value.stop_reason as StopReason) &&
  (value.source === undefined || JSON_SOURCES.includes(value.source as JsonSource)) &&
  (value.error === undefined || isText(value.error));

const isAttribution = (value: unknown): boolean =>
  isRecord(value) &&
  GRAPHS.includes(value.graph as Attribution['graph']) &&
  (value.error === null || ERROR_CAUSES.includes(value.error as (typeof ERROR_CAUSES)[number]));

/** The score of a choice or of yes and no, as nearly all rows have one. */
const isChoice = (value: unknown): boolean =>
  isRecord(value) &&
  (value.task === 'mcq' ? isNullOr(value, isText) : value.task === 'yesno' && isNullOr(value, isYesNo)) &&
  typeof value.format_ok === 'boolean' &&
  isText(value.answer_text) &&
  isText(value.path) &&
  (value.answer_text_strict === null || isText(value.answer_text_strict)) &&
  typeof value.correct === 'boolean' &&
  [value.extraction, value.problem, value.sbert, value.judge].every((more) => more === undefined);

const isYesNo = (value: unknown): boolean => value === 'yes' || value === 'no';
const isNullOr = ({ parsed, gt_parsed: truth }: Record<string, unknown>, is: (value: unknown) => boolean) =>
  [parsed, truth].every((value) => value === null || is(value));

/** @throws RecordError with file, line and field */
export const readEvaluationRow = (value: unknown, source: RecordSource): EvaluationRow =>
  isAsWritten(value) ? value : checkRecord(evaluationRowSchema, value, source);
