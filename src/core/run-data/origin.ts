import * as z from 'zod';
import { ADVANTAGE_CONVENTIONS, type ConventionName } from '../grpo/advantages.ts';

/** The programs whose runs can be read, with their names for people. */
export const ORIGIN_NAMES = {
  trl: 'TRL',
  'ms-swift': 'ms-swift',
  verl: 'verl',
  easyr1: 'EasyR1',
  trackio: 'trackio',
  wandb: 'wandb',
  'hf-trainer': 'trainer_state.json',
  tensorboard: 'TensorBoard',
  inspect: 'Inspect',
  'lmms-eval': 'lmms-eval',
  vlmevalkit: 'VLMEvalKit',
  evalscope: 'evalscope',
  verifiers: 'verifiers',
  skyrl: 'SkyRL',
  'prime-rl': 'prime-rl',
  'vlm-r1': 'VLM-R1',
  'r1-v': 'R1-V',
  'tinker-cookbook': 'tinker-cookbook',
};
export type OriginKind = keyof typeof ORIGIN_NAMES;
const ORIGIN_KINDS = Object.keys(ORIGIN_NAMES) as [OriginKind, ...OriginKind[]];

/** The origin of a run of another program, and what is unknown about it (docs/other-trainers.md). */
const originSchema = z.object({
  kind: z.enum(ORIGIN_KINDS),
  /** As given in a file; null if no file gives it. */
  version: z.string().nullable(),
  files: z.array(
    z.object({
      /** Relative to the run's folder. */
      path: z.string(),
      role: z.enum(['metrics', 'completions', 'config', 'images', 'evaluation']),
      bytes: z.number(),
      /** ISO time. */
      modified: z.string(),
    }),
  ),
  group_size: z.object({ value: z.number().nullable(), from: z.string() }),
  reward_weights: z.object({ value: z.record(z.string(), z.number()).nullable(), from: z.string() }),
  /** The reward that a person chose as meaning "right"; null: none. */
  right: z.object({ reward: z.string(), when: z.string(), by: z.enum(['user']) }).nullable(),
  missing: z.array(z.object({ field: z.string(), why: z.string() })),
  notes: z.array(z.string()),
});
export type Origin = z.infer<typeof originSchema>;

/** Names the program that wrote a run, with its version if known: "TRL 1.16.0". */
export const originName = ({ kind, version }: Pick<Origin, 'kind' | 'version'>): string =>
  version === null ? ORIGIN_NAMES[kind] : `${ORIGIN_NAMES[kind]} ${version}`;

const CONVENTIONS = Object.keys(ADVANTAGE_CONVENTIONS) as [ConventionName, ...ConventionName[]];

/** `manifest.json` of a run that was imported from another program (docs/records.md). */
export const importSchema = z.object({
  origin: originSchema,
  /** ISO time. */
  imported: z.iso.datetime({ offset: true }),
  /** The last step that has curves or completions; null if there is none. */
  last_step: z.int().min(0).nullable().default(null),
  /** The convention by which GRPO gives the stored advantages; null if none does. */
  convention: z.enum(CONVENTIONS).nullable().default(null),
});
export type ImportRecord = z.infer<typeof importSchema>;

/** Where a run of another program comes from, read in place or a copy. */
export type RunOrigin = Pick<ImportRecord, 'origin' | 'convention' | 'last_step'> & {
  /** ISO time at which it was copied; null if it is read in place. */
  imported: string | null;
};
