import { FRAMES } from '../../read/words/picture-words.ts';
import {
  fromPixels,
  splitFormat,
  toPixels,
  type BoxFormat,
  type Size,
  type Xyxy,
} from '../../sample/boxes.ts';
import { applyEdits, type Edit } from '../../read/tokens.ts';
import { readingOf } from '../../read/reading.ts';
import type { RewrittenFields, Sample } from '../../sample/sample.ts';
import { graphOf } from '../../scene-graph/read-graph.ts';
import type { SceneGraph, SceneObject } from '../../scene-graph/scene-graph.ts';
import { namesDirection } from '../directions.ts';
import { mapPlaces } from '../map-places.ts';
import { placeOf, placesOf } from '../geometry.ts';
import { mapPlace, type Place } from '../../read/coordinates.ts';
import { focalOf, isCut, turns, type Warp } from './warp.ts';
import { type Refusal, defer, discard, textFields } from '../view-variant.ts';
import type { Resample } from '../../view-parts.ts';

/* Functions that move positions to an image with new pixels: boxes, points, masks, graph and coordinates in texts. */

export const middleOf = ([x1, y1, x2, y2]: Xyxy): [number, number] => [(x1 + x2) / 2, (y1 + y2) / 2];

const corners = ([x1, y1, x2, y2]: Xyxy): [number, number][] => [
  [x1, y1],
  [x2, y1],
  [x2, y2],
  [x1, y2],
];

export const isInside = (place: Xyxy, { size, to }: Warp): boolean =>
  corners(place).every((corner) => {
    const [x, y] = to(corner);
    return x >= 0 && y >= 0 && x <= size.w && y <= size.h;
  });

/** Returns the fields of a row after boxes, points, masks, graph and coordinates in texts are moved. */
export function movedFields(
  sample: Sample,
  resample: Resample,
  size: Size,
  warp: Warp,
): Partial<RewrittenFields> | Refusal {
  const { boxes = [], points = [], masks = [], box_format: format, meta } = sample;
  const parts = format && splitFormat(format);
  if (boxes.length + points.length > 0 && !parts)
    return defer('geometry', 'Boxes and points need a declared box_format that the view supports.');
  const read = Object.values(readingOf(sample).sides);
  const unread = read.flatMap(({ notes }) => notes).find(({ rule }) => rule.startsWith('coordinates'));
  if (unread) return defer('geometry', unread.message);
  const isWritten = read.some(({ places }) => places.length > 0);
  // Coordinates as fractions of the image are unchanged if the image is only scaled.
  if (!parts && isWritten && (format || resample.op !== 'scale'))
    return defer('geometry', 'The view does not move coordinates in texts of this form.');
  const words = parts ? movedTexts(sample, resample, size, warp) : {};
  if ('code' in words) return words;
  if (isCut(resample) && !placesOf(sample, size).every((place) => isInside(place, warp))) return BOX_CUT;
  if (!masks.every(Array.isArray)) return defer('geometry', 'The view does not support run-length masks.');
  const { fields } = mapPlaces(sample, {
    box: (box, shape) => movedBox(box, shape, size, warp),
    point: ([x, y, ...rest]) => [...movedBox([x!, y!], `point_${parts!.unit}`, size, warp), ...rest],
    mask: (mask) => (mask as number[][]).map((polygon) => movedPolygon(polygon, warp)),
  });
  if (boxes.length === 0) delete fields.boxes;
  // After a roll, boxes are no longer axis-aligned, but the centre of a box is still a position.
  else if (turns(resample) && parts!.shape !== 'point') fields.boxes = [];
  const graph = graphOf(sample);
  if (graph) fields.scene_graph = movedGraph(graph, resample, size, warp);
  // A world's focal length is computed from the image height. The view changes the height, so store the focal length.
  if (resample.op === 'pan') fields.meta = { ...meta, focal_px: focalOf(sample)! };
  return { ...words, ...fields };
}

const BOX_CUT = discard('cut', 'A box is not completely inside the image.');

/** Returns the corners of a box, or a point, in the view. Rounds the numbers to remove floating-point errors. */
function movedBox(box: readonly number[], format: BoxFormat, size: Size, warp: Warp): number[] {
  const [x1, y1, x2, y2] = toPixels(box, format, size);
  const [a, b] = [warp.to([x1, y1]), warp.to([x2, y2])];
  const { unit } = splitFormat(format)!;
  const step = unit === 'norm' ? 1e-6 : 1e-3;
  return fromPixels([...a, ...b] as Xyxy, format, warp.size).map((v) =>
    Number((Math.round(v / step) * step).toFixed(6)),
  );
}

const movedPolygon = (polygon: readonly number[], warp: Warp): number[] =>
  Array.from({ length: polygon.length / 2 }, (_, i) =>
    warp.to([polygon[2 * i]!, polygon[2 * i + 1]!]),
  ).flat();

function movedTexts(
  sample: Sample,
  resample: Resample,
  size: Size,
  warp: Warp,
): Partial<RewrittenFields> | Refusal {
  const format = sample.box_format!;
  const { shape, unit } = splitFormat(format)!;
  const { sides } = readingOf(sample);
  const numbers = ({ numbers }: Place) => numbers.map(({ text }) => Number(text));
  const places = Object.values(sides).flatMap((read) => read.places);
  if (places.length === 0) return {};
  if (turns(resample) && shape !== 'point')
    return discard('box', 'After the rotation, a box is no longer upright.');
  if (isCut(resample) && !places.every((place) => isInside(toPixels(numbers(place), format, size), warp)))
    return BOX_CUT;
  const moved = (place: Place): Edit[] => {
    const decimals = place.numbers.map(({ text }) => text.split('.')[1]?.length ?? 0);
    const digits = Math.max(...decimals, unit === 'norm' ? 3 : 0);
    return mapPlace(place, () =>
      movedBox(numbers(place), format, size, warp).map((v) => String(Number(v.toFixed(digits)))),
    );
  };
  const texts = Object.entries(sides).map(([name, read]) => {
    return [name, { text: applyEdits(read.source, read.places.flatMap(moved)) }] as const;
  });
  return textFields(sample, Object.fromEntries(texts));
}

function movedGraph(graph: SceneGraph, resample: Resample, size: Size, warp: Warp): SceneGraph {
  const kept = graph.objects.filter((o) => {
    const place = placeOf(o, size);
    return !isCut(resample) || (place ? isInside(place, warp) : false);
  });
  const objects = kept.map((o): SceneObject => {
    const { box, centroid, ...rest } = o;
    const format = o.box_format ?? 'xyxy_px';
    const place = placeOf(o, size);
    const { unit } = splitFormat(format) ?? { unit: 'px' as const };
    const middle =
      centroid ?? (turns(resample) && place ? fromPixels(place, `point_${unit}`, size) : undefined);
    return {
      ...rest,
      ...(box && !turns(resample) && { box: movedBox(box, format, size, warp) as Xyxy }),
      ...(middle && { centroid: movedBox(middle, `point_${unit}`, size, warp) as [number, number] }),
    };
  });
  const ids = new Set(objects.map(({ id }) => id));
  const { complete, ...rest } = graph;
  return {
    ...rest,
    ...(graph.image && { image: warp.size }),
    // If the view cuts off objects, the graph no longer lists all visible objects.
    ...(complete !== undefined && { complete: complete === true && kept.length === graph.objects.length }),
    objects,
    relations: graph.relations.filter(
      ({ subject, object, predicate }) =>
        ids.has(subject) &&
        ids.has(object) &&
        !(turns(resample) && namesDirection(predicate.replaceAll('_', ' '))) &&
        !(resample.op === 'pan' && FRAMES.alongAxis.test(predicate.replaceAll('_', ' '))),
    ),
  };
}
