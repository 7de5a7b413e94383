import { groupBy } from '../../core/evaluation/scored-row.ts';
import { mean } from '../../base/numbers.ts';
import { type ConventionName, deviation } from '../../core/rewards/advantages.ts';
import type { Origin } from '../../core/run-data/origin.ts';
import type { Digest, ReadBatch } from './digests.ts';
import type { Batch, Logged } from './foreign-reader.ts';
import { evaluatedFrom, isEvaluated, SAME_MEAN } from './values/evaluated-rows.ts';
import {
  type Group,
  type LoggedNumbers,
  SAME_STORED,
  TRIED,
  cutGroups,
  findGroupSize,
  hasAdvantages,
  recomputes,
} from './values/cut-groups.ts';
import type { Figures } from './values/metric-names.ts';
import { type RewardColumns, totalOf } from './values/logged-pairs.ts';

export interface GroupedBatch {
  batch: Batch;
  groups: Group[];
  rewards: RewardColumns;
  /** Number of the first pair in its step, because all batches of one step share their numbering. */
  from: number;
  /** Version of the pairs, which changes when the pairs change. */
  version: string;
}

type Curved = Pick<Logged, 'metrics' | 'settings'>;
type UnnumberedBatch = Omit<GroupedBatch, 'from'>;

/** Groups of a run's batches, with findings about the groups. */
export interface Grouping extends Pick<Origin, 'group_size' | 'missing' | 'notes'> {
  batches: GroupedBatch[];
  rewards: RewardColumns;
  /** Advantage normalisation that reproduces the stored advantages. Null if no normalisation does. */
  convention: ConventionName | null;
  /** Whether the logged `reward_std` is the mean of the groups' std, decided by comparison with the rewards. */
  isSpreadOfGroups: boolean;
}

/**
 * Finds the groups and reward columns of each batch: from the files, otherwise from the stored advantages.
 * @param read batches without the rows that repeat the previous batch
 */
export function groupBatches(logged: Curved, read: readonly ReadBatch[]): Grouping {
  const trained = groupTraining(
    logged,
    read.filter(({ batch }) => batch.phase !== 'evaluation'),
  );
  const evaluated = read.filter(({ batch }) => batch.phase === 'evaluation');
  const firsts = new Map<number, number>();
  const size = logged.settings?.evaluationGroupSize ?? null;
  const batches = [
    ...trained.batches,
    ...evaluated.map((each) => evaluatedBatch(each, size, trained.rewards)),
  ]
    .sort((a, b) => a.batch.step - b.batch.step)
    .map((grouped) => {
      const { step } = grouped.batch;
      const from = firsts.get(step) ?? 0;
      firsts.set(step, from + grouped.groups.length);
      return { ...grouped, from, version: `${grouped.version} ${from}` };
    });
  return { ...trained, batches };
}

/** Returns the groups of an evaluation during a run. Rewards get weights only if training has the same rewards. */
function evaluatedBatch(
  { batch, digest }: ReadBatch,
  size: number | null,
  trained: RewardColumns,
): UnnumberedBatch {
  const { keys, groups } = digest;
  const isNamed = groups.every((group) => group !== null);
  const cut = isNamed ? groupsByName(groups) : cutGroups({ keys, mayBeEvaluation: true }, null, size);
  return {
    batch,
    version: digest.version,
    rewards:
      trained.names.length > 0 && trained.names.every((name) => digest.columns.includes(name))
        ? trained
        : { names: digest.columns, weights: null },
    groups: cut.map((group) => ({ ...group, phase: 'evaluation' })),
  };
}

function groupTraining(
  logged: Curved,
  read: readonly ReadBatch[],
): Omit<Grouping, 'batches'> & { batches: UnnumberedBatch[] } {
  const { metrics, settings } = logged;
  const notes: string[] = [];
  const missing: Origin['missing'] = [];
  const columns = rewardColumns(logged, read, notes);
  const isNamed =
    read.length > 0 && read.every(({ digest }) => digest.groups.every((group) => group !== null));
  const told = settings?.groupSize ?? null;
  const evaluationSize = settings?.evaluationGroupSize ?? null;
  const all = read.map(({ batch: { step, phase }, digest }) => ({
    step,
    phase,
    logged: metrics.get(step) ?? {},
    numbers: numbersOf(digest, columns),
  }));
  const starts = isNamed
    ? all.map(({ logged, numbers: { keys } }) => (isEvaluated(logged) ? null : keys.length))
    : evaluatedFrom(all, evaluationSize);
  const numbers = all.map((each, b) => ({ ...each.numbers, mayBeEvaluation: starts[b] === null }));
  const trained = numbers.map((each, b) => firstOf(each, starts[b] ?? Infinity));
  const shown = isNamed ? null : findGroupSize(trained, told);
  const size = shown?.size ?? told;
  if (told !== null && size !== told)
    notes.push(`${settings!.from} has the group size ${told}, but the advantages match groups of ${size}.`);
  const cut = read.map(({ digest }, b) =>
    isNamed
      ? groupsByName(digest.groups as string[])
      : [
          ...cutGroups(trained[b]!, size, evaluationSize),
          ...evaluatedGroups(digest.keys, starts[b] ?? Infinity, evaluationSize),
        ],
  );
  const isOneOfEach =
    !isNamed && (size ?? 1) > 1 && cut.length > 0 && cut.flat().every(({ at }) => at.length === 1);
  const groups = isOneOfEach ? cut.map((all) => all.map((each) => ({ ...each, isUncertain: false }))) : cut;
  if (isOneOfEach) notes.push('Groups are unknown, because the log has one completion per prompt.');
  const training = all.map(({ logged, numbers: { keys } }, b) => ({
    numbers: numbers[b]!,
    logged: starts[b] === keys.length ? logged : {},
    groups: groups[b]!.filter(({ phase }) => phase === null).map(({ at }) => at),
  }));
  const likely = told === null ? shown?.convention : settings?.convention;
  const convention =
    columns.names.length > 0
      ? ((likely ? [likely] : TRIED).find((each) => recomputesAll(training, each)) ?? null)
      : null;
  const hasTotals = read.some(({ digest }) => digest.rewards.some((reward) => reward !== null));
  const isSure =
    settings?.weights != null ||
    (hasTotals ? givesTotals(read, columns) : convention !== null || givesMeans(training));
  const rewards = isSure ? columns : { ...columns, weights: null };
  if (!rewards.weights && read.length > 0 && !hasTotals)
    missing.push({ field: 'trace.reward', why: 'The files contain no reward weights.' });
  if (convention === null && read.length > 0)
    missing.push({ field: 'what_if', why: `What-if analysis is not available: ${whyNot(training)}.` });
  read.forEach(({ batch: { name } }, b) => {
    if (groups[b]!.some(({ isUncertain }) => isUncertain))
      notes.push(`${name}: the boundaries of groups are uncertain.`);
    if (numbers[b]!.mayBeEvaluation) notes.push(`${name} might also contain rows of an evaluation.`);
  });
  return {
    batches: read.map(({ batch, digest }, b) => {
      const version = `${digest.version} ${JSON.stringify([size, rewards])}`;
      return { batch, groups: groups[b]!, rewards, version };
    }),
    group_size: {
      value: size,
      from:
        told !== null && size === told
          ? settings!.from
          : shown
            ? 'advantages'
            : isNamed
              ? 'groups'
              : 'prompts',
    },
    rewards,
    missing,
    notes,
    convention,
    isSpreadOfGroups: hasSpread(training, spreadOfGroups) && !hasSpread(training, spreadOfBatch),
  };
}

function groupsByName(keys: readonly string[]): Group[] {
  const groups = groupBy([...keys.keys()], (at) => keys[at]!);
  return [...groups.values()].map((rows) => ({ at: rows, phase: null, isUncertain: false }));
}

export const valuesOf = (read: readonly { digest: Digest }[], names: readonly string[]) =>
  new Map(names.map((name) => [name, read.flatMap(({ digest }) => digest.values[name] ?? [])]));

/** Returns the reward columns that the metrics also contain. Without such columns, returns all numeric columns. */
function rewardColumns(
  { metrics, settings }: Curved,
  read: readonly { digest: Digest }[],
  notes: string[],
): { names: string[]; weights: Record<string, number> | null } {
  const columns = [...new Set(read.flatMap(({ digest }) => digest.columns))];
  const figures = new Set([...metrics.values()].flatMap((row) => Object.keys(row)));
  const told = columns.filter((name) => figures.has(`rewards/${name}/mean`));
  const weights = settings?.weights;
  const named =
    typeof weights === 'object' && !Array.isArray(weights)
      ? (weights as Record<string, number> | null)
      : null;
  if (named) return { names: Object.keys(named), weights: named };
  const names = told.length > 0 ? told : columns;
  if (told.length === 0 && columns.length > 0)
    notes.push(`The metrics do not list the rewards. Assumed columns: ${columns.join(', ')}.`);
  const given = Array.isArray(weights) && weights.length === names.length ? (weights as number[]) : null;
  return { names, weights: Object.fromEntries(names.map((name, i) => [name, given?.[i] ?? 1])) };
}

/** Returns the groups of an evaluation, starting from a row of a batch. */
function evaluatedGroups(keys: readonly string[], from: number, size: number | null): Group[] {
  return cutGroups({ keys: keys.slice(from), mayBeEvaluation: true }, null, size).map((group) => ({
    ...group,
    at: group.at.map((i) => from + i),
    phase: 'evaluation',
  }));
}

const firstOf = (
  { keys, rewards, advantages, mayBeEvaluation }: LoggedNumbers,
  count: number,
): LoggedNumbers => ({
  keys: keys.slice(0, count),
  rewards: rewards.slice(0, count),
  advantages: advantages.slice(0, count),
  mayBeEvaluation,
});

function numbersOf(digest: Digest, rewards: RewardColumns): Omit<LoggedNumbers, 'mayBeEvaluation'> {
  const { keys, advantages, values } = digest;
  const totals = digest.rewards.map((reward, i) =>
    totalOf(reward, (name) => values[name]?.[i] ?? null, rewards),
  );
  return { keys, advantages, rewards: totals };
}

/** Training groups of a batch, with the batch's values. */
interface Training {
  numbers: LoggedNumbers;
  /** Metrics that the trainer logged for all rows. Empty if any row is, or might be, from an evaluation. */
  logged: Figures;
  groups: readonly (readonly number[])[];
}

/** Returns the reason why no advantage normalisation reproduces the stored advantages. */
function whyNot(training: readonly Training[]): string {
  const lacks = (kept: 'advantages' | 'rewards') =>
    training.every(({ numbers }) => numbers[kept].every((value) => value === null));
  if (lacks('advantages')) return 'the advantages were not stored';
  if (lacks('rewards')) return 'the rewards were not stored';
  return `the rewards do not reproduce the stored advantages within ${SAME_STORED}`;
}

/** Std of all rewards in a batch, and mean std of its groups. */
const spreadOfBatch = (groups: readonly (readonly number[])[]): number => deviation(groups.flat(), 1);
const spreadOfGroups = (groups: readonly (readonly number[])[]): number =>
  mean(groups.map((rewards) => deviation(rewards, 1)))!;

/** Whether the logged `reward_std` equals a given std of the rewards, in every batch where this std is computable. */
function hasSpread(training: readonly Training[], spread: typeof spreadOfBatch): boolean {
  const gaps = training.flatMap(({ numbers, logged, groups }) => {
    const rewards = groups.map((group) => group.flatMap((i) => numbers.rewards[i] ?? []));
    return logged.reward_std == null || rewards.some(({ length }) => length < 2)
      ? []
      : [Math.abs(spread(rewards) - logged.reward_std)];
  });
  return gaps.length > 0 && gaps.every((gap) => gap <= SAME_MEAN);
}

/** Whether an advantage normalisation reproduces the stored advantages, for every training group. */
const recomputesAll = (training: readonly Training[], convention: ConventionName): boolean =>
  training.some(({ numbers }) => hasAdvantages(numbers)) &&
  training.every(({ numbers, groups }) => recomputes(numbers, groups, convention));

/** Whether the weighted sum of a row's reward parts equals the stored total, in every row. */
const givesTotals = (read: readonly ReadBatch[], columns: RewardColumns): boolean =>
  read.every(({ digest: { rewards, values } }) =>
    rewards.every((stored, i) => {
      const total = totalOf(null, (name) => values[name]?.[i] ?? null, columns);
      return stored === null || columns.names.length === 0 || Math.abs((total ?? 0) - stored) <= SAME_MEAN;
    }),
  );

function givesMeans(training: readonly Training[]): boolean {
  const gaps = training.flatMap(({ numbers, logged, groups }) => {
    const rewards = groups.flat().flatMap((i) => numbers.rewards[i] ?? []);
    return logged.reward == null || rewards.length === 0 ? [] : [Math.abs(mean(rewards)! - logged.reward)];
  });
  return gaps.length > 0 && gaps.every((gap) => gap <= SAME_MEAN);
}
