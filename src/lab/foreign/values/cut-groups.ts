import { sum } from '../../../base/numbers.ts';
import { ADVANTAGE_CONVENTIONS, advantages, type ConventionName } from '../../../core/rewards/advantages.ts';

/** Maximum difference between a recomputed and a stored advantage. Trainers store float32. */
export const SAME_STORED = 1e-4;

/** Values of logged completions that determine groups, in the order of the file. */
export interface LoggedNumbers {
  /** Keys of the completions: equal for equal prompts, or the logged name of the group. */
  keys: readonly string[];
  rewards: readonly (number | null)[];
  advantages: readonly (number | null)[];
  /** Whether the step was also evaluated, so that rows can belong to the evaluation. */
  mayBeEvaluation: boolean;
}

/** Completions of one prompt, by index in the file. */
export interface Group {
  at: number[];
  /** Phase of the group: `evaluation`, or null for training or an unknown phase. */
  phase: 'evaluation' | null;
  /** Whether the boundaries of the group are known only from equal prompts. */
  isUncertain: boolean;
}

/** Splits row indices into stretches of equal keys. */
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
 * Splits a file into groups. Rows are logged group by group, so consecutive equal prompts belong to one or several
 * groups: the same question about two images has 2 G rows.
 * @param size G, the group size. Null if unknown.
 * @param evaluationSize G of evaluations. Null if unknown.
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

/** Whether GRPO computes the stored advantages from the rewards of these groups, which are one batch. */
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

/** Whether any stored advantage differs from 0. If not, advantages cannot distinguish sizes and normalisations. */
export const hasAdvantages = ({ advantages }: Pick<LoggedNumbers, 'advantages'>): boolean =>
  advantages.some((a) => a !== null && Math.abs(a) > SAME_STORED);

/** Advantage normalisations to try if the settings contain none. */
export const TRIED: readonly ConventionName[] = ['trl', 'dr-grpo', 'trl-batch'];

/** Maximum difference between a group's sum of squared advantages and G − 1. Half a group differs by at least 1/2. */
const SAME_SQUARES = 0.25;

/**
 * Whether the advantages in every group could come from GRPO with division by the std: their sum is 0, and the sum of
 * their squares is G − 1, because the std is computed with G − 1. Groups of equal rewards are skipped.
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
 * Finds G and the advantage normalisation from the stored advantages. G is the smallest size for which GRPO computes
 * these advantages in every block of training. If weights are unknown, each block's sum of squares must fit a group. A
 * sum of 0 in each block is not sufficient: rewards 1, 0, 1, 0 fit several sizes.
 * @param told G in the settings, used if it fits. Null if the settings contain no G
 * @returns null if no size fits, or if the advantages cannot distinguish sizes
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
