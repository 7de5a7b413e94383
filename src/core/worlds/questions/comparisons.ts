import { compare, ranking, type Axis, type RankedAxis } from '../margins.ts';
import type { Observation } from '../observation.ts';
import {
  type Form,
  inSight,
  label,
  name,
  orList,
  other,
  pairs,
  type Pole,
  sightings,
  type Style,
  reasoningText,
} from './question.ts';

/** Properties that the question forms of a family of comparisons share. */
export interface Comparing {
  axis: Axis;
  /** Words for the relation at each pole, as in "the red cube is … the blue ball". */
  relation: [string, string];
  /** Returns the conclusion of compact reasoning, from both names in question order and the first object's pole. */
  conclude?: (a: string, b: string, actual: Pole) => string;
  /** Returns the visible facts that the reasoning states before its conclusion. */
  facts: (o: Observation, objects: number[]) => string[];
  /** Additional condition on an ordered pair of objects. */
  when?: (o: Observation, a: number, b: number) => boolean;
}

type Words = (a: string, b: string, pole: Pole) => string;

/** Returns ordered pairs that clearly differ along the axis; in the compact style, also in rounded distances. */
export const ordered = (o: Observation, { axis, when }: Comparing, style: Style): number[][] =>
  pairs(
    o,
    (a, b) =>
      compare(o, axis, a, b) !== 0 &&
      (when?.(o, a, b) ?? true) &&
      (style === 'english' ||
        axis !== 'near-far' ||
        Math.round(o.solids[a]!.distance) !== Math.round(o.solids[b]!.distance)),
  );

/** Returns a list of all objects in order if at least three exist, all visible and clearly ordered; else []. */
export function ranked(o: Observation, axis: RankedAxis): number[][] {
  const order = o.solids.length >= 3 && inSight(o).length === o.solids.length && ranking(o, axis);
  return order ? [order] : [];
}

/** Returns the pole of an axis towards which `a` is from `b`. Both objects must be distinguishable on the axis. */
export const poleOf = (o: Observation, axis: Axis, a: number, b: number): Pole =>
  compare(o, axis, a, b) < 0 ? 0 : 1;

const ofTwo = (about: Comparing, wordings: Words[], compact?: Words) => ({
  axis: about.axis,
  opposite: true,
  wordings: wordings.length,
  compact: compact !== undefined,
  candidates: (o: Observation, style: Style) => ordered(o, about, style),
});

/**
 * Returns the yes/no form about an ordered pair. The first English wording has a one-word answer, others a sentence.
 */
export function yesNo(about: Comparing, wordings: Words[], compact?: Words): Form {
  const { axis, relation, conclude, facts } = about;
  return {
    task: 'yesno',
    ...ofTwo(about, wordings, compact),
    say(o, { objects, pole, wording }, style) {
      const [a, b] = objects as [number, number];
      const [A, B] = [name(o, a, style), name(o, b, style)];
      const actual = poleOf(o, axis, a, b);
      if (style === 'compact') {
        return {
          question: compact!(A, B, pole),
          answer: actual === pole ? 'yes' : 'no',
          reasoning: sightings(o, objects, conclude?.(A, B, actual)),
        };
      }
      const truth = `${A} is ${relation[actual]} ${B}`;
      const [verdict, wrong] = actual === pole ? ['Yes', 'No'] : ['No', 'Yes'];
      return {
        question: wordings[wording]!(A, B, pole),
        answer: wording === 0 ? verdict : `${verdict}, ${truth}.`,
        ...(wording > 0 && { wrong: `${wrong}, ${A} is ${relation[other(actual)]} ${B}.` }),
        reasoning: reasoningText(facts(o, objects), truth),
      };
    },
  };
}

/** Returns the form that asks for which of two objects a relation is true. The choices are the names of both. */
export function whichOfTwo(about: Comparing, wordings: Words[], compact?: Words): Form {
  const { axis, relation, conclude, facts } = about;
  return {
    task: 'mcq',
    ...ofTwo(about, wordings, compact),
    say(o, { objects, pole, wording }, style) {
      const [a, b] = objects as [number, number];
      const actual = poleOf(o, axis, a, b);
      const [chosen, rest] = actual === pole ? [a, b] : [b, a];
      const [A, B] = [name(o, a, style), name(o, b, style)];
      const words = style === 'compact' ? compact! : wordings[wording]!;
      return {
        question: words(A, B, pole),
        answer: label(o, chosen, style),
        choices: objects.map((i) => label(o, i, style)),
        reasoning:
          style === 'compact'
            ? sightings(o, objects, conclude?.(A, B, actual))
            : reasoningText(facts(o, objects), `${name(o, chosen)} is ${relation[pole]} ${name(o, rest)}`),
      };
    },
  };
}

/**
 * Returns the form that asks which of all objects is first. The order must be clear; an opposite question then exists.
 * @param rank 1 for the first or the last object; 2 for the second object from either end.
 */
export function whichOfAll(
  axis: RankedAxis,
  facts: Comparing['facts'],
  most: [string, string],
  rank: 1 | 2 = 1,
): Form {
  return {
    task: 'mcq',
    opposite: true,
    wordings: 2,
    list: true,
    unnamed: true,
    least: 3,
    axis,
    candidates: (o) => ranked(o, axis),
    say(o, { objects, pole, wording }) {
      const chosen = ranking(o, axis)!.at(pole === 0 ? rank - 1 : -rank)!;
      return {
        question: [
          `Which object is ${most[pole]}?`,
          `Which of these objects is ${most[pole]}: ${orList(o, objects)}?`,
        ][wording]!,
        answer: label(o, chosen),
        choices: objects.map((i) => label(o, i)),
        reasoning: reasoningText(facts(o, objects), `${name(o, chosen)} is ${most[pole]}`),
      };
    },
  };
}
