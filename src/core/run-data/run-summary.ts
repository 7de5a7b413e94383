import * as z from 'zod';
import { viewIdSchema } from '../../rows/sample/schemas.ts';
import { SEVERAL, type Meter } from './meter.ts';
import { RUN_STATUSES } from './run-status.ts';

// One run in a list: what a terminal, an agent and a panel show is this record (docs/reference.md). `local` marks fields
// that name this machine or its folders, which agents do not see; `detail` marks those that long lists leave out.

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
  /** ISO time of the last sign of life. */
  heartbeat: z.string().meta(detail),
  message: z.string(),
  host: z.string().meta(local),
  /** Whether it has nothing to learn from, as the message says. */
  unrewarded: z.boolean().optional(),
  /** The signature of failure that it shows, as the message says: "reward hacking". */
  signature: z.string().optional(),
});

export const runSummarySchema = z.object({
  name: z.string(),
  dir: z.string().meta(local),
  /** The folder of runs that contains it. */
  root: z.string().meta(local),
  /** What lists say of it: a status of state.json, `not started`, `imported`, `unreadable`, or `not known`. */
  status: z.string(),
  /** ISO time of its last sign of life; empty if it has given none. */
  active: z.string(),
  /** Null if no state has been written yet or it cannot be read. */
  state: stateSummarySchema.nullable(),
  /** Why its files cannot be read. */
  error: z.string().nullable(),
  /** `reward` in the last line of metrics; null if there is none. */
  reward: z.number().nullable(),
  /** How often both views were right recently; null if nothing was asked in both views. */
  meter: meterSchema.nullable(),
  /** The newest alarms that its events or curves raise, oldest first; null if its curves were not read. */
  alarms: z.array(z.object({ since: z.number(), message: z.string() })).nullable(),
  /** Engine and model in its run.yaml: "torch Qwen/Qwen2.5-VL-3B-Instruct"; null if that cannot be read. */
  model: z.string().nullable().meta(detail),
  /** ISO time at which it was started; null if its manifest does not say. */
  started: z.string().nullable().meta(detail),
  /** The recipe in its run.yaml (sft, grpo, …); null if that cannot be read. */
  recipe: z.string().nullable(),
  /** The user's notes, from its `notes.md`; empty if there are none. */
  note: z.string().meta(detail),
  /** Paths of the training and evaluation data, as its run.yaml gives them. */
  data: z.array(z.string()).meta(detail),
  origin: z
    .object({
      /** What its folder contains, or where it was imported from. */
      holds: z.string(),
      /** ISO time at which it was last written or imported. */
      written: z.string().meta(detail),
      /** Whether the folder is Chirality's copy of that run, which it may change. */
      isCopy: z.boolean(),
      /** The last step of a copy, if it is known. */
      step: z.number().optional(),
    })
    .optional(),
});
export type RunSummary = z.output<typeof runSummarySchema>;
