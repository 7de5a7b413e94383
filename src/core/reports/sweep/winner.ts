import type { SeedMean } from '../../metrics/statistics.ts';
import { figureName, unitOf } from './figure.ts';
import type { SweepPlan } from '../../config/sweep-plan.ts';
import { compareArms, compareTwo, ranked, type SweepRun } from './results.ts';
import { isFailedStatus } from '../../run-data/status.ts';
import { fixed } from '../../labels.ts';
import { isLowerBetter } from '../../metrics/metric.ts';
import { counted } from '../cells.ts';
import { floorSentences } from '../floor-text.ts';
import { rangeOf, scaleOf, unitText, type NamedArm } from './cells.ts';

type Figure = SweepPlan['compare'];

export const isComplete = (runs: readonly SweepRun[]): boolean =>
  runs.length > 0 && runs.every(({ status }) => status === 'finished');

/** Says how many of the compared runs are finished. */
export function standingText({ cells, seeds, at_steps }: SweepPlan, runs: readonly SweepRun[]): string {
  const finished = runs.filter(({ status }) => status === 'finished').length;
  const failed = runs.filter(({ status }) => status !== null && isFailedStatus(status)).length;
  const grid = [
    ...(cells.length > 1 || !at_steps ? [counted(cells.length, 'cell')] : []),
    ...(at_steps ? [counted(at_steps.length, 'step')] : []),
    counted(seeds.length, 'seed'),
  ].join(' × ');
  if (isComplete(runs)) return `${grid}: all ${counted(runs.length, 'run')} finished.`;
  const bad = failed > 0 ? `, ${failed} failed` : '';
  return `${grid}: ${finished} of ${counted(runs.length, 'run')} finished${bad}. What follows is provisional.`;
}

/**
 * Says which arm is best, and whether its lead over the next one is significant; provisional while runs are missing.
 */
export function winnerText(plan: SweepPlan, runs: readonly SweepRun[], arms: readonly NamedArm[]): string {
  const complete = isComplete(runs);
  const equal = complete ? arms : onSharedSeeds(arms);
  const order = ranked(compareArms(equal, plan.compare), plan.compare);
  if (!order) return 'There is nothing to compare yet.';
  const [best, next] = order.map(({ name, figure }) => ({
    figure: figure!,
    arm: equal.find((arm) => arm.name === name)!,
  })) as [Ranked, Ranked];
  const { compare } = plan;
  return (
    (complete ? 'Best' : 'Provisional: not all runs are in. Ahead so far') +
    ` by ${figureName(compare)}: ${best.arm.label} with ${fixed(scaleOf(compare) * best.figure.mean, 1)} ${unitText(compare)}` +
    `${rangeText(compare, best.figure.interval, rangeOf(compare))}, over ${seedsText(best.figure)}${complete ? '' : ' that all cells so far have'}. ` +
    `The next, ${next.arm.label}, ${leadText(compare, equal, best.arm, next.arm)}.` +
    floorSentences(
      // All runs are asked the same rows.
      [best, next].map(({ arm, figure: { mean, interval } }) => ({
        name: arm.label,
        low: interval?.[0] ?? mean,
        floor: runs.flatMap(({ evaluations }) => evaluations.flatMap((one) => one.floor ?? []))[0],
      })),
    )
      .map((sentence) => ` ${sentence}`)
      .join('')
  );
}

/** Says by how much an arm is ahead of another one on what both have, and whether that is more than noise. */
function leadText(figure: Figure, arms: readonly NamedArm[], best: NamedArm, next: NamedArm): string {
  // Subtracts in the order of the tests, the earlier arm from the later one, so that both report the same interval.
  const isLater = arms.indexOf(best) > arms.indexOf(next);
  const lead = isLater ? compareTwo(next, best, figure) : compareTwo(best, next, figure);
  if (!lead) return 'has no row in common with it';
  const isGain = isLater !== isLowerBetter(figure.metric);
  const mean = isGain ? lead.mean : -lead.mean;
  const interval: [number, number] | undefined =
    lead.interval && !isGain ? [-lead.interval[1], -lead.interval[0]] : lead.interval;
  const points = unitOf(figure) === 'share' ? ' points' : '';
  const behind = `${fixed(scaleOf(figure) * mean, 1)}${points} behind${rangeText(figure, interval)}`;
  const verdict =
    interval && interval[0] > 0
      ? `the difference is beyond the noise ${lead.n > 1 ? 'of these seeds' : 'of these rows, and says nothing of another seed'}`
      : `within noise, as ${lead.n > 1 ? 'these seeds' : 'these rows'} do not tell the two apart`;
  return `is ${Math.abs(mean) < 1e-9 ? 'level with it' : behind}: ${verdict}`;
}

/**
 * Says how many seeds there are and what the interval is over: seeds that agree exactly use the interval of their rows.
 */
function seedsText({ n, p }: SeedMean): string {
  if (n === 1) return 'one seed (the interval is that of its rows)';
  return p === undefined ? `${n} equal seeds (the interval is that of their rows)` : `${n} seeds`;
}

interface Ranked {
  figure: SeedMean;
  arm: NamedArm;
}

/**
 * Keeps the arms that have figures, each with only the seeds that all of them have: means over different seeds are not
 * comparable.
 */
function onSharedSeeds(arms: readonly NamedArm[]): NamedArm[] {
  const begun = arms.filter(({ seeds }) => seeds.length > 0);
  return begun.map((arm) => ({
    ...arm,
    seeds: arm.seeds.filter(({ seed }) => begun.every(({ seeds }) => seeds.some((one) => one.seed === seed))),
  }));
}

function rangeText(
  figure: Figure,
  interval: [number, number] | undefined,
  [low, high]: readonly [number, number] = [-Infinity, Infinity],
): string {
  if (!interval) return '';
  const ends = interval.map((end) => fixed(scaleOf(figure) * Math.min(high, Math.max(low, end)), 1));
  return ` (${ends.join(' – ')})`;
}
