import { girth } from '../solids.ts';
import { placeAt, type MovingWorld, type Path } from './moving-world.ts';

/** Minimum gap between two objects, as a share of their mean width. */
const ELBOW_ROOM = 0.5;
/** Shortest interval of time that is tested. Objects that are undecided at this length count as too close. */
const SHORTEST = 2 ** -14;

/** Returns an upper bound of the speed on a path, per unit of time, as a sum over both axes. */
const fastest = ({ x, z }: Path): number =>
  Math.abs(x[0]) + 2 * Math.abs(x[1]) + Math.abs(z[0]) + 2 * Math.abs(z[1]);

/**
 * Whether two objects are always half a width apart, not only in the frames. If their distance in the middle of an
 * interval exceeds the possible approach in half of the interval, the objects stay apart during the interval. Other
 * intervals are bisected.
 */
export function keepApart(moving: MovingWorld, a: number, b: number): boolean {
  const [p, q] = [moving.world.objects[a]!, moving.world.objects[b]!];
  const room = girth(p) + girth(q) + (ELBOW_ROOM * (p.size + q.size)) / 2;
  const speed = fastest(moving.paths[a]!) + fastest(moving.paths[b]!);
  const isFree = (from: number, to: number): boolean => {
    const middle = (from + to) / 2;
    const [here, other] = [placeAt(moving, a, middle), placeAt(moving, b, middle)];
    const between = Math.sqrt((here.x - other.x) ** 2 + (here.z - other.z) ** 2);
    if (between - (speed * (to - from)) / 2 >= room) return true;
    if (between < room || to - from < SHORTEST) return false;
    return isFree(from, middle) && isFree(middle, to);
  };
  return isFree(-1, 1);
}
