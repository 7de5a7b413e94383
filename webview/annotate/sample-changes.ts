import type { FieldChange } from '../../src/core/annotation/edit-json.ts';
import {
  clampToImage,
  fromPixels,
  splitFormat,
  toPixels,
  type BoxFormat,
  type Size,
  type Xyxy,
} from '../../src/rows/sample/boxes.ts';
import type { ReviewedTexts } from '../../src/core/annotation/decisions.ts';
import { conflictsOf, type RowConflict } from '../../src/core/annotation/merge-rows.ts';
import { decide, withVariant, type Decision, type Reviewer } from '../../src/core/annotation/review.ts';
import { declaredSize, type Sample, type Variant } from '../../src/rows/sample/sample.ts';
import { graphOf } from '../../src/rows/scene-graph/read-graph.ts';
import type { SceneObject } from '../../src/rows/scene-graph/scene-graph.ts';
import type { VariantName } from '../../src/rows/view-list.ts';

/** Box of a row: an entry of `boxes`, or the box of an object in its scene graph. */
export interface BoxRef {
  from: 'boxes' | 'graph';
  index: number;
}

/** Returns a box in pixels of the original; null if the box is missing or its numbers are invalid. */
export function boxAt(sample: Sample, place: BoxRef, size: Size): Xyxy | null {
  const { numbers, format } = numbersAt(sample, place);
  if (!numbers || !format || !splitFormat(format)) return null;
  try {
    return toPixels(numbers, format, size);
  } catch {
    return null;
  }
}

/** Returns the boxes that the user can change: boxes of graph objects, and the remaining entries of `boxes`. */
export function boxRefs(sample: Sample, graph: boolean): BoxRef[] {
  const named = (graph ? objectsOf(sample) : []).flatMap(({ box }, index) =>
    Array.isArray(box) ? [{ from: 'graph' as const, index }] : [],
  );
  const twins = named.flatMap((place) => twinsOf(sample, place).map(({ index }) => index));
  return [
    ...named,
    ...(sample.boxes ?? []).flatMap((_, index) =>
      twins.includes(index) ? [] : [{ from: 'boxes' as const, index }],
    ),
  ];
}

/** Arbitrary image size, for comparisons of boxes with each other. */
export const UNIT: Size = { w: 1000, h: 1000 };

/** Returns the entries of `boxes` that repeat the box of a graph object. */
function twinsOf(sample: Sample, place: BoxRef, size: Size = UNIT): BoxRef[] {
  const box = place.from === 'graph' ? boxAt(sample, place, size) : null;
  if (!box) return [];
  return (sample.boxes ?? []).flatMap((_, index) => {
    const twin: BoxRef = { from: 'boxes', index };
    return boxAt(sample, twin, size)?.every((n, i) => Math.abs(n - box[i]!) <= 0.5) ? [twin] : [];
  });
}

/** Moves a box, and its duplicates, to a position in pixels of the original. Preserves the file's box format. */
export function moveBox(sample: Sample, place: BoxRef, to: Xyxy, size: Size): FieldChange[] {
  return [place, ...twinsOf(sample, place, size)].map((boxRef) => {
    const { numbers, format = 'xyxy_px', path } = numbersAt(sample, boxRef);
    return { path, value: inFormat(to, format, size, numbers) };
  });
}

/** Returns the reason why a box cannot have these corners; null for valid corners. */
export function wrongBox([x1, y1, x2, y2]: Xyxy, { w, h }: Size): string | null {
  if (![x1, y1, x2, y2].every(Number.isFinite)) return 'Enter a number of pixels.';
  if (x1 >= x2) return `The left edge (${x1}) must be less than the right edge (${x2}).`;
  if (y1 >= y2) return `The top edge (${y1}) must be less than the bottom edge (${y2}).`;
  const outside = x1 < 0 || y1 < 0 || x2 > w || y2 > h;
  return outside ? `The box must be within the image (${w} × ${h} pixels).` : null;
}

/**
 * Adds a box at the end of `boxes`. A row without a box format gets `xyxy_px`. Pixels also require the image's size, so
 * this function stores the size in the first image.
 */
export function addBox(sample: Sample, box: Xyxy, size: Size): FieldChange[] {
  const { boxes, box_format: format = 'xyxy_px', images, scene_graph: graph } = sample;
  const numbers = inFormat(box, format, size, boxes?.[0]);
  const [picture] = images;
  const unsized =
    format.endsWith('px') && picture !== undefined && !declaredSize(picture) && !declaredSize(graph?.image);
  return [
    ...(unsized
      ? [
          {
            path: ['images'],
            value: [
              { ...(typeof picture === 'string' ? { path: picture } : picture), ...size },
              ...images.slice(1),
            ],
          },
        ]
      : []),
    ...(sample.box_format ? [] : [{ path: ['box_format'], value: format }]),
    boxes ? { path: ['boxes', boxes.length], value: numbers } : { path: ['boxes'], value: [numbers] },
  ];
}

/** Removes a box and its duplicates in `boxes`. A graph object loses only its box. */
export function removeBox(sample: Sample, place: BoxRef): FieldChange[] {
  const { from, index } = place;
  const twins = twinsOf(sample, place).map((twin) => twin.index);
  const gone = from === 'boxes' ? [index] : twins;
  return [
    ...(from === 'graph' ? [{ path: ['scene_graph', 'objects', index, 'box'], value: undefined }] : []),
    ...(gone.length > 0 && gone.length === sample.boxes?.length
      ? [{ path: ['boxes'], value: undefined }]
      : gone.toReversed().map((i) => ({ path: ['boxes', i], value: undefined }))),
  ];
}

/** Matches words that can refer to boxes by number. Removing a box would change the meaning of such texts. */
const BY_NUMBER = /\b(?:bounding )?(?:box|boxes|region|regions|mask|masks|bbox)\b/i;

/**
 * Sets the label of a box's content. The label of a graph object changes. A box in `boxes` becomes an object with the
 * label, and is removed from `boxes` unless texts or masks depend on its number.
 */
export function labelBox(sample: Sample, place: BoxRef, label: string, size: Size): FieldChange[] {
  if (place.from === 'graph')
    return [{ path: ['scene_graph', 'objects', place.index, 'label'], value: label }];
  const box = boxAt(sample, place, size);
  if (!box) return [];
  const graph = graphOf(sample);
  const objects = graph?.objects ?? [];
  const object: SceneObject = {
    id: freeId(label, objects),
    label,
    box: rounded(box, 1) as Xyxy,
    box_format: 'xyxy_px',
  };
  const texts = [sample.question, sample.answer, sample.reasoning ?? '', ...(sample.choices ?? [])];
  const counted = sample.masks !== undefined || texts.some((text) => BY_NUMBER.test(text));
  return [
    ...(counted ? [] : removeBox(sample, place)),
    graph && graph === sample.scene_graph
      ? { path: ['scene_graph', 'objects', objects.length], value: object }
      : {
          path: ['scene_graph'],
          value: {
            ...(graph ?? { version: 1, image: size, relations: [], source: 'user' }),
            objects: [...objects, object],
          },
        },
  ];
}

/** Adds the relation `subject predicate object`, from the viewer's point of view. */
export function addRelation(
  sample: Sample,
  subject: string,
  predicate: string,
  object: string,
): FieldChange[] {
  const relation = { subject, predicate, object, frame: 'viewer' };
  const graph = graphOf(sample);
  const relations = graph?.relations ?? [];
  return [
    graph === sample.scene_graph
      ? { path: ['scene_graph', 'relations', relations.length], value: relation }
      : { path: ['scene_graph'], value: { ...graph, relations: [...relations, relation] } },
  ];
}

export const removeRelation = (index: number): FieldChange[] => [
  { path: ['scene_graph', 'relations', index], value: undefined },
];

/** Variant under review, either stored in the file or made by the rules for display. */
export interface ReviewedVariant {
  sample: Sample;
  view: VariantName;
  variant: Variant;
}

/**
 * Records a reviewer's decision on a variant. If the rules made the variant for display, writes it into the row with
 * the decision. @throws if there is no variant to accept or to decide on
 */
export function decisionChanges(
  { sample, view, variant }: ReviewedVariant,
  decision: Decision,
  who: Reviewer,
): FieldChange[] {
  const { variants } = decide(withVariant(sample, view, variant), view, decision, who);
  return [{ path: ['variants', view], value: variants![view] }];
}

/** Settles a conflict between merged files by choosing one of the conflicting values. */
export function settleChanges(sample: Sample, { path }: RowConflict, value: unknown): FieldChange[] {
  const left = conflictsOf(sample).filter((conflict) => conflict.path.join('\0') !== path.join('\0'));
  return [
    { path, value },
    { path: ['conflicts'], value: left.length > 0 ? left : undefined },
  ];
}

/** Applies a reviewer's texts to a variant. The checks run again, and the variant counts as edited. */
export function textChanges(reviewed: ReviewedVariant, texts: ReviewedTexts, who: Reviewer): FieldChange[] {
  try {
    return decisionChanges(reviewed, { kind: 'edit', texts }, who);
  } catch {
    return []; // While the user types, a text can be empty.
  }
}

/** Returns the objects of a graph in the order of the row's JSON text, because object indices refer to that order. */
const objectsOf = ({ scene_graph: graph }: Sample): SceneObject[] =>
  Array.isArray(graph?.objects) ? graph.objects : [];

function numbersAt(sample: Sample, { from, index }: BoxRef) {
  if (from === 'boxes') {
    return { numbers: sample.boxes?.[index], format: sample.box_format, path: ['boxes', index] };
  }
  const object = objectsOf(sample)[index];
  const format: BoxFormat = object?.box_format ?? 'xyxy_px';
  return { numbers: object?.box, format, path: ['scene_graph', 'objects', index, 'box'] };
}

/** Converts a box to the file's format. Rounds the numbers like other boxes: a box drawn by hand is not more exact. */
function inFormat(box: Xyxy, format: BoxFormat, size: Size, like: readonly number[] | undefined): number[] {
  const unit = splitFormat(format)?.unit ?? 'px';
  const step = unit === 'norm' ? 1e-4 : like?.some((n) => !Number.isInteger(n)) ? 0.1 : 1;
  return rounded(fromPixels(clampToImage(box, size), format, size), step);
}

const rounded = (numbers: readonly number[], step: number): number[] =>
  numbers.map((n) => Number((Math.round(n / step) * step).toFixed(4)));

function freeId(label: string, objects: readonly SceneObject[]): string {
  const base = label.trim().toLowerCase().replace(/\s+/g, '_') || 'object';
  const taken = new Set(objects.map(({ id }) => id));
  for (let n = 1; ; n++) {
    const id = n === 1 ? base : `${base}_${n}`;
    if (!taken.has(id)) return id;
  }
}

/** Limits a box to the image. At the image's edge, a box that moves as a whole keeps its size. */
export function inside(box: Xyxy, whole: boolean, { w, h }: Size): Xyxy {
  if (!whole) return box;
  const dx = Math.max(-box[0], 0) - Math.max(box[2] - w, 0);
  const dy = Math.max(-box[1], 0) - Math.max(box[3] - h, 0);
  return [box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy];
}
