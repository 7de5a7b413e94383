import { ORIGIN_NAMES, type Origin, type OriginKind } from '../run-data/origin.ts';

/** The latest version of each program whose files its reader was tried with: a release, or a day where there is none. */
export const TESTED: Readonly<Record<OriginKind, string>> = {
  trl: '1.16',
  'ms-swift': '4.6',
  verl: '0.9',
  easyr1: '2026-07-30',
  trackio: '0.43',
  wandb: '0.31',
  'hf-trainer': '5.23',
  tensorboard: '2.21',
  inspect: '0.3',
  'lmms-eval': '0.7',
  vlmevalkit: '2026-08-18',
  evalscope: '1.14',
  verifiers: '0.4',
  skyrl: '2026-08-21',
  'prime-rl': '2026-08-21',
  'vlm-r1': '2026-07',
  'r1-v': '2025-03',
  'tinker-cookbook': '0.6',
};

/** What to say of a run that a later version wrote than its reader was tried with; null for any other. */
export function laterNote({ kind, version }: Pick<Origin, 'kind' | 'version'>): string | null {
  const [own, tested] = [releaseOf(version ?? ''), releaseOf(TESTED[kind])];
  if (!own || !tested || own[0] < tested[0] || (own[0] === tested[0] && own[1] <= tested[1])) return null;
  return `${ORIGIN_NAMES[kind]} ${version} wrote this; its reader was tried with versions up to ${TESTED[kind]}. If something is missing, \`chirality skeleton\` prints the layout, to report it.`;
}

/** Major and minor of a release; null for a day. */
function releaseOf(version: string): [number, number] | null {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  return major === undefined ? null : [Number(major), Number(minor)];
}
