import { girth } from '../solids.ts';
import { placeAt, type MovingWorld, type Path } from './moving-world.ts';

/** Free space between two objects, as a share of the mean of their widths. */
const ELBOW_ROOM = 0.5;
/** The shortest stretch of time that is looked at; what cannot be decided there counts as too close. */
const SHORTEST = 2 ** -14;

/** An upper bound of the speed on a path along both axes, per unit of time. */
const fastest = ({ x, z }: Path): number =>
  Math.abs(x[0]) + 2 * Math.abs(x[1]) + Math.abs(z[0]) + 2 * Math.abs(z[1]);

/**
 * Whether two objects keep half a width between them at every instant, not only in the frames: where they are farther
 * apart in the middle of a stretch of time than they can get closer within its half, they are in all of it. Other
 * stretches are halved.
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
