import * as z from 'zod';
import { VERDICTS } from '../answers/pair-verdict.ts';
import { EFFECTS } from '../rewards/advantages.ts';
import { KEEP_REASONS } from '../rewards/dynamic-sampling.ts';
import { segmentSchema } from '../evaluation/evaluation-row.ts';
import { lossSumsSchema } from '../rewards/loss-sums.ts';
import type { RewardPart } from '../rewards/rewards.ts';
import { checkRecord, type RecordSource } from '../../base/record.ts';
import { clipSchema, imageRefSchema, viewIdSchema } from '../../rows/sample/schemas.ts';

/** Position of an array in the `.bin` file next to a trace: byte offset and number of elements. */
export interface ArrayRef {
  at: number;
  n: number;
}

/** Checked when arrays are opened (lab/traces/arrays.ts), because a pair can be shown without them. */
const arrayRef = (z.unknown() as z.ZodType<ArrayRef>).optional();

const segment = z.object({
  ...segmentSchema.shape,
  /** Null if unknown. */
  stop_reason: segmentSchema.shape.stop_reason.nullable(),
  tokens: arrayRef,
  logprobs: arrayRef,
  ref_logprobs: arrayRef,
  entropies: arrayRef,
  /** log p of the policy before each update, of a stage that is trained. In the first, the ratio is 1. */
  update_logprobs: z.array(arrayRef.unwrap()).optional(),
  /** log p that later updates divide by, where it is not that of the first. */
  old_logprobs: arrayRef,
  /** Of a second stage: its prompt. */
  prompt_tokens: arrayRef,
});

/** What a model wrote. */
const completion = z.object({
  segments: z.array(segment),
  answer_text: z.string().nullable(),
  /** Null if unknown. */
  right: z.boolean().nullable(),
});
export type Completion = z.infer<typeof completion>;

/** What a model wrote, with its assessment. */
const tracedCompletion = completion.extend({
  /** Whether it agrees with its partner in the other view; only where the joint reward asked for it. */
  agrees: z.boolean().optional(),
  /** In a counterfactual: whether it changes with the images as it should. */
  behaves: z.boolean().optional(),
  /** A part that does not apply to this completion is absent; `why` is null if another program did not record it. */
  rewards: z.record(z.string(), z.object({ value: z.number(), why: z.string().nullable() })),
  /** Negative where the coupling adds to the reward. */
  penalty: z.number().nullable(),
  reward: z.number().nullable(),
  advantage: z.number().nullable(),
  /** What the loss used in each update; absent where nothing was trained. */
  updates: z.array(lossSumsSchema).optional(),
});
export type TracedCompletion = z.infer<typeof tracedCompletion>;

const tracedView = z.object({
  view: viewIdSchema,
  question: z.string(),
  /** The reference; null if unknown. */
  answer: z.string().nullable(),
  images: z.array(imageRefSchema),
  /** Present if the images are the frames of one clip. */
  clip: clipSchema.optional(),
  /** The prompt with one placeholder per image token, where arrays are kept; with two stages, that of the first. */
  prompt_tokens: arrayRef,
  group: z.array(tracedCompletion),
});
type AnsweredView<C extends Completion> = Omit<z.infer<typeof tracedView>, 'group'> & { group: C[] };

/**
 * A pair as a trace stores it: one line of `traces/step-….jsonl` (docs/reference.md). Null means unknown, because another
 * program did not record it, where it does not mean that there is one view.
 */
export const tracedPairSchema = z.object({
  /** The optimiser step; for an evaluation, that of its checkpoint. */
  step: z.int().min(0),
  /** Index within the step or the evaluation, from 0. */
  pair: z.int().min(0),
  sample: z.string(),
  kept: z.boolean().nullable(),
  why: z.enum(KEEP_REASONS).nullable(),
  /** The original and its partner, or one view alone. */
  views: z.array(tracedView).min(1),
  delta: z.number().nullable(),
  penalised: viewIdSchema.nullable(),
  effect: z.enum(EFFECTS).nullable(),
  /** How many pairs of completions earned the joint reward; absent where views are coupled by a penalty. */
  joint: z.int().min(0).optional(),
  /** Whether the answer should change in the counterfactual, and how many completions there behave. */
  changes: z.boolean().optional(),
  behaving: z.int().min(0).optional(),
  /** Whether right completions earned more for needing the order of their frames; absent where none is shuffled. */
  bonus: z.boolean().optional(),
  /** The reward part that couples the views, where it is not the semantic one. */
  signal: z.string().optional(),
  verdict: z.enum(VERDICTS).nullable(),
  /** Of an external run: the group may be one of an evaluation. */
  logged_by: z.literal('evaluation').optional(),
  /** Of an external run: where the group begins and ends is not certain. */
  group_uncertain: z.literal(true).optional(),
  /** Images, reference, id and views come from a dataset that the user added to an external run. */
  joined: z.literal(true).optional(),
});
export type TracedPair = z.infer<typeof tracedPairSchema>;

/** What a run recorded of a sample in one view or both, in a training step or an evaluation. */
export type RecordedPair = TrainedPair | EvaluatedPair;

export type TrainedPair = TracedPair & { kind: 'trained' };

/**
 * The rows of an evaluation that belong to one sample. Nothing in it was rewarded; where another program has judged,
 * penalties are null, as in its runs.
 */
export interface EvaluatedPair extends Pick<TracedPair, 'step' | 'pair' | 'sample' | 'verdict'> {
  kind: 'evaluated';
  set: string;
  views: AnsweredView<Completion & { penalty?: null; metrics?: Record<string, RewardPart> }>[];
}

/** @throws RecordError with file, line and field */
export const readTracedPair = (value: unknown, source: RecordSource): TracedPair =>
  checkRecord(tracedPairSchema, value, source);

/** The part of a trace line that the distribution of rewards needs; null if the run had no finite number. */
const tracedRewardsSchema = z.object({
  delta: z.number().nullable(),
  logged_by: z.literal('evaluation').optional(),
  views: z.array(z.object({ group: z.array(z.object({ reward: z.number().nullable() })) })),
});
type TracedRewards = z.infer<typeof tracedRewardsSchema>;

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
