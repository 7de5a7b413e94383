import { FRAMES } from '../../read/words/pictures.ts';
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
import { graphOf } from '../../scene-graph/read.ts';
import type { SceneGraph, SceneObject } from '../../scene-graph/scene-graph.ts';
import { namesDirection } from '../directions.ts';
import { mapPlaces } from '../picture.ts';
import { mapPlace } from '../../read/coordinates.ts';
import { focalOf, type Warp } from './warp.ts';
import { type Refusal, defer, discard } from '../view-variant.ts';
import type { Resample } from '../../view-parts.ts';

/* Where boxes, points, masks, graph and written coordinates are in a picture with new pixels. */

/** Whether a part of the picture is lost. */
export const isCut = (one: Resample): boolean => one.op === 'crop' || turns(one);
/** Whether the sides of a box are no longer parallel to those of the picture. */
export const turns = ({ op }: Resample): boolean => op === 'roll' || op === 'pan' || op === 'slant';

export const middleOf = ([x1, y1, x2, y2]: Xyxy): [number, number] => [(x1 + x2) / 2, (y1 + y2) / 2];

export function placeOf({ box, box_format = 'xyxy_px' }: SceneObject, size: Size): Xyxy | null {
  return box && splitFormat(box_format) ? toPixels(box, box_format, size) : null;
}

export function placesOf({ boxes = [], box_format: format }: Sample, size: Size): Xyxy[] {
  return format && splitFormat(format) ? boxes.map((box) => toPixels(box, format, size)) : [];
}

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

/** Moves boxes, points, masks, graph and the coordinates in the texts. */
export function movedFields(
  sample: Sample,
  one: Resample,
  size: Size,
  warp: Warp,
): Partial<RewrittenFields> | Refusal {
  const { boxes, points, masks, box_format: format, meta } = sample;
  const fields: Partial<RewrittenFields> = {};
  if ((boxes?.length || points?.length) && (!format || !splitFormat(format)))
    return defer('geometry', 'Boxes and points need a declared box_format that crops can move.');
  const words = movedTexts(sample, one, size, warp);
  if ('code' in words) return words;
  Object.assign(fields, words);
  if (boxes?.length && isCut(one)) {
    const places = boxes.map((box) => toPixels(box, format!, size));
    if (!places.every((place) => isInside(place, warp)))
      return discard('cut', 'A box is not wholly in the picture.');
  }
  if (masks && !masks.every(Array.isArray)) return defer('geometry', 'Masks in runs are not resampled.');
  const places = mapPlaces(sample, {
    box: (box, shape) => movedBox(box, shape, size, warp),
    point: (point, shape) => [
      ...movedBox(point.slice(0, 2), `point_${splitFormat(shape)!.unit}`, size, warp),
      ...point.slice(2),
    ],
    mask: (mask) => (mask as number[][]).map((polygon) => movedPolygon(polygon, warp)),
  });
  Object.assign(fields, places.fields);
  if (!boxes?.length) delete fields.boxes;
  // After a roll, a box is no longer one, but its centre is still a place.
  else if (turns(one) && splitFormat(format!)!.shape !== 'point') fields.boxes = [];
  const graph = graphOf(sample);
  if (graph) fields.scene_graph = movedGraph(graph, one, size, warp);
  // A world's focal length is computed from the picture's height, which the view changes, so it is written down.
  if (one.op === 'pan') fields.meta = { ...meta, focal_px: focalOf(sample)! };
  return fields;
}

/** The corners of a box, or a point, in the view, without digits that only the arithmetic adds. */
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
  one: Resample,
  size: Size,
  warp: Warp,
): Partial<RewrittenFields> | Refusal {
  const { box_format: format, choices } = sample;
  if (!format || !splitFormat(format)) return {};
  const moved: Record<string, string> = {};
  const { shape, unit } = splitFormat(format)!;
  for (const [name, { places, source }] of Object.entries(readingOf(sample).sides)) {
    if (places.length === 0) continue;
    if (turns(one) && shape !== 'point')
      return discard('box', 'A box is none any more after the picture is turned.');
    const edits: Edit[] = [];
    for (const place of places) {
      const box = place.numbers.map(({ text }) => Number(text));
      if (isCut(one) && !isInside(toPixels(box, format, size), warp))
        return discard('cut', 'A box is not wholly in the picture.');
      const digits = Math.max(
        ...place.numbers.map(({ text }) => text.split('.')[1]?.length ?? 0),
        unit === 'norm' ? 3 : 0,
      );
      edits.push(
        ...mapPlace(place, () =>
          movedBox(box, format, size, warp).map((v) => String(Number(v.toFixed(digits)))),
        ),
      );
    }
    moved[name] = applyEdits(source, edits);
  }
  const { question, answer, reasoning } = moved;
  return {
    ...(question !== undefined && { question }),
    ...(answer !== undefined && { answer }),
    ...(reasoning !== undefined && { reasoning }),
    ...(choices && { choices: choices.map((choice, i) => moved[`choices[${i}]`] ?? choice) }),
  };
}

function movedGraph(graph: SceneGraph, one: Resample, size: Size, warp: Warp): SceneGraph {
  const kept = graph.objects.filter((o) => {
    const place = placeOf(o, size);
    return !isCut(one) || (place ? isInside(place, warp) : false);
  });
  const objects = kept.map((o): SceneObject => {
    const { box, centroid, ...rest } = o;
    const format = o.box_format ?? 'xyxy_px';
    const place = placeOf(o, size);
    const { unit } = splitFormat(format) ?? { unit: 'px' as const };
    const at = centroid ?? (turns(one) && place ? fromPixels(place, `point_${unit}`, size) : undefined);
    return {
      ...rest,
      ...(box && !turns(one) && { box: movedBox(box, format, size, warp) as Xyxy }),
      ...(at && { centroid: movedBox(at, `point_${unit}`, size, warp) as [number, number] }),
    };
  });
  const ids = new Set(objects.map(({ id }) => id));
  const { complete, ...rest } = graph;
  return {
    ...rest,
    ...(graph.image && { image: warp.size }),
    // If objects were cut off, the graph no longer lists everything that is seen.
    ...(complete !== undefined && { complete: complete === true && kept.length === graph.objects.length }),
    objects,
    relations: graph.relations.filter(
      ({ subject, object, predicate }) =>
        ids.has(subject) &&
        ids.has(object) &&
        !(turns(one) && namesDirection(predicate.replaceAll('_', ' '))) &&
        !(one.op === 'pan' && FRAMES.alongAxis.test(predicate.replaceAll('_', ' '))),
    ),
  };
}
