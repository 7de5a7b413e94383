import { sum } from '../../../base/numbers.ts';
import { ADVANTAGE_CONVENTIONS, advantages, type ConventionName } from '../../../core/rewards/advantages.ts';

/** Largest difference at which a recomputed advantage counts as the stored one, since trainers store float32. */
export const SAME_STORED = 1e-4;

/** The parts of logged completions that decide which of them form a group, in the order of the file. */
export interface LoggedNumbers {
  /** Equal for equal prompts, or the group's own name. */
  keys: readonly string[];
  rewards: readonly (number | null)[];
  advantages: readonly (number | null)[];
  /** True if the step was also evaluated, so that rows may belong to the evaluation. */
  mayBeEvaluation: boolean;
}

/** Completions of one prompt, by their index in the file. */
export interface Group {
  at: number[];
  /** Null: of training, as far as is known. */
  phase: 'evaluation' | null;
  /** True if only equal prompts show where it begins and ends. */
  isUncertain: boolean;
}

/** Finds stretches of equal keys, as lists of row indices. */
function stretches(keys: readonly string[]): number[][] {
  const out: number[][] = [];
  keys.forEach((key, i) => {
    if (i > 0 && keys[i - 1] === key) out.at(-1)!.push(i);
    else out.push([i]);
  });
  return out;
}

const blocks = (indices: readonly number[], size: number): number[][] =>
  Array.from({ length: indices.length / size }, (_, i) => indices.slice(i * size, (i + 1) * size));

/**
 * Cuts a file into groups. Rows are logged group after group, so a stretch of equal prompts is one group or several:
 * the same question about two images makes 2 G rows.
 * @param size G; null if unknown.
 * @param evaluationSize G of evaluations; null if unknown.
 */
export function cutGroups(
  { keys, mayBeEvaluation }: Pick<LoggedNumbers, 'keys' | 'mayBeEvaluation'>,
  size: number | null,
  evaluationSize: number | null,
): Group[] {
  return stretches(keys).flatMap((stretch): Group[] => {
    if (size !== null && stretch.length % size === 0)
      return blocks(stretch, size).map((block) => ({ at: block, phase: null, isUncertain: false }));
    if (mayBeEvaluation && evaluationSize !== null && stretch.length % evaluationSize === 0)
      return blocks(stretch, evaluationSize).map((block) => ({
        at: block,
        phase: 'evaluation',
        isUncertain: false,
      }));
    return [{ at: stretch, phase: null, isUncertain: true }];
  });
}

/** Whether GRPO gives the stored advantages for the rewards of these groups, which form one batch. */
export function recomputes(
  { rewards, advantages: stored }: Pick<LoggedNumbers, 'rewards' | 'advantages'>,
  groups: readonly (readonly number[])[],
  convention: ConventionName,
): boolean {
  if (groups.some((group) => group.some((i) => rewards[i] === null || stored[i] === null))) return false;
  const rewards_P_V_G = groups.map((group) => [group.map((i) => rewards[i]!)]);
  const again = advantages(rewards_P_V_G, ADVANTAGE_CONVENTIONS[convention]);
  return groups.every((group, p) =>
    group.every((i, g) => Math.abs(again[p]![0]![g]! - stored[i]!) <= SAME_STORED),
  );
}

/** Whether any stored advantage differs from 0: only then do advantages distinguish sizes and conventions. */
export const hasAdvantages = ({ advantages }: Pick<LoggedNumbers, 'advantages'>): boolean =>
  advantages.some((a) => a !== null && Math.abs(a) > SAME_STORED);

/** The conventions to try if no settings name one. */
export const TRIED: readonly ConventionName[] = ['trl', 'dr-grpo', 'trl-batch'];

/** How far the sum of a group's squared advantages may be from G - 1. Half a group's is at least 1/2 away from its own. */
const SAME_SQUARES = 0.25;

/**
 * Whether every group has the advantages of a GRPO that divides by the spread: then they sum to 0, and their squares to
 * G - 1, because the spread has G - 1 below it. Groups of equal rewards have none.
 */
const areStandardised = ({ advantages }: LoggedNumbers, groups: readonly (readonly number[])[]): boolean =>
  advantages.every((a) => a !== null) &&
  groups.every((group) => {
    const ofGroup = group.map((i) => advantages[i]!);
    if (ofGroup.every((a) => Math.abs(a) <= SAME_STORED)) return true;
    return (
      Math.abs(sum(ofGroup)) <= group.length * SAME_STORED &&
      Math.abs(sum(ofGroup.map((a) => a * a)) - (group.length - 1)) <= SAME_SQUARES
    );
  });

/**
 * Finds G and the convention from the stored advantages: the smallest size for which GRPO gives them in every block of
 * the run's training, or for which their squares are those of groups, if the rewards' weights are not known. It would
 * not suffice that the advantages of each block sum to 0: rewards 1, 0, 1, 0 fit several sizes.
 * @param told G as the settings have it, which is taken if it fits; null if they have none
 * @returns null if there is no such size, or if nothing distinguishes sizes
 */
export function findGroupSize(
  files: readonly LoggedNumbers[],
  told: number | null = null,
): { size: number; convention: ConventionName } | null {
  const training = files.filter(({ mayBeEvaluation }) => !mayBeEvaluation);
  const lengths = training.flatMap(({ keys }) => stretches(keys).map((stretch) => stretch.length));
  if (lengths.length === 0) return null;
  const longest = lengths.reduce(gcd);
  if (!training.some(hasAdvantages)) return null;
  const sizes = Array.from({ length: Math.max(0, longest - 1) }, (_, i) => i + 2).filter(
    (size) => longest % size === 0,
  );
  const cut = (file: LoggedNumbers, size: number) =>
    stretches(file.keys).flatMap((stretch) => blocks(stretch, size));
  const fit = (size: number): ConventionName | null =>
    TRIED.find((convention) => training.every((file) => recomputes(file, cut(file, size), convention))) ??
    (training.every((file) => areStandardised(file, cut(file, size))) ? 'trl' : null);
  for (const size of told !== null && sizes.includes(told) ? [told, ...sizes] : sizes) {
    const convention = fit(size);
    if (convention !== null) return { size, convention };
  }
  return null;
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
