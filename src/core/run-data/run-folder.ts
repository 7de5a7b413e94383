// The records of a run's folder (docs/records.md), except metrics and traces.
import { z } from 'zod';
import { RECIPES } from '../config/run.ts';
import { ASSESSMENT_RULES } from '../grpo/advantages.ts';
import { checkRecord, type RowReader } from '../record.ts';
import { RUN_STATUSES } from './status.ts';

const count = z.int().min(0);

/**
 * Identifies a process permanently: process ids are reused, so the start time is part of the identity. Also what the
 * holder of a lock says of itself.
 */
export const processSchema = z.object({
  host: z.string(),
  /** 1 is possible, for the first program of a container. */
  pid: z.int().min(1),
  /** When and where it started, as the operating system states it; opaque, only compared. `unknown` where it could not be learnt. */
  pid_start: z.string(),
});
export type ProcessId = z.infer<typeof processSchema>;

/** `state.json`: what a run is doing. Replaced whole, never edited. */
export const stateSchema = processSchema.extend({
  status: z.enum(RUN_STATUSES),
  /** What the current step is busy with: `sampling`, `update`, … */
  phase: z.string(),
  /** The last finished optimiser step. */
  step: count,
  steps: count,
  /** ISO time of the last sign of life. */
  heartbeat: z.iso.datetime({ offset: true }),
  /** The latest news for people; for a failed run, why. */
  message: z.string(),
});
export type RunState = z.infer<typeof stateSchema>;

/** `manifest.json`: what a run was made from, for people and for repetition. */
export const manifestSchema = z.object({
  name: z.string(),
  recipe: z.enum(RECIPES),
  versions: z.record(z.string(), z.string()),
  seeds: z.object({ seed: z.int() }),
  /** The rules of a GRPO run; 1 if absent, in runs that began before there were others. */
  assessment_rules: z.literal(ASSESSMENT_RULES).optional(),
  data: z.array(z.object({ path: z.string(), sha256: z.string(), rows: count })),
  /** Absolute; image paths are relative to it. */
  data_root: z.string(),
  git: z.object({ commit: z.string(), dirty: z.boolean() }).nullable(),
  host: z.string(),
  argv: z.array(z.string()),
  started: z.string(),
  /** Findings about the rows before the first step, in the order in which people read them. */
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

/** `loop.json` of a checkpoint: what the loop needs to go on, beside what the engine saves. */
export const loopStateSchema = z.object({
  step: count,
  /** Rows drawn so far; the order follows from the seed. */
  cursor: count,
  /** Training tokens so far. */
  tokens: count,
  /** Best evaluation figure so far and its step, where the run keeps the best. */
  best: z.object({ value: z.number(), step: count }).nullable(),
});
export type LoopState = z.infer<typeof loopStateSchema>;
