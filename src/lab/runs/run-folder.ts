// The records of a run's folder (docs/reference.md), except metrics and traces.
import * as z from 'zod';
import { RECIPES } from '../../core/config/run-config.ts';
import { checkRecord, type RowReader } from '../../base/record.ts';
import { processSchema } from '../files/process-id.ts';
import { RUN_STATUSES } from '../../core/run-data/run-status.ts';

const count = z.int().min(0);

/** `state.json`: the current state of a run. Always replaced as a whole. */
export const stateSchema = processSchema.extend({
  status: z.enum(RUN_STATUSES),
  /** Activity within the current step: `sampling`, `update`, … */
  phase: z.string(),
  /** The last finished optimiser step. */
  step: count,
  steps: count,
  /** ISO time of the last sign of life. */
  heartbeat: z.iso.datetime({ offset: true }),
  /** The latest message for people; for a failed run, the reason. */
  message: z.string(),
  /** The alarm that voids the run's result while it holds, `no-reward`, or a signature of failure. */
  alarm: z.string().optional(),
});
export type RunState = z.infer<typeof stateSchema>;

/** The run that another one was forked from. */
const parentSchema = z.object({
  /** The parent's folder, next to the fork's. */
  name: z.string(),
  /** The step of the checkpoint with which the fork begins. */
  step: count,
  changes: z.array(z.object({ path: z.string(), before: z.unknown(), after: z.unknown() })),
});

/** SHA-256 of files, by their names. */
const files = z.record(z.string(), z.string());

/** What a run was made from besides its rows and settings. */
const identitySchema = z.object({
  /** The files of the base model and its processor; absent if it is new, or a server's. */
  model: files.optional(),
  /** The files of the policy that `init` names. */
  init: files.optional(),
  /** The files with images of the training rows: how many, and one hash of their names and contents. */
  images: z.object({ files: count, sha256: z.string() }),
  /** The adapter before the first step, in PEFT's form. */
  adapter: z.string().optional(),
});
export type Identity = z.infer<typeof identitySchema>;

/** `manifest.json`: what a run was made from, for people and for repeating it. */
export const manifestSchema = z.object({
  name: z.string(),
  recipe: z.enum(RECIPES),
  versions: z.record(z.string(), z.string()),
  seeds: z.object({ seed: z.int() }),
  data: z.array(z.object({ path: z.string(), sha256: z.string(), rows: count })),
  identity: identitySchema,
  /** Absolute path; image paths are relative to it. */
  data_root: z.string(),
  git: z.object({ commit: z.string() }).nullable(),
  host: z.string(),
  /** Processors and memory of the host. */
  hardware: z.string(),
  argv: z.array(z.string()),
  started: z.string(),
  /** Absent unless the run is a fork. */
  parent: parentSchema.optional(),
  /** Findings about the rows before the first step, in display order. */
  preflight: z.record(z.string(), z.unknown()).optional(),
  /** The rewards of worthless and opposite answers. */
  reward_check: z.array(z.unknown()).optional(),
});
export type RunManifest = z.infer<typeof manifestSchema>;

/** A line of `events.jsonl`: alarms, stops, resumes, fallbacks. */
export const eventSchema = z.object({
  step: count,
  time: z.string(),
  kind: z.string(),
  message: z.string(),
  data: z.looseObject({}).optional(),
});
export type RunEventRow = z.infer<typeof eventSchema>;

export const readEvent: RowReader<RunEventRow> = (value, source) => checkRecord(eventSchema, value, source);

/** `loop.json` of a checkpoint: what the loop needs to continue, besides what the engine saves. */
export const loopStateSchema = z.object({
  step: count,
  /** Rows drawn so far; their order follows from the seed. */
  cursor: count,
  /** Training tokens so far. */
  tokens: count,
  /** Best evaluation figure so far and its step, if the run keeps the best. */
  best: z.object({ value: z.number(), step: count }).nullable(),
  /** How often the answers of each view's pairs disagreed, in runs that prefer the hardest partner. */
  partners: z.record(z.string(), z.object({ share: z.number().min(0).max(1), pairs: count })).optional(),
  /** Whether the trainer scores the rollouts, because its log-probabilities proved not to be those of the sampler. */
  rescores: z.literal(true).optional(),
  /** Steps whose update was skipped because a number was not finite: in all, in a row up to now, and why the last was. */
  skipped: z.object({ steps: count, row: count, why: z.string() }).optional(),
  /** Whether no update has moved a weight yet, so that the policy is its reference (R52). */
  unmoved: z.literal(true).optional(),
});
export type LoopState = z.infer<typeof loopStateSchema>;

/**
 * The name of a file or folder that belongs to a step: `step-000412`. From a million steps on, names get longer and no
 * longer sort like their steps.
 */
export const stepName = (step: number): string => `step-${String(step).padStart(6, '0')}`;

/** Returns the step in a name with this ending; null if the name does not have this form. */
export function stepOf(name: string, ending = ''): number | null {
  const step = name.endsWith(ending) && /^step-(\d+)$/.exec(name.slice(0, name.length - ending.length))?.[1];
  return step ? Number(step) : null;
}

/** Those of the names that belong to a step and have this ending, by ascending step. */
export const stepsIn = (names: readonly string[], ending = ''): { name: string; step: number }[] =>
  names
    .map((name) => ({ name, step: stepOf(name, ending) }))
    .filter((checkpoint): checkpoint is { name: string; step: number } => checkpoint.step !== null)
    .sort((a, b) => a.step - b.step);
