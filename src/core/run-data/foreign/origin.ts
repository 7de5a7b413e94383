import { z } from 'zod';

/** The programs whose runs can be read. */
export const ORIGIN_KINDS = [
  'trl',
  'ms-swift',
  'verl',
  'easyr1',
  'trackio',
  'wandb',
  'hf-trainer',
  'tensorboard',
] as const;
export type OriginKind = (typeof ORIGIN_KINDS)[number];

/** What people call them. */
export const ORIGIN_NAMES: Record<OriginKind, string> = {
  trl: 'TRL',
  'ms-swift': 'ms-swift',
  verl: 'verl',
  easyr1: 'EasyR1',
  trackio: 'trackio',
  wandb: 'wandb',
  'hf-trainer': 'trainer_state.json',
  tensorboard: 'TensorBoard',
};

/** Where a run of another program comes from, and what of it is not known (docs/other-trainers.md). */
export const originSchema = z.object({
  kind: z.enum(ORIGIN_KINDS),
  /** As a file says it; null where none does. */
  version: z.string().nullable(),
  files: z.array(
    z.object({
      /** Relative to the folder. */
      path: z.string(),
      role: z.enum(['metrics', 'completions', 'config', 'images', 'evaluation']),
      bytes: z.number(),
      /** ISO time. */
      modified: z.string(),
    }),
  ),
  group_size: z.object({ value: z.number().nullable(), from: z.string() }),
  reward_weights: z.object({ value: z.record(z.string(), z.number()).nullable(), from: z.string() }),
  /** The reward that a person chose to mean "right"; null: none. */
  right: z.object({ reward: z.string(), when: z.string(), by: z.enum(['user']) }).nullable(),
  missing: z.array(z.object({ field: z.string(), why: z.string() })),
  notes: z.array(z.string()),
});
export type Origin = z.infer<typeof originSchema>;
