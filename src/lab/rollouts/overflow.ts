import type { SampledRollout } from '../../core/rewards/rollout.ts';
import type { Scores } from '../../engines/trainer.ts';
import type { TrainedRow } from './score-pairs.ts';
import type { DrawnGroups } from './draw-groups.ts';
import type { WeightedCompletion } from './stages.ts';

/** A value of a step that is not finite, which prevents training on the step. */
export interface Overflow {
  /** Name and location of the value for users: `the weight of token 3 (row "a", view mirror, completion 0) is …`. */
  what: string;
  /** Whether the policy itself overflows. If so, the policy cannot be trained further. */
  isPolicy: boolean;
}

/** A completion or a target, with the values of its tokens. */
export interface Place {
  name: string;
  values: readonly (number | null)[];
}

/** Whether a value is finite in float32, which engines use. */
const isFinite32 = (value: number | null): boolean => value !== null && Number.isFinite(Math.fround(value));

/** Finds the first value that is not finite in float32. @param quantity name of the values, such as `weight` */
export function overflowIn(quantity: string, places: Iterable<Place>, isPolicy: boolean): Overflow | null {
  for (const { name, values } of places) {
    const token = values.findIndex((value) => !isFinite32(value));
    if (token < 0) continue;
    const value = values[token];
    const shown = value === null || Number.isNaN(value) ? 'not a finite number' : `${value}`;
    return { what: `the ${quantity} of token ${token} (${name}) is ${shown}`, isPolicy };
  }
  return null;
}

/** Maximum weight that cannot cause an overflow. If all weights are below, the policy is the cause. */
const ORDINARY = 1e18;

/** Describes a non-finite gradient by its largest weight, if all log-probabilities are finite. */
export function overflowOfGradient(places: Iterable<Place>): Overflow {
  let largest = { size: -1, where: '' };
  for (const { name, values } of places)
    values.forEach((value, token) => {
      const size = Math.abs(value ?? 0);
      if (size > largest.size) largest = { size, where: `token ${token} (${name})` };
    });
  const { size, where } = largest;
  const most = size < 0 ? '' : `; the largest weight is ${size.toPrecision(3)}, of ${where}`;
  return { what: `the norm of the gradient is not a finite number${most}`, isPolicy: size < ORDINARY };
}

/** Yields the values of scores, with their locations. Empty without scores. */
export function* placesOf(scores: Scores[][][] | null, nameOf: (g: number, c: number, s: number) => string) {
  for (const [g, group] of (scores ?? []).entries())
    for (const [c, completion] of group.entries())
      for (const [s, { logprobs }] of completion.entries()) yield { name: nameOf(g, c, s), values: logprobs };
}

export const nameOf =
  (drawn: readonly TrainedRow[], views: TrainedRow['views']) =>
  (g: number, completion: number, stage: number): string => {
    const { sample, view } = views[g]!;
    const pair = drawn.findIndex((each) => each.views.includes(views[g]!));
    return placeText(sample.id, pair, view, completion, stage);
  };

const placeText = (id: string, pair: number, view: string, completion: number, stage: number): string =>
  `row "${id}", pair ${pair}, view ${view}, completion ${completion}${stage > 0 ? ', second stage' : ''}`;

/** Yields the log-probabilities of completions with their locations. @param before number of pairs in earlier rounds */
export function* sampledPlaces(rows: readonly DrawnGroups<SampledRollout>[], before: number) {
  for (const [row, { sample, views }] of rows.entries())
    for (const { view, group } of views)
      for (const [c, { segments }] of group.entries())
        for (const [s, { logprobs }] of segments.entries())
          yield { name: placeText(sample.id, before + row, view, c, s), values: logprobs };
}

/** Returns the weights of completions, with all stages of a completion as one sequence. */
export const weightPlaces = (
  weighed: readonly (readonly WeightedCompletion[])[],
  name: ReturnType<typeof nameOf>,
): Place[] =>
  weighed.flatMap((group, g) => group.map(({ weights }, c) => ({ name: name(g, c, 0), values: weights })));
