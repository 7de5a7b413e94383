import type { FieldChange } from './edit-json.ts';
import {
  clampToImage,
  fromPixels,
  splitFormat,
  toPixels,
  type BoxFormat,
  type Size,
  type Xyxy,
} from '../spatial/boxes.ts';
import type { ReviewedTexts } from './decisions.ts';
import { conflictsOf, type RowConflict } from './merge-rows.ts';
import { decide, withVariant, type Decision, type Reviewer } from './review.ts';
import type { Sample, Variant } from '../spatial/sample.ts';
import type { SceneObject } from '../spatial/scene-graph/scene-graph.ts';
import type { VariantName } from '../spatial/views/list.ts';

/** A box of a sample: one of its `boxes`, or that of an object of its graph. */
export interface BoxRef {
  from: 'boxes' | 'graph';
  index: number;
}

/** In pixels of the original; null where there is none, or its numbers are no box. */
export function boxAt(sample: Sample, place: BoxRef, size: Size): Xyxy | null {
  const { numbers, format } = numbersAt(sample, place);
  if (!numbers || !format || !splitFormat(format)) return null;
  try {
    return toPixels(numbers, format, size);
  } catch {
    return null;
  }
}

/** The boxes that can be changed: those of the objects of the graph, and of the row; an object's twin is not another one. */
export function boxRefs(sample: Sample, graph: boolean): BoxRef[] {
  const objects = graph && Array.isArray(sample.scene_graph?.objects) ? sample.scene_graph.objects : [];
  const named = objects.flatMap(({ box }, index) => (box ? [{ from: 'graph' as const, index }] : []));
  const twins = named.flatMap((place) => twinsOf(sample, place).map(({ index }) => index));
  return [
    ...named,
    ...(sample.boxes ?? []).flatMap((_, index) =>
      twins.includes(index) ? [] : [{ from: 'boxes' as const, index }],
    ),
  ];
}

/** Sides do not depend on the size of the picture, as long as all boxes are compared in one. */
const UNIT: Size = { w: 1000, h: 1000 };

/** Boxes of the row that stand where an object's does: one thing, written down twice. */
function twinsOf(sample: Sample, place: BoxRef, size: Size = UNIT): BoxRef[] {
  const box = place.from === 'graph' ? boxAt(sample, place, size) : null;
  if (!box) return [];
  return (sample.boxes ?? []).flatMap((_, index) => {
    const twin: BoxRef = { from: 'boxes', index };
    return boxAt(sample, twin, size)?.every((n, i) => Math.abs(n - box[i]!) <= 0.5) ? [twin] : [];
  });
}

/** The box moves to these pixels of the original, in the convention that the file uses for it; its twins with it. */
export function moveBox(sample: Sample, place: BoxRef, to: Xyxy, size: Size): FieldChange[] {
  return [place, ...twinsOf(sample, place, size)].map((one) => {
    const { numbers, format = 'xyxy_px', path } = numbersAt(sample, one);
    return { path, value: inFormat(to, format, size, numbers) };
  });
}

/** Why a box cannot have these corners; null where it can. */
export function wrongBox([x1, y1, x2, y2]: Xyxy, { w, h }: Size): string | null {
  if (![x1, y1, x2, y2].every(Number.isFinite)) return 'Give a number of pixels.';
  if (x1 >= x2) return `The left edge (${x1}) must lie left of the right one (${x2}).`;
  if (y1 >= y2) return `The top (${y1}) must lie above the bottom (${y2}).`;
  const outside = x1 < 0 || y1 < 0 || x2 > w || y2 > h;
  return outside ? `The picture is ${w} × ${h}: the box must lie inside it.` : null;
}

/** A new box at the end of `boxes`. A row without a convention gets pixels, corner to corner. */
export function addBox(sample: Sample, box: Xyxy, size: Size): FieldChange[] {
  const { boxes, box_format: format } = sample;
  const numbers = inFormat(box, format ?? 'xyxy_px', size, boxes?.[0]);
  return [
    ...(format ? [] : [{ path: ['box_format'], value: 'xyxy_px' }]),
    boxes ? { path: ['boxes', boxes.length], value: numbers } : { path: ['boxes'], value: [numbers] },
  ];
}

/** Takes a box out, with its twins; of an object of the graph only its box: it stays an object. */
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

/** Words that speak of a row's boxes by their numbers: taking one out would make others of them. */
const BY_NUMBER = /\b(?:bounding )?(?:box|boxes|region|regions|mask|masks|bbox)\b/i;

/**
 * Names what is in a box: one of the graph is, and one of the row becomes, an object with this label. Its box leaves the
 * row's list, unless texts or masks count on that.
 */
export function labelBox(sample: Sample, place: BoxRef, label: string, size: Size): FieldChange[] {
  if (place.from === 'graph')
    return [{ path: ['scene_graph', 'objects', place.index, 'label'], value: label }];
  const box = boxAt(sample, place, size);
  if (!box) return [];
  const objects = sample.scene_graph?.objects ?? [];
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
    sample.scene_graph
      ? { path: ['scene_graph', 'objects', objects.length], value: object }
      : {
          path: ['scene_graph'],
          value: { version: 1, image: size, objects: [object], relations: [], source: 'user' },
        },
  ];
}

/** `subject predicate object`, as the viewer of the picture sees it. */
export function addRelation(
  sample: Sample,
  subject: string,
  predicate: string,
  object: string,
): FieldChange[] {
  const relation = { subject, predicate, object, frame: 'viewer' };
  return [{ path: ['scene_graph', 'relations', sample.scene_graph?.relations.length ?? 0], value: relation }];
}

export const removeRelation = (index: number): FieldChange[] => [
  { path: ['scene_graph', 'relations', index], value: undefined },
];

/** A row's form under review: as it stands in the file, or as the rules made it just now. */
export interface ReviewedVariant {
  sample: Sample;
  view: VariantName;
  variant: Variant;
}

/**
 * A person's word on a form. One that the rules made just now is written into the row with it.
 * @throws where there is nothing to accept, or to settle.
 */
export function decisionChanges(
  { sample, view, variant }: ReviewedVariant,
  decision: Decision,
  who: Reviewer,
): FieldChange[] {
  const { variants } = decide(withVariant(sample, view, variant), view, decision, who);
  return [{ path: ['variants', view], value: variants![view] }];
}

/** Where merged files differ in a field: one of their values counts from now on. */
export function settleChanges(sample: Sample, { path }: RowConflict, value: unknown): FieldChange[] {
  const left = conflictsOf(sample).filter((one) => one.path.join('\0') !== path.join('\0'));
  return [
    { path, value },
    { path: ['conflicts'], value: left.length > 0 ? left : undefined },
  ];
}

/** Texts that a person gives the form: the checks run again, and the form counts as edited. */
export function textChanges(reviewed: ReviewedVariant, texts: ReviewedTexts, who: Reviewer): FieldChange[] {
  try {
    return decisionChanges(reviewed, { kind: 'edit', texts }, who);
  } catch {
    return []; // while it is typed: the texts are not all there
  }
}

function numbersAt(sample: Sample, { from, index }: BoxRef) {
  if (from === 'boxes') {
    return { numbers: sample.boxes?.[index], format: sample.box_format, path: ['boxes', index] };
  }
  const object = sample.scene_graph?.objects[index];
  const format: BoxFormat = object?.box_format ?? 'xyxy_px';
  return { numbers: object?.box, format, path: ['scene_graph', 'objects', index, 'box'] };
}

/** Rounded as the file's other boxes are: a person's hand is not more exact than a pixel. */
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
