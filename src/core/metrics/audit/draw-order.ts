import { mean } from '../../../base/numbers.ts';
import { Random } from '../../../base/random.ts';
import { EXPECTED, type AuditUnit, type Predicted } from './units.ts';

/** Units with the same scores without human ratings, in the order in which they are selected for rating. */
export interface Stratum {
  units: readonly AuditUnit[];
  /** Expected information of a rating: the mean of √(p(1−p)) over the unit's answers. */
  spread: number;
}

/** Minimum share of a set's units per stratum. Smaller strata are merged: small samples cannot cover many strata. */
const LEAST_SHARE = 0.02;
/** Minimum number of rated units that the order aims for in each stratum. */
const LEAST_JUDGED = 5;

/** Returns the score of an answer in a pair, where an unparsed answer counts as wrong. */
const inPair = (predicted: Predicted): Predicted => (predicted === 'unparsed' ? 'wrong' : predicted);

/** Returns the key of a unit's views and evaluations. Units with the same key have the same metrics. */
export const shapeOf = ({ set, answers }: AuditUnit): string =>
  JSON.stringify([set, answers.map(({ side, view }) => [side, view])]);

function predictedOf({ answers }: AuditUnit): string {
  const all = answers.map(({ predicted }) => predicted);
  return (all.length > 1 ? all.map(inPair) : all).join(' ');
}

/**
 * Divides units into strata by set, views, and scores of the rules (and of a judge). Within a stratum, the order is
 * random but depends only on the seed and the rows, so it is reproducible.
 */
export function strataOf(units: readonly AuditUnit[], seed: number): Stratum[] {
  const random = Random.from(`audit ${seed}`);
  const places = new Map(units.map((unit) => [unit, random.fork(unit.rank).uniform()]));
  const ofSet = grouped(units, ({ set }) => set);
  return [...grouped(units, shapeOf).values()].flatMap((ofShape) => {
    const groups = [...grouped(ofShape, predictedOf).values()];
    const isSmall = (group: readonly AuditUnit[]) =>
      group.length < LEAST_SHARE * ofSet.get(group[0]!.set)!.length;
    const small = groups.filter(isSmall).flat();
    return [...groups.filter((group) => !isSmall(group)), ...(small.length > 0 ? [small] : [])].map(
      (group) => ({
        units: [...group].sort((a, b) => places.get(a)! - places.get(b)! || (a.rank < b.rank ? -1 : 1)),
        spread: mean(group.flatMap(({ answers }) => answers.map(({ predicted }) => spreadOf(predicted))))!,
      }),
    );
  });
}

const spreadOf = (predicted: Predicted): number => Math.sqrt(EXPECTED[predicted] * (1 - EXPECTED[predicted]));

function grouped(units: readonly AuditUnit[], keyOf: (unit: AuditUnit) => string): Map<string, AuditUnit[]> {
  const groups = new Map<string, AuditUnit[]>();
  for (const unit of units) {
    const group = groups.get(keyOf(unit));
    if (group) group.push(unit);
    else groups.set(keyOf(unit), [unit]);
  }
  return groups;
}

/**
 * Returns the order in which units are rated. A person can stop at any point and continue later. The order starts with
 * one unit of each stratum. Then units come alternately from a stratum with fewer than five, and from the stratum that
 * narrows the interval most: J. Neyman's allocation by size times std ("On the two different aspects of the
 * representative method", 1934). Ratings never change the order. Otherwise, a stratum whose first ratings happen to
 * agree with the rules would get no more ratings, and the estimate would be biased towards the rules: by 1.5 points if
 * one in ten wrong answers is scored as right (docs/label-quality.md).
 */
export function drawOrder(strata: readonly Stratum[], seed: number): AuditUnit[] {
  const random = Random.from(`audit ${seed} order`);
  const taken = strata.map(() => 0);
  const order: AuditUnit[] = [];
  const total = strata.reduce((sum, { units }) => sum + units.length, 0);
  while (order.length < total) {
    const open = strata.flatMap(({ units }, h) => (taken[h]! < units.length ? [h] : []));
    const least = Math.min(...open.map((h) => taken[h]!));
    const few = open.filter((h) => taken[h] === least);
    const isTurnOfFew = least === 0 || (least < LEAST_JUDGED && order.length % 2 === 0);
    const gain = (h: number) => (strata[h]!.units.length * strata[h]!.spread) / (taken[h]! + 0.5);
    const next = isTurnOfFew ? random.pick(few) : open.reduce((best, h) => (gain(h) > gain(best) ? h : best));
    order.push(strata[next]!.units[taken[next]!]!);
    taken[next]! += 1;
  }
  return order;
}

/** Returns the first units of an order that together contain at least `answers` answers. */
export function firstAnswers(order: readonly AuditUnit[], answers: number): AuditUnit[] {
  let count = 0;
  return order.filter(({ answers: answered }) => {
    if (count >= answers) return false;
    count += answered.length;
    return true;
  });
}
