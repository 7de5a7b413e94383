import * as z from 'zod';
import { VERDICTS, type Verdict } from '../answers/pair-verdict.ts';
import { EFFECTS, type Effect } from '../grpo/advantages.ts';
import { KEEP_REASONS, type KeepReason } from '../grpo/dynamic-sampling.ts';
import { isNatural, isRecord } from '../json.ts';
import type { GraphStage, Pair, Rollout } from '../grpo/rollout.ts';
import { isSegment, segmentSchema } from '../metrics/evaluation-row.ts';
import { checkRecord, type RecordSource } from '../record.ts';
import type { RewardPart } from '../rewards/parts.ts';
import { imageRefSchema, viewIdSchema } from '../sample/schemas.ts';
import { isImageRef, type ImageRef } from '../sample/sample.ts';
import { isViewId, type ViewId } from '../views/list.ts';

/** Position of an array in the `.bin` file beside a trace: byte offset and number of elements. */
export interface ArrayRef {
  at: number;
  n: number;
}

/** What a run recorded of a sample in one view or both, in a training step or an evaluation. */
export type RecordedPair = TrainedPair | EvaluatedPair;

export type TrainedPair = TracedPair & { kind: 'trained' };

/**
 * The rows of an evaluation that belong to one sample. Nothing in it was rewarded; where another program has judged,
 * penalties are null, as in its runs.
 */
export interface EvaluatedPair extends AnsweredPair<Completion & { penalty?: null }> {
  kind: 'evaluated';
  set: string;
}

/** A pair as a trace stores it: one line of `traces/step-….jsonl` (docs/records.md). */
export interface TracedPair
  extends AnsweredPair<TracedCompletion>, Pick<Pair, 'delta' | 'penalised' | 'effect'> {
  /** Null here and below means unknown, because another program did not record it. */
  kept: boolean | null;
  why: KeepReason | null;
  /** The reward part that couples the views, where it is not the semantic one. */
  signal?: string | undefined;
  /** Of another program's run: the group may be one of an evaluation. */
  logged_by?: 'evaluation';
  /** Of another program's run: where the group begins and ends is not certain. */
  group_uncertain?: true;
  /** Pictures, reference, id and views come from a data set that a person added to another program's run. */
  joined?: true;
}

interface AnsweredPair<C extends Completion> {
  /** The optimiser step; for an evaluation, that of its checkpoint. */
  step: number;
  /** Index within the step or the evaluation, from 0. */
  pair: number;
  sample: string;
  /** The original and its partner, or one view alone. */
  views: AnsweredView<C>[];
  /** Null if there is only one view. */
  verdict: Verdict | null;
}

export interface AnsweredView<C extends Completion> {
  view: ViewId;
  question: string;
  /** The reference; null if unknown. */
  answer: string | null;
  images: ImageRef[];
  group: C[];
}

/** What a model wrote, with its assessment. */
export interface Completion {
  segments: {
    /** `graph` or `answer`; in an evaluation, the stage of its strategy. */
    stage: string;
    text: string;
    /** Null if unknown. */
    stop_reason: Rollout['stopReason'] | null;
    /** For a graph: where in the text its JSON was found. */
    source?: GraphStage['source'];
    tokens?: ArrayRef;
    logprobs?: ArrayRef;
    ref_logprobs?: ArrayRef;
    entropies?: ArrayRef;
  }[];
  answer_text: string | null;
  /** Null if unknown. */
  right: boolean | null;
}

/** A reward part as stored in a trace; `why` is null if another program did not record it. */
interface TracedPart extends Omit<RewardPart, 'why'> {
  why: string | null;
}

export interface TracedCompletion extends Completion {
  /** A part that does not apply to this completion is absent. */
  rewards: Record<string, TracedPart>;
  penalty: number | null;
  reward: number | null;
  advantage: number | null;
}

/** Checked when arrays are opened (lab/traces/arrays.ts), because a pair can be shown without them. */
const arrayRefSchema = z.unknown() as z.ZodType<ArrayRef>;

/** Schema for `TracedPair`, for lines that may come from other programs. Unknown keys are kept. */
export const tracedPairSchema = z.looseObject({
  step: z.int().min(0),
  pair: z.int().min(0),
  sample: z.string(),
  kept: z.boolean().nullable(),
  why: z.enum(KEEP_REASONS).nullable(),
  delta: z.number().nullable(),
  penalised: viewIdSchema.nullable(),
  effect: z.enum(EFFECTS).nullable(),
  signal: z.string().optional(),
  verdict: z.enum(VERDICTS).nullable(),
  views: z
    .array(
      z.looseObject({
        view: viewIdSchema,
        question: z.string(),
        answer: z.string().nullable(),
        images: z.array(imageRefSchema),
        group: z.array(
          z.looseObject({
            segments: z.array(
              segmentSchema.extend({
                stop_reason: segmentSchema.shape.stop_reason.nullable(),
                tokens: arrayRefSchema.optional(),
                logprobs: arrayRefSchema.optional(),
                ref_logprobs: arrayRefSchema.optional(),
                entropies: arrayRefSchema.optional(),
              }),
            ),
            answer_text: z.string().nullable(),
            right: z.boolean().nullable(),
            rewards: z.record(z.string(), z.looseObject({ value: z.number(), why: z.string().nullable() })),
            penalty: z.number().nullable(),
            reward: z.number().nullable(),
            advantage: z.number().nullable(),
          }),
        ),
      }),
    )
    .min(1),
});

/**
 * Quickly checks that a line is in the form in which runs write it. The schema would take longer than decoding the
 * line, so it is only used if this check fails, to say what is wrong.
 */
function isAsWritten(value: unknown): value is TracedPair {
  if (!isRecord(value)) return false;
  const { step, pair, sample, kept, why, delta, penalised, effect, signal, verdict, views } = value;
  return (
    [step, pair].every(isNatural) &&
    typeof sample === 'string' &&
    (kept === null || typeof kept === 'boolean') &&
    (why === null || KEEP_REASONS.includes(why as KeepReason)) &&
    (delta === null || Number.isFinite(delta)) &&
    (penalised === null || isViewId(penalised)) &&
    (effect === null || EFFECTS.includes(effect as Effect)) &&
    (signal === undefined || typeof signal === 'string') &&
    (verdict === null || VERDICTS.includes(verdict as Verdict)) &&
    Array.isArray(views) &&
    views.length > 0 &&
    views.every(isView)
  );
}

const isView = (value: unknown): boolean =>
  isRecord(value) &&
  isViewId(value.view) &&
  typeof value.question === 'string' &&
  (value.answer === null || typeof value.answer === 'string') &&
  Array.isArray(value.images) &&
  value.images.every(isImageRef) &&
  Array.isArray(value.group) &&
  value.group.every(isCompletion);

function isCompletion(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { segments, answer_text: answer, right, rewards, penalty, reward, advantage } = value;
  return (
    Array.isArray(segments) &&
    segments.every(isTracedSegment) &&
    (answer === null || typeof answer === 'string') &&
    (right === null || typeof right === 'boolean') &&
    isRecord(rewards) &&
    Object.values(rewards).every(isPart) &&
    [penalty, reward, advantage].every((x) => x === null || Number.isFinite(x))
  );
}

const isTracedSegment = (value: unknown): boolean =>
  isSegment(isRecord(value) && value.stop_reason === null ? { ...value, stop_reason: 'end' } : value);

const isPart = (value: unknown): boolean =>
  isRecord(value) && Number.isFinite(value.value) && (value.why === null || typeof value.why === 'string');

/** @throws RecordError with file, line and field */
export const readTracedPair = (value: unknown, source: RecordSource): TracedPair =>
  isAsWritten(value) ? value : checkRecord<TracedPair>(tracedPairSchema, value, source);

/** The part of a trace line that the distribution of rewards needs; null if the run had no finite number. */
const tracedRewardsSchema = z.object({
  delta: z.number().nullable(),
  views: z.array(z.object({ group: z.array(z.object({ reward: z.number().nullable() })) })),
});
export type TracedRewards = z.infer<typeof tracedRewardsSchema>;

/** Reads only the rewards of a trace line, for callers that read many lines. */
export const readTracedRewards = (value: unknown, source: RecordSource): TracedRewards =>
  checkRecord(tracedRewardsSchema, value, source);

/** The arrays of one segment of one completion, if the trace kept them. */
export interface SegmentArrays {
  tokens: number[];
  /** Each token as text, if the run's tokeniser is available; else null. */
  texts: string[] | null;
  logprobs: number[];
  ref_logprobs: number[] | null;
  /** null: the engine did not give them. */
  entropies: number[] | null;
}
