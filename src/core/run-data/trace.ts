import * as z from 'zod';
import { VERDICTS } from '../answers/pair-verdict.ts';
import { EFFECTS } from '../rewards/advantages.ts';
import { KEEP_REASONS } from '../rewards/dynamic-sampling.ts';
import { segmentSchema } from '../evaluation/evaluation-row.ts';
import { lossSumsSchema } from '../rewards/loss-sums.ts';
import type { RewardPart } from '../rewards/rewards.ts';
import { checkRecord, type RecordSource } from '../../base/record.ts';
import { imageFields, viewIdSchema } from '../../rows/sample/schemas.ts';

/** Position of an array in the `.bin` file next to a trace: byte offset and number of elements. */
export interface ArrayRef {
  at: number;
  n: number;
}

/** Checked when an array is opened (lab/traces/arrays.ts), because a pair can be displayed without its arrays. */
const arrayRef = (z.unknown() as z.ZodType<ArrayRef>).optional();

const segment = z.object({
  ...segmentSchema.shape,
  /** Reason why the segment ended; null if unknown. */
  stop_reason: segmentSchema.shape.stop_reason.nullable(),
  tokens: arrayRef,
  logprobs: arrayRef,
  ref_logprobs: arrayRef,
  entropies: arrayRef,
  /** For a trained stage: log-probabilities of the policy before each update. In the first update, the ratio is 1. */
  update_logprobs: z.array(arrayRef.unwrap()).optional(),
  /** Log-probabilities in the denominator of later updates, if they are not those before the first update. */
  old_logprobs: arrayRef,
  /** Prompt tokens of a second stage. */
  prompt_tokens: arrayRef,
});

/** Completion that a model generated. */
const completion = z.object({
  segments: z.array(segment),
  answer_text: z.string().nullable(),
  /** Whether the answer is right; null if it is not scored. */
  right: z.boolean().nullable(),
});
export type Completion = z.infer<typeof completion>;

/** Completion that a model generated, with its assessment. */
const tracedCompletion = completion.extend({
  /** Whether the answer agrees with the partner's answer in the other view; only for the joint reward. */
  agrees: z.boolean().optional(),
  /** Whether the completion of a counterfactual changes with the images as it should. */
  behaves: z.boolean().optional(),
  /** Reward parts that apply to this completion; `why` is null if an external program did not record the reason. */
  rewards: z.record(z.string(), z.object({ value: z.number(), why: z.string().nullable() })),
  /** Penalty of the view coupling; negative if the coupling adds reward. Null if unknown. */
  penalty: z.number().nullable(),
  reward: z.number().nullable(),
  advantage: z.number().nullable(),
  /** Inputs of the loss in each update; absent if the run did not train on the completion. */
  updates: z.array(lossSumsSchema).optional(),
});
export type TracedCompletion = z.infer<typeof tracedCompletion>;

const tracedView = z.object({
  view: viewIdSchema,
  question: z.string(),
  /** Reference answer; null if unknown. */
  answer: z.string().nullable(),
  ...imageFields,
  /** Tokens of the prompt (with stages: the first prompt), with a placeholder per image token, if arrays are stored. */
  prompt_tokens: arrayRef,
  group: z.array(tracedCompletion),
});
type AnsweredView<C extends Completion> = Omit<z.infer<typeof tracedView>, 'group'> & { group: C[] };

/**
 * A pair as stored in a trace, as one line of `traces/step-….jsonl` (docs/reference.md). Null means that an external
 * program did not record the value, or that the pair has only one view.
 */
export const tracedPairSchema = z.object({
  /** Optimiser step; for an evaluation, the step of its checkpoint. */
  step: z.int().min(0),
  /** Index of the pair in the step or the evaluation, from 0. */
  pair: z.int().min(0),
  sample: z.string(),
  kept: z.boolean().nullable(),
  why: z.enum(KEEP_REASONS).nullable(),
  /** The original and its partner view, or a single view. */
  views: z.array(tracedView).min(1),
  delta: z.number().nullable(),
  penalised: viewIdSchema.nullable(),
  effect: z.enum(EFFECTS).nullable(),
  /** Number of completion pairs that earned the joint reward; absent in other coupling modes. */
  joint: z.int().min(0).optional(),
  /** Whether the answer should change in the counterfactual; `behaving` counts the completions that behave. */
  changes: z.boolean().optional(),
  behaving: z.int().min(0).optional(),
  /** Whether right completions earned a bonus because they need the frame order; absent without shuffled frames. */
  bonus: z.boolean().optional(),
  /** Reward part that couples the views; absent for the semantic part. */
  signal: z.string().optional(),
  verdict: z.enum(VERDICTS).nullable(),
  /** Present for an external run if an evaluation could have logged the group. */
  logged_by: z.literal('evaluation').optional(),
  /** Present for an external run if the boundaries of the group are uncertain. */
  group_uncertain: z.literal(true).optional(),
  /** Whether images, reference answer, id and views are from a dataset that the user added to an external run. */
  joined: z.literal(true).optional(),
});
export type TracedPair = z.infer<typeof tracedPairSchema>;

/** Record of a row in one or both views, in a training step or in an evaluation. */
export type RecordedPair = TrainedPair | EvaluatedPair;

export type TrainedPair = TracedPair & { kind: 'trained' };

/**
 * Answers of an evaluation to one row, without rewards. If an external program scored the answers, penalties are null,
 * as in external runs.
 */
export interface EvaluatedPair extends Pick<TracedPair, 'step' | 'pair' | 'sample' | 'verdict'> {
  kind: 'evaluated';
  set: string;
  views: AnsweredView<Completion & { penalty?: null; metrics?: Record<string, RewardPart> }>[];
}

/** Reads a pair of a trace. @throws RecordError with file, line and field */
export const readTracedPair = (value: unknown, source: RecordSource): TracedPair =>
  checkRecord(tracedPairSchema, value, source);

/** Fields of a trace line for the distribution of rewards. A value that was not a finite number is null. */
const tracedRewardsSchema = z.object({
  delta: z.number().nullable(),
  logged_by: z.literal('evaluation').optional(),
  views: z.array(z.object({ group: z.array(z.object({ reward: z.number().nullable() })) })),
});
type TracedRewards = z.infer<typeof tracedRewardsSchema>;

/** Reads only the rewards in a trace line, for callers that read many lines. */
export const readTracedRewards = (value: unknown, source: RecordSource): TracedRewards =>
  checkRecord(tracedRewardsSchema, value, source);

/** Arrays of one segment of a completion, if the trace contains arrays. */
export interface SegmentArrays {
  tokens: number[];
  /** Text of each token; null if the tokeniser of the run is unavailable. */
  texts: string[] | null;
  logprobs: number[];
  ref_logprobs: number[] | null;
  /** Entropy of each token; null if the engine did not provide entropies. */
  entropies: number[] | null;
}
