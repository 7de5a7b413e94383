import { groupBy } from '../evaluation/scored-row.ts';
import { sum, at, type Values } from '../../base/numbers.ts';
import type { Xyxy } from '../../rows/sample/boxes.ts';
import type { ViewId } from '../../rows/view-list.ts';
import { divergence, mapOf, mirrorError, unionShares } from './maps.ts';
import { cellsOf, type Grid } from '../seen/token-grid.ts';
import type { Role } from './set-names.ts';
import type { SetRow } from './set-row.ts';

/** Boxes of a row in one view, with the roles of the boxed objects in the row's question. */
export interface PlacedBoxes {
  view: ViewId;
  image: string;
  objects: readonly { role: Role; box: Xyxy }[];
}

/** A row in one view, with the attention on the cells of its image, as the mean over heads [layer, 1, query, cell]. */
interface MappedRow extends PlacedBoxes {
  weights: Values;
  queries: readonly string[];
}

const mapsOf = ({ weights, queries }: Pick<MappedRow, 'weights' | 'queries'>) =>
  Array.from({ length: weights.shape[0]! }, (_, layer) =>
    queries.map((name, query) => ({ name, layer, map: mapOf(at(weights, layer, 0, query)) })),
  ).flat();

/**
 * Returns a function that computes metrics of a row's maps, for each layer and query: the expected column, as a share
 * of the grid's width; the mirror error, folded back and unfolded, null for a query that the mirror lacks; and the mass
 * in the boxes of each role. All are [layer, query]; rows without a mirror have no errors. The mass in other rows'
 * boxes is the expected mass of a map that is independent of its own objects: maps favour the middle or an edge, and so
 * do object positions.
 * @param set all rows; each map is also tested on the boxes of other rows
 */
export function mapFiguresOf(set: readonly PlacedBoxes[]) {
  const sums = new Map<string, ReturnType<typeof sharesOf>>();
  /** Returns the mean map of a role's boxes in the same view of other images, with a sum of 1; null without boxes. */
  const elsewhereOf = ({ view, image }: PlacedBoxes, role: Role, grid: Grid): Float32Array | null => {
    const key = JSON.stringify([view, role, grid]);
    const alike = set.filter((row) => row.view === view);
    const all = sums.get(key) ?? sharesOf(alike, role, grid);
    sums.set(key, all);
    const mine = sharesOf(
      alike.filter((row) => row.image === image),
      role,
      grid,
    );
    const n = all.n - mine.n;
    return n > 0 ? all.shares.map((share, i) => (share - mine.shares[i]!) / n) : null;
  };
  return (
    row: MappedRow,
    mirror: Pick<MappedRow, 'weights' | 'queries'> | null,
    grid: Grid,
  ): Pick<SetRow, 'column' | 'mirror_error' | 'unfolded_error' | 'roles'> => {
    const maps = mapsOf(row);
    const errors = (errorOf: typeof mirrorError) =>
      mirror &&
      maps.map(({ name, layer, map }) => {
        const there = mirror.queries.indexOf(name);
        return there < 0 ? null : errorOf(map, mapOf(at(mirror.weights, layer, 0, there)), grid);
      });
    const inside = (shares: Float32Array) =>
      maps.map(({ map }) => map.reduce((mass, p, i) => mass + p * shares[i]!, 0));
    return {
      column: maps.map(({ map }) =>
        map.reduce((sum, p, i) => sum + (p * ((i % grid.cols) + 0.5)) / grid.cols, 0),
      ),
      mirror_error: errors(mirrorError),
      unfolded_error: errors(divergence),
      roles: [...groupBy(row.objects, ({ role }) => role).values()].map((objects) => {
        const { role } = objects[0]!;
        const shares = unionShares(
          grid,
          objects.map(({ box }) => box),
        );
        const elsewhere = elsewhereOf(row, role, grid);
        return { role, cells: sum(shares), mass: inside(shares), elsewhere: elsewhere && inside(elsewhere) };
      }),
    };
  };
}

/** Returns the sum over rows of the cells that a role's boxes cover, with a total of 1 for each row. */
function sharesOf(rows: readonly PlacedBoxes[], role: Role, grid: Grid): { shares: Float32Array; n: number } {
  const shares = new Float32Array(cellsOf(grid));
  let n = 0;
  for (const { objects } of rows) {
    const covered = unionShares(
      grid,
      objects.flatMap((object) => (object.role === role ? [object.box] : [])),
    );
    const cells = sum(covered);
    if (cells === 0) continue;
    n += 1;
    covered.forEach((share, i) => (shares[i]! += share / cells));
  }
  return { shares, n };
}
