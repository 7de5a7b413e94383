import type { Size } from '../../src/core/sample/boxes.ts';
import { stepsOf, type Symmetry } from '../../src/core/symmetry.ts';
import { turnPoint } from '../../src/core/views/geometry.ts';
import { MIRROR, ORIGINAL } from '../../src/core/view-list.ts';

/**
 * How a picture is drawn in another view, within a frame of the view's proportions. The mirror has a class of its own,
 * and the original needs nothing.
 * @param size of the original.
 */
export function turnedStyle(symmetry: Symmetry, size: Size): Record<string, string> | undefined {
  if (symmetry === ORIGINAL || symmetry === MIRROR) return undefined;
  const { exchanges, turnsX, turnsY } = stepsOf(symmetry);
  const [x, y] = [turnsX ? -1 : 1, turnsY ? -1 : 1];
  // CSS lists a matrix by columns: where (1, 0) goes, then where (0, 1) goes.
  const matrix = exchanges ? `matrix(0, ${y}, ${x}, 0, 0, 0)` : `matrix(${x}, 0, 0, ${y}, 0, 0)`;
  if (!exchanges) return { transform: matrix };
  // Width and height change places: the picture keeps its own around the middle of the frame.
  return {
    position: 'absolute',
    left: '50%',
    top: '50%',
    width: `${(100 * size.w) / size.h}%`,
    height: `${(100 * size.h) / size.w}%`,
    transform: `translate(-50%, -50%) ${matrix}`,
  };
}

/** Shapes of the original where they are in another view. @param size of the original. */
export function turnedShapes<Shape extends { points: [number, number][] }>(
  shapes: readonly Shape[],
  symmetry: Symmetry,
  size: Size,
): Shape[] {
  return shapes.map((shape) => ({
    ...shape,
    points: shape.points.map((point) => turnPoint(point, symmetry, 'point_px', size) as typeof point),
  }));
}
