import { Random } from '../../../base/random.ts';
import type { Size } from '../../../rows/sample/boxes.ts';
import { MIRROR, type PairView } from '../../../rows/view-list.ts';
import { lens, looksDown, project, type Lens } from '../camera.ts';
import type { Style } from '../questions/question.ts';
import { rasterise } from '../raster.ts';
import { sampleWorld } from '../sample-worlds.ts';
import { shade, type Picture } from '../shade.ts';
import type { Solid, World } from '../world.ts';
import { askBlock } from './ask-block.ts';
import type { AcuityForm, Grid } from './axes.ts';
import { optionsOf, type Stimulus, viewsOf } from './draw-stimulus.ts';
import { inPrinted, type MapAxis } from './acuity-axes.ts';

/** Default numbers of columns and rows of a map. */
export const MAP_GRID: Grid = { columns: 12, rows: 8 };

/** Parts that all images of a map share: the room, the position of B, and the part of the image with cells. */
export interface MapScene {
  world: World;
  /** Top of the first row and bottom of the last row of cells, which can contain objects, as shares of the height. */
  top: number;
  bottom: number;
}

/** Vertical position of B on the map: above the middle, because near objects hide objects behind them. */
const STANDS = 0.3;
/** Maximum number of attempts to draw an object A in a cell. */
const TRIES = 8;

interface About {
  axis: MapAxis;
  style: Style;
  size: Size;
  map: Grid;
  seed: number;
}

/** Draws the room of a map with only B, in the middle of the image's width, so that a mirror preserves B's position. */
export function mapScene({ axis, style, size, seed }: Omit<About, 'map'>): MapScene {
  const options = optionsOf(axis, style);
  const random = Random.from(`map of ${axis} ${seed}`);
  const { objects, ...room } = sampleWorld(random, { ...options, objects: [1, 1] }, size.w / size.h);
  const l = lens(room.camera, size);
  const [b] = objects as [Solid];
  const rise = (z: number) => project(l, 0, b.size / 2, z).y / size.h;
  const [top, bottom] = looksDown(room.camera.pitch)
    ? [0, 1]
    : [rise(options.reach[1]), rise(options.reach[0])];
  const place = floorPoint(l, 0, (top + (bottom - top) * STANDS) * size.h, b.size);
  return { world: { ...room, objects: [{ ...b, ...place }] }, top, bottom };
}

/** Draws the background of a map: the scene with only object B. @param longest maximum side of the image, in pixels */
export function mapBackdrop(
  { axis, size, ...plan }: Omit<About, 'map' | 'axis'> & { axis: string },
  longest: number,
): { picture: Picture; top: number; bottom: number } {
  const { world, top, bottom } = mapScene({ ...plan, axis: axis as MapAxis, size });
  const shrink = Math.min(1, longest / Math.max(size.w, size.h));
  const shown = { w: Math.round(size.w * shrink), h: Math.round(size.h * shrink) };
  return { picture: shade(world, rasterise(world, shown)), top, bottom };
}

/** Returns the floor position of an object by the position of its centre in pixels, from centre line and top. */
function floorPoint(l: Lens, dx: number, y: number, size: number): { x: number; z: number } {
  const up = size / 2 - l.height;
  const slope = (l.size.h / 2 - y) / l.focal;
  const z = (-up * (l.cos + slope * l.sin)) / (l.sin - slope * l.cos);
  return { x: (dx * (z * l.cos - up * l.sin)) / l.focal, z };
}

/** Draws B at its position and A in a cell, with random names and sizes; null if A does not fit in the cell. */
export function drawCell(random: Random, scene: MapScene, about: About, cell: number): Stimulus | null {
  for (let i = 0; i < TRIES; i++) {
    const stimulus = tryCell(random, scene, about, cell);
    if (stimulus) return stimulus;
  }
  return null;
}

function tryCell(
  random: Random,
  { world, top, bottom }: MapScene,
  { axis, style, size, map }: About,
  cell: number,
): Stimulus | null {
  const l = lens(world.camera, size);
  const [column, row] = [cell % map.columns, Math.floor(cell / map.columns)];
  const dx = ((column + 0.5) / map.columns - 0.5) * size.w;
  const y = (top + ((row + 0.5) / map.rows) * (bottom - top)) * size.h;
  const drawn = sampleWorld(random, { ...optionsOf(axis, style), objects: [2, 2] }, size.w / size.h);
  const [a, b] = drawn.objects as [Solid, Solid];
  const [still] = world.objects as [Solid];
  const objects = [
    { ...a, ...floorPoint(l, dx, y, a.size) },
    { ...b, size: still.size, x: still.x, z: still.z },
  ];
  const views = viewsOf({ ...world, objects }, size, [0, 1]);
  return views && { views, objects: [0, 1] };
}

/** Returns all questions about a cell. In the mirror, A is in the mirrored cell. */
export function askCell(
  stimulus: Stimulus,
  { axis, style, map }: About,
  about: { block: string; form: AcuityForm; cell: number },
  images: Record<PairView, string>,
) {
  const [column, row] = [about.cell % map.columns, Math.floor(about.cell / map.columns)];
  const level = inPrinted(axis, differenceIn(axis, stimulus));
  return askBlock(stimulus, { axis, level, style, ...about }, images).map(({ sample, acuity }) => {
    const cell: [number, number] = [acuity.view === MIRROR ? map.columns - 1 - column : column, row];
    const placed = { ...acuity, cell };
    return { sample: { ...sample, meta: { ...sample.meta, acuity: placed } }, acuity: placed };
  });
}

/** Computes the signed difference x of a scene from its geometry. */
function differenceIn(axis: MapAxis, { views, objects }: Stimulus): number {
  const [A, B] = objects.map((i) => views.original.observation.solids[i]!) as [Sighted, Sighted];
  switch (axis) {
    case 'side':
      return 100 * (A.right - B.right);
    case 'height':
      return 100 * (A.above - B.above);
    case 'nearer':
      return 100 * Math.log(B.distance / A.distance);
  }
}
type Sighted = Stimulus['views'][PairView]['observation']['solids'][number];
