import * as z from 'zod';
import { ADVANTAGE_CONVENTIONS, type ConventionName } from '../rewards/advantages.ts';

/**
 * The programs whose runs can be read: their names for people, and the latest version of each whose files its reader was
 * tried with, a release or a day where there is none.
 */
export const ORIGINS = {
  trl: { name: 'TRL', tested: '1.16' },
  'ms-swift': { name: 'ms-swift', tested: '4.6' },
  verl: { name: 'verl', tested: '0.9' },
  easyr1: { name: 'EasyR1', tested: '2026-07-30' },
  trackio: { name: 'trackio', tested: '0.43' },
  wandb: { name: 'wandb', tested: '0.31' },
  'hf-trainer': { name: 'trainer_state.json', tested: '5.23' },
  tensorboard: { name: 'TensorBoard', tested: '2.21' },
  inspect: { name: 'Inspect', tested: '0.3' },
  'lmms-eval': { name: 'lmms-eval', tested: '0.7' },
  vlmevalkit: { name: 'VLMEvalKit', tested: '2026-08-18' },
  evalscope: { name: 'evalscope', tested: '1.14' },
  verifiers: { name: 'verifiers', tested: '0.4' },
  skyrl: { name: 'SkyRL', tested: '2026-08-21' },
  'prime-rl': { name: 'prime-rl', tested: '2026-08-21' },
  'vlm-r1': { name: 'VLM-R1', tested: '2026-07' },
  'r1-v': { name: 'R1-V', tested: '2025-03' },
  'tinker-cookbook': { name: 'tinker-cookbook', tested: '0.6' },
};
type OriginKind = keyof typeof ORIGINS;
const ORIGIN_KINDS = Object.keys(ORIGINS) as [OriginKind, ...OriginKind[]];

/** The origin of an external run, and what is unknown about it (docs/other-trainers.md). */
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
  /** The reward that the user chose as meaning "right"; null: none. */
  right: z.object({ reward: z.string(), when: z.string(), by: z.enum(['user']) }).nullable(),
  missing: z.array(z.object({ field: z.string(), why: z.string() })),
  notes: z.array(z.string()),
});
export type Origin = z.infer<typeof originSchema>;

/** Names the program that wrote a run, with its version if known: "TRL 1.16.0". */
export const originName = ({ kind, version }: Pick<Origin, 'kind' | 'version'>): string =>
  version === null ? ORIGINS[kind].name : `${ORIGINS[kind].name} ${version}`;

/** What to say of a run that a later version wrote than its reader was tried with; null for any other. */
export function laterNote({ kind, version }: Pick<Origin, 'kind' | 'version'>): string | null {
  const [own, tested] = [releaseOf(version ?? ''), releaseOf(ORIGINS[kind].tested)];
  if (!own || !tested || own[0] < tested[0] || (own[0] === tested[0] && own[1] <= tested[1])) return null;
  return `${originName({ kind, version })} wrote this run, but Chirality was tested only with versions up to ${ORIGINS[kind].tested}. If data is missing, run \`chirality import skeleton\` and report its output.`;
}

/** Major and minor of a release; null for a day. */
function releaseOf(version: string): [number, number] | null {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  return major === undefined ? null : [Number(major), Number(minor)];
}

const CONVENTIONS = Object.keys(ADVANTAGE_CONVENTIONS) as [ConventionName, ...ConventionName[]];

/** `manifest.json` of a run that was imported from another program (docs/reference.md). */
export const importSchema = z.object({
  origin: originSchema,
  imported: z.iso.datetime({ offset: true }),
  /** The last step that has curves or completions; null if there is none. */
  last_step: z.int().min(0).nullable().default(null),
  /** The convention by which GRPO gives the stored advantages; null if none does. */
  convention: z.enum(CONVENTIONS).nullable().default(null),
});
export type ImportRecord = z.infer<typeof importSchema>;
