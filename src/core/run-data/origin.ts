import * as z from 'zod';
import { ADVANTAGE_CONVENTIONS, type ConventionName } from '../rewards/advantages.ts';

/**
 * Programs whose runs Chirality can read, with display names and the latest tested version: a release, or a date if the
 * program has no releases.
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

/** Program that wrote an external run, and the values that its files lack (docs/other-trainers.md). */
const originSchema = z.object({
  kind: z.enum(ORIGIN_KINDS),
  /** Version of the program; null if no file contains a version. */
  version: z.string().nullable(),
  files: z.array(
    z.object({
      /** Path of the file, relative to the folder of the run. */
      path: z.string(),
      role: z.enum(['metrics', 'completions', 'config', 'images', 'evaluation']),
      bytes: z.number(),
      /** Modification time of the file, in ISO format. */
      modified: z.string(),
    }),
  ),
  group_size: z.object({ value: z.number().nullable(), from: z.string() }),
  reward_weights: z.object({ value: z.record(z.string(), z.number()).nullable(), from: z.string() }),
  /** Reward that the user selected as meaning "right"; null if the user selected none. */
  right: z.object({ reward: z.string(), when: z.string(), by: z.enum(['user']) }).nullable(),
  missing: z.array(z.object({ field: z.string(), why: z.string() })),
  notes: z.array(z.string()),
});
export type Origin = z.infer<typeof originSchema>;

/** Returns the name of the program that wrote a run, with its version if known, such as "TRL 1.16.0". */
export const originName = ({ kind, version }: Pick<Origin, 'kind' | 'version'>): string =>
  version === null ? ORIGINS[kind].name : `${ORIGINS[kind].name} ${version}`;

/** Returns a note if the program's version is later than the latest tested version; otherwise null. */
export function laterNote({ kind, version }: Pick<Origin, 'kind' | 'version'>): string | null {
  const [own, tested] = [releaseOf(version ?? ''), releaseOf(ORIGINS[kind].tested)];
  if (!own || !tested || own[0] < tested[0] || (own[0] === tested[0] && own[1] <= tested[1])) return null;
  return `${originName({ kind, version })} wrote this run, but Chirality was tested only with versions up to ${ORIGINS[kind].tested}. If data is missing, run \`chirality import skeleton\` and report its output.`;
}

/** Returns the major and minor number of a release version; null for a date. */
function releaseOf(version: string): [number, number] | null {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  return major === undefined ? null : [Number(major), Number(minor)];
}

const CONVENTIONS = Object.keys(ADVANTAGE_CONVENTIONS) as [ConventionName, ...ConventionName[]];

/** Contents of `manifest.json` in a run imported from another program (docs/reference.md). */
export const importSchema = z.object({
  origin: originSchema,
  imported: z.iso.datetime({ offset: true }),
  /** Last step with metrics or completions; null without such a step. */
  last_step: z.int().min(0).nullable().default(null),
  /** Advantage normalisation with which GRPO reproduces the stored advantages; null if no normalisation does. */
  convention: z.enum(CONVENTIONS).nullable().default(null),
});
export type ImportRecord = z.infer<typeof importSchema>;
