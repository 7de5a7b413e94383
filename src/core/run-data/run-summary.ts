import * as z from 'zod';
import { viewIdSchema } from '../../rows/sample/schemas.ts';
import { SEVERAL, type Meter } from './meter.ts';
import { RUN_STATUSES } from './run-status.ts';

// One run in a list: terminal, agents and panels show this record (docs/reference.md). `local` marks fields with names
// of this machine or its folders, hidden from agents; `detail` marks fields that long lists omit.

const local = { local: true };
const detail = { detail: true };
const pair = z.tuple([z.number(), z.number()]);

const shareSchema = z.object({
  value: z.number().nullable(),
  bounds: pair.optional(),
  interval: pair.optional(),
  n: z.number().nullable(),
});

const meterSchema: z.ZodType<Meter> = z.object({
  view: z.union([z.literal(SEVERAL), viewIdSchema]),
  original: shareSchema,
  other: shareSchema,
  both: shareSchema,
  diverges: z.boolean(),
  step: z.number(),
  evaluation: z.string().nullable(),
});

const stateSummarySchema = z.object({
  status: z.enum([...RUN_STATUSES, 'unknown']),
  phase: z.string().meta(detail),
  step: z.number(),
  steps: z.number(),
  /** ISO time of the last heartbeat. */
  heartbeat: z.string().meta(detail),
  message: z.string(),
  host: z.string().meta(local),
  /** Whether the run has nothing to learn from, as stated in the message. */
  unrewarded: z.boolean().optional(),
  /** Failure signature in the message, such as "reward hacking". */
  signature: z.string().optional(),
});

export const runSummarySchema = z.object({
  name: z.string(),
  dir: z.string().meta(local),
  /** Folder of runs that contains the run. */
  root: z.string().meta(local),
  /** Status in lists: a status of state.json, `not started`, `imported`, `unreadable`, or `not known`. */
  status: z.string(),
  /** ISO time of its last activity; empty without any. */
  active: z.string(),
  /** Null if no state has been written yet or if it cannot be read. */
  state: stateSummarySchema.nullable(),
  /** Reason why the run's files cannot be read. */
  error: z.string().nullable(),
  /** `reward` in the last line of metrics; null if absent. */
  reward: z.number().nullable(),
  /** Recent pair accuracy; null without pairs. */
  meter: meterSchema.nullable(),
  /** Latest alarms from its events or metrics, oldest first; null if its metrics were not read. */
  alarms: z.array(z.object({ since: z.number(), message: z.string() })).nullable(),
  /** Engine and model in its run.yaml, such as "torch Qwen/Qwen2.5-VL-3B-Instruct"; null if unreadable. */
  model: z.string().nullable().meta(detail),
  /** ISO time of its start; null if missing from its manifest. */
  started: z.string().nullable().meta(detail),
  /** Recipe in its run.yaml (sft, grpo, …); null if unreadable. */
  recipe: z.string().nullable(),
  /** The user's notes, from its `notes.md`; empty without any. */
  note: z.string().meta(detail),
  /** Paths of the training and evaluation data, as in its run.yaml. */
  data: z.array(z.string()).meta(detail),
  origin: z
    .object({
      /** Contents of its folder, or origin of an import. */
      holds: z.string(),
      /** ISO time of the last write or import. */
      written: z.string().meta(detail),
      /** Whether the folder is Chirality's copy of the run, which can be changed. */
      isCopy: z.boolean(),
      /** Last step of a copy, if known. */
      step: z.number().optional(),
    })
    .optional(),
});
export type RunSummary = z.output<typeof runSummarySchema>;
