import { mean } from '../../../base/numbers.ts';
import { Random } from '../../../base/random.ts';
import { EXPECTED, type AuditUnit, type Predicted } from './units.ts';

/** Units of which the same is known before they are judged, in the order in which they are drawn. */
export interface Stratum {
  units: readonly AuditUnit[];
  /** How much a judgement is expected to tell: the mean of √(p(1−p)) over its answers. */
  spread: number;
}

/** Strata below this share of a set's units are drawn together: there would be too many for a small sample. */
const LEAST_SHARE = 0.02;
/** As many of each stratum are judged, at least, if so many answers are judged that there is room for it. */
const LEAST_JUDGED = 5;

/** In a pair, an answer that was not read is one that counts as wrong. */
const inPair = (predicted: Predicted): Predicted => (predicted === 'unparsed' ? 'wrong' : predicted);

/** The views and evaluations of a unit: those of the same shape have the same figures. */
export const shapeOf = ({ set, answers }: AuditUnit): string =>
  JSON.stringify([set, answers.map(({ side, view }) => [side, view])]);

function predictedOf({ answers }: AuditUnit): string {
  const all = answers.map(({ predicted }) => predicted);
  return (all.length > 1 ? all.map(inPair) : all).join(' ');
}

/**
 * Divides units by what the rules (and a judge) say of their answers: by set, views and verdicts. Within a stratum, the
 * order is random, and depends on nothing but the seed and the rows, so that it is the same tomorrow.
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
 * The order in which units are judged; a person may stop anywhere and go on later. First one of each stratum; then, in
 * turn, one of a stratum that has fewer than five, and one where it narrows the interval most: by size times spread, as
 * J. Neyman allocates ("On the two different aspects of the representative method", 1934). What is judged does not
 * change the order. If it did (with p of the strata so far), a stratum whose first answers happen to agree with the
 * rules would be judged no further, and the estimate would lean to the rules: by 1.5 points where one in ten wrong
 * answers is called right (docs/label-quality.md).
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

/** The first units of an order that have at least so many answers together. */
export function firstAnswers(order: readonly AuditUnit[], answers: number): AuditUnit[] {
  let count = 0;
  return order.filter(({ answers: answered }) => {
    if (count >= answers) return false;
    count += answered.length;
    return true;
  });
}
