import { splitFormat, toPixels, type BoxFormat, type Size } from '../../src/rows/sample/boxes.ts';
import type { PixelView } from '../../src/rows/view-list.ts';
import { sizeIn } from '../../src/rows/symmetry.ts';
import { turnBox } from '../../src/rows/views/geometry.ts';
import type { SceneGraph, SceneObject } from '../../src/rows/scene-graph/scene-graph.ts';

type Point = [x: number, y: number];

/** Shape over an image, in pixels of the image: an outline, single dots, or an arrow between two points. */
export interface Shape {
  kind: 'outline' | 'dots' | 'arrow';
  points: Point[];
  /** Name of the shape: its number in the list of boxes, or its label in the graph. */
  label: string;
  /** Number of the shape's colour. Equal numbers have the same colour, in the original and in the mirror. */
  colour: number;
  from: 'boxes' | 'points' | 'graph' | 'relations' | 'claims';
}

/** Fields of a row in a view that contain positions in the image. */
export interface DrawnFields {
  boxes?: number[][];
  points?: number[][];
  scene_graph?: SceneGraph;
}

/** Returns all shapes that can be drawn. Skips numbers that do not fit their format; the checks report such numbers. */
export function shapesOf(placed: DrawnFields, format: BoxFormat | undefined, size: Size): Shape[] {
  const { boxes = [], points = [], scene_graph } = placed;
  return [
    ...draw('boxes', boxes, (box) => (format ? outline(box, format, size) : null)),
    ...draw('points', points, (point) => outline(point.slice(0, 2), pointFormat(format), size)),
    ...objectShapes(objectsOf(scene_graph), size),
  ];
}

/** Returns the shapes of the items that can be drawn. The rows are unchecked, and a graph can be any JSON. */
const draw = <T>(from: Shape['from'], list: readonly T[], drawOne: (item: T) => Drawn | null): Shape[] =>
  list.flatMap((item, colour) => {
    try {
      const drawn = drawOne(item);
      return drawn ? [{ label: `${colour + 1}`, ...drawn, from, colour }] : [];
    } catch {
      return [];
    }
  });

const objectsOf = (graph: SceneGraph | undefined): SceneObject[] =>
  Array.isArray(graph?.objects) ? graph.objects : [];

const objectShapes = (objects: readonly SceneObject[], size: Size): Shape[] =>
  draw('graph', objects, ({ id, label, box, centroid, box_format: format = 'xyxy_px' }) => {
    const drawn = box ? outline(box, format, size) : centroid && outline(centroid, pointFormat(format), size);
    return drawn ? { ...drawn, label: String(label || id) } : null;
  });

const pointFormat = (format: BoxFormat | undefined): BoxFormat =>
  `point_${(format && splitFormat(format)?.unit) ?? 'px'}`;

/**
 * Returns the relations of a graph as arrows between the centres of their objects. All relations between two objects
 * share one arrow.
 */
export function relationShapes(graph: SceneGraph | undefined, size: Size): Shape[] {
  const objects = objectsOf(graph);
  const middles = new Map(
    objectShapes(objects, size).map(({ colour, points }) => [objects[colour]!.id, middle(points)]),
  );
  const arrows = new Map<string, Shape>();
  for (const { subject, predicate, object } of Array.isArray(graph?.relations) ? graph.relations : []) {
    const [from, to] = [middles.get(subject), middles.get(object)];
    if (!from || !to) continue;
    const key = JSON.stringify([subject, object]);
    const label = [arrows.get(key)?.label, String(predicate)].filter(Boolean).join(', ');
    const colour = objects.findIndex(({ id }) => id === subject);
    arrows.set(key, { kind: 'arrow', points: [from, to], label, colour, from: 'relations' });
  }
  return [...arrows.values()];
}

export function middle(points: readonly Point[]): Point {
  const centre = (values: number[]) => (Math.min(...values) + Math.max(...values)) / 2;
  return [centre(points.map(([x]) => x)), centre(points.map(([, y]) => y))];
}

type Drawn = Pick<Shape, 'kind' | 'points'> & { label?: string };

/** Returns the outline of a box or polygon. @throws RangeError if the numbers do not fit the format */
function outline(numbers: readonly number[], format: BoxFormat, size: Size): Drawn {
  const [first = 0] = numbers;
  switch (format) {
    case 'scalar_x_px':
      return line([first, 0], [first, size.h]);
    case 'scalar_y_px':
      return line([0, first], [size.w, first]);
    case 'polygon_px':
      return { kind: 'outline', points: groupsOf(numbers, 2).map(xy) };
    case 'keypoints_px':
      return {
        kind: 'dots',
        points: groupsOf(numbers, 3)
          .filter(([, , seen]) => seen !== 0)
          .map(xy),
      };
  }
  const [x1, y1, x2, y2] = toPixels(numbers, format, size);
  if (splitFormat(format)!.shape === 'point') return { kind: 'dots', points: [[x1, y1]] };
  return { kind: 'outline', points: corners([x1, y1, x2, y2]) };
}

export const corners = ([x1, y1, x2, y2]: readonly [number, number, number, number]): Point[] => [
  [x1, y1],
  [x2, y1],
  [x2, y2],
  [x1, y2],
];

const xy = ([x, y]: [number, number, number?]): Point => [x, y];

const line = (...points: Point[]) => ({ kind: 'outline' as const, points });

/** Splits a flat list into groups of `n` numbers, and drops an incomplete group. */
function groupsOf(numbers: readonly number[], n: number): [number, number, number?][] {
  return Array.from({ length: Math.floor(numbers.length / n) }, (_, i) => {
    const [x = 0, y = 0, seen] = numbers.slice(n * i, n * (i + 1));
    return [x, y, seen];
  });
}

/**
 * Returns the shapes of a row in a view, from the view's variant. Fields that the variant lacks come from the original,
 * transformed with the image.
 * @param size image size of the original
 */
export function viewShapes(
  original: DrawnFields,
  variant: DrawnFields,
  pixels: PixelView,
  format: BoxFormat | undefined,
  size: Size,
): Shape[] {
  const kept = shapesOf(original, format, size).filter(
    ({ from }) => variant[from === 'boxes' || from === 'points' ? from : 'scene_graph'] === undefined,
  );
  return [...shapesOf(variant, format, sizeIn(pixels, size)), ...turnedShapes(kept, pixels, size)];
}

/** Returns the original's shapes transformed to another view. @param size image size of the original */
export function turnedShapes<Shape extends { points: [number, number][] }>(
  shapes: readonly Shape[],
  symmetry: PixelView,
  size: Size,
): Shape[] {
  return shapes.map((shape) => ({
    ...shape,
    points: shape.points.map((point) => turnBox(point, symmetry, 'point_px', size) as typeof point),
  }));
}
