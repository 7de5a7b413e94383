// The records of a run's folder (docs/reference.md), except metrics and traces.
import * as z from 'zod';
import { RECIPES } from '../../core/config/run-config.ts';
import { checkRecord, type RowReader } from '../../base/record.ts';
import { processSchema } from '../files/process-id.ts';
import { RUN_STATUSES } from '../../core/run-data/run-status.ts';

const count = z.int().min(0);

/** Schema of `state.json`: the current state of a run. The file is always replaced as a whole. */
export const stateSchema = processSchema.extend({
  status: z.enum(RUN_STATUSES),
  /** Activity in the current step: `sampling`, `update`, … */
  phase: z.string(),
  /** Number of the last finished optimiser step. */
  step: count,
  steps: count,
  /** ISO time of the last heartbeat. */
  heartbeat: z.iso.datetime({ offset: true }),
  /** Latest message for users. For a failed run, the reason for the failure. */
  message: z.string(),
  /** Name of the current alarm that invalidates the run's result: `no-reward`, or a signature of failure. */
  alarm: z.string().optional(),
});
export type RunState = z.infer<typeof stateSchema>;

/** Run that a fork continues. */
const parentSchema = z.object({
  /** Name of the parent's folder, which is next to the fork's folder. */
  name: z.string(),
  /** Step of the checkpoint with which the fork begins. */
  step: count,
  changes: z.array(z.object({ path: z.string(), before: z.unknown(), after: z.unknown() })),
});

/** SHA-256 of the files, by file name. */
const files = z.record(z.string(), z.string());

/** Schema of a run's inputs, except its rows and settings. */
const identitySchema = z.object({
  /** Files of the base model and its processor. Absent for a new model or a model on a server. */
  model: files.optional(),
  /** Files of the policy that `init` refers to. */
  init: files.optional(),
  /** Image files of the training rows: their number, and one hash of names and contents. */
  images: z.object({
    files: count,
    sha256: z.string(),
    /** Depth ranges of 16-bit images, by folder relative to the data root. */
    depth: z.record(z.string(), z.string()).optional(),
  }),
  /** SHA-256 of the adapter before the first step, in PEFT's format. */
  adapter: z.string().optional(),
});
export type Identity = z.infer<typeof identitySchema>;

/** Schema of `manifest.json`: inputs of a run, for users and for repeating the run. */
export const manifestSchema = z.object({
  name: z.string(),
  recipe: z.enum(RECIPES),
  versions: z.record(z.string(), z.string()),
  seeds: z.object({ seed: z.int() }),
  data: z.array(z.object({ path: z.string(), sha256: z.string(), rows: count })),
  identity: identitySchema,
  /** Absolute path to which image paths are relative. */
  data_root: z.string(),
  git: z.object({ commit: z.string() }).nullable(),
  host: z.string(),
  /** Processors and memory of the host. */
  hardware: z.string(),
  argv: z.array(z.string()),
  started: z.string(),
  /** Parent run. Absent unless the run is a fork. */
  parent: parentSchema.optional(),
  /** Findings about the rows before the first step, in display order. */
  preflight: z.record(z.string(), z.unknown()).optional(),
  /** Rewards of worthless and opposite answers. */
  reward_check: z.array(z.unknown()).optional(),
});
export type RunManifest = z.infer<typeof manifestSchema>;

/** Schema of a line of `events.jsonl`: alarms, stops, resumes, fallbacks. */
export const eventSchema = z.object({
  step: count,
  time: z.string(),
  kind: z.string(),
  message: z.string(),
  data: z.looseObject({}).optional(),
});
export type RunEventRow = z.infer<typeof eventSchema>;

export const readEvent: RowReader<RunEventRow> = (value, source) => checkRecord(eventSchema, value, source);

/** Schema of a checkpoint's `loop.json`: state of the training loop, except state that the engine saves. */
export const loopStateSchema = z.object({
  step: count,
  /** Number of rows drawn so far. The seed determines the order of the rows. */
  cursor: count,
  /** Number of training tokens so far. */
  tokens: count,
  /** Best evaluation metric so far and its step, if the run keeps the best checkpoint. */
  best: z.object({ value: z.number(), step: count }).nullable(),
  /** Share of pairs whose answers disagreed, by view, in runs that prefer the hardest partner. */
  partners: z.record(z.string(), z.object({ share: z.number().min(0).max(1), pairs: count })).optional(),
  /** Whether the trainer scores the rollouts, because its log-probabilities differ from the sampler's. */
  rescores: z.literal(true).optional(),
  /** Skipped updates because of non-finite numbers: total number of steps, consecutive steps, and last reason. */
  skipped: z.object({ steps: count, row: count, why: z.string() }).optional(),
  /** Whether no update has changed a weight yet. In that case, the policy equals its reference model (R52). */
  unmoved: z.literal(true).optional(),
  /** Whether the evaluation of the step failed, so that a resumed run begins with this evaluation. */
  unevaluated: z.literal(true).optional(),
});
export type LoopState = z.infer<typeof loopStateSchema>;

/**
 * Returns the name of a step's file or folder: `step-000412`. From step 1,000,000, names are longer and do not sort by
 * step.
 */
export const stepName = (step: number): string => `step-${String(step).padStart(6, '0')}`;

/** Returns the step in a name with this ending. Null if the name has another form. */
export function stepOf(name: string, ending = ''): number | null {
  const step = name.endsWith(ending) && /^step-(\d+)$/.exec(name.slice(0, name.length - ending.length))?.[1];
  return step ? Number(step) : null;
}

/** Returns the names of steps with this ending, in ascending order of step. */
export const stepsIn = (names: readonly string[], ending = ''): { name: string; step: number }[] =>
  names
    .map((name) => ({ name, step: stepOf(name, ending) }))
    .filter((checkpoint): checkpoint is { name: string; step: number } => checkpoint.step !== null)
    .sort((a, b) => a.step - b.step);
