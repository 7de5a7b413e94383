import type { Observation } from '../observation.ts';
import { capital, meters, name } from './question.ts';

/** Number of columns in the compact style on each side of the middle one. */
const COLUMNS = 4;

/**
 * "the red cube is 23% of the width to the left of the center". Words express the sign, so a mirror changes only words.
 */
export const across = (o: Observation, objects: number[]): string[] =>
  objects.map((i) => {
    const { right } = o.solids[i]!;
    const percent = Math.round(100 * Math.abs(right));
    const place = percent === 0 ? 'at' : `${percent}% of the width to the ${right < 0 ? 'left' : 'right'} of`;
    return `${name(o, i)} is ${place} the center`;
  });

/** "the red cube is 2.4 meters from the camera". */
export const away = (o: Observation, objects: number[]): string[] =>
  objects.map((i) => `${name(o, i)} is ${meters(o.solids[i]!.distance)} from the camera`);

/** "The red cube is …, the blue ball is …, so …." */
export const therefore = (facts: readonly string[], conclusion: string): string =>
  `${capital(facts.join(', '))}, so ${conclusion}.`;

/**
 * The compact style's reasoning: name, column and distance of each solid, then the conclusion:
 * `red-cube left-2 4 metres , blue-ball right-1 3 metres , to left`. It lets a small model learn to compare before it
 * learns what the question does with the comparison.
 */
export const sightings = (o: Observation, objects: readonly number[], conclusion?: string): string =>
  [
    ...objects.map(
      (i) => `${name(o, i, 'compact')} ${column(o, i)} ${meters(o.solids[i]!.distance, 'compact')}`,
    ),
    ...(conclusion ? [conclusion] : []),
  ].join(' , ');

/** One of nine columns of equal width: `left-4` … `left-1`, `middle`, `right-1` … `right-4`. */
function column(o: Observation, i: number): string {
  const { right } = o.solids[i]!;
  const steps = Math.min(COLUMNS, Math.round(Math.abs(right) * (2 * COLUMNS + 1)));
  return steps === 0 ? 'middle' : `${right < 0 ? 'left' : 'right'}-${steps}`;
}
