import * as z from 'zod';
import { viewIdSchema } from '../../rows/sample/schemas.ts';
import { SEVERAL, type Meter } from './meter.ts';
import { RUN_STATUSES } from './run-status.ts';

// Record of one run in a list, for the terminal, agents and panels (docs/reference.md). `local` marks fields with names
// on this machine, which agents do not receive; `detail` marks fields that long lists omit.

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
  excluded: z.boolean().optional(),
  step: z.number(),
  evaluation: z.string().nullable(),
  steps: z.number().optional(),
});

const stateSummarySchema = z.object({
  status: z.enum([...RUN_STATUSES, 'unknown']),
  phase: z.string().meta(detail),
  step: z.number(),
  steps: z.number(),
  /** Time of the last heartbeat of the run's process, in ISO format. */
  heartbeat: z.string().meta(detail),
  message: z.string(),
  host: z.string().meta(local),
  /** Whether the run has no reward to learn from, as the run's message explains. */
  unrewarded: z.boolean().optional(),
  /** Failure signature in the message of the run, such as "reward hacking". */
  signature: z.string().optional(),
});

export const runSummarySchema = z.object({
  name: z.string(),
  dir: z.string().meta(local),
  /** Folder of runs that contains this run. */
  root: z.string().meta(local),
  /** Status in lists: a status in state.json, `not started`, `imported`, `unreadable`, or `not known`. */
  status: z.string(),
  /** Time of the run's last activity, in ISO format; empty if no activity is known. */
  active: z.string(),
  /** State of the run; null if the run has not written its state, or if the state is unreadable. */
  state: stateSummarySchema.nullable(),
  /** Reason why the files of the run are unreadable; null if the files are readable. */
  error: z.string().nullable(),
  /** `reward` in the last line of the run's metrics; null if absent. */
  reward: z.number().nullable(),
  /** Latest pair metrics; null if the run has no pairs. */
  meter: meterSchema.nullable(),
  /** Latest alarms from the run's events or metrics, oldest first; null if the metrics were not read. */
  alarms: z.array(z.object({ since: z.number(), message: z.string() })).nullable(),
  /** Engine and model of the run, such as "torch Qwen/Qwen2.5-VL-3B-Instruct"; null if run.yaml is unreadable. */
  model: z.string().nullable().meta(detail),
  /** Start time of the run, in ISO format; null if the manifest lacks it. */
  started: z.string().nullable().meta(detail),
  /** Recipe of the run (sft, grpo, …); null if run.yaml is unreadable. */
  recipe: z.string().nullable(),
  /** The user's notes in the run's `notes.md`; empty without notes. */
  note: z.string().meta(detail),
  /** Paths of the training and evaluation data, as in the run's run.yaml. */
  data: z.array(z.string()).meta(detail),
  origin: z
    .object({
      /** Description of the contents of the run's folder, or of the origin of an imported run. */
      holds: z.string(),
      /** Time at which the run was last written or imported, in ISO format. */
      written: z.string().meta(detail),
      /** Whether the folder is Chirality's own copy of the run, which Chirality can change. */
      isCopy: z.boolean(),
      /** Last step of a copied run, if known. */
      step: z.number().optional(),
    })
    .optional(),
});
export type RunSummary = z.output<typeof runSummarySchema>;
