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
import { decide as review, withVariant, type Decision } from './review.ts';
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

/** The box moves to these pixels of the original, in the convention that the file uses for it. */
export function moveBox(sample: Sample, place: BoxRef, to: Xyxy, size: Size): FieldChange[] {
  const { numbers, format = 'xyxy_px', path } = numbersAt(sample, place);
  return [{ path, value: inFormat(to, format, size, numbers) }];
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

/** Takes a box out; of an object of the graph only its box: it stays an object. */
export function removeBox(sample: Sample, { from, index }: BoxRef): FieldChange[] {
  if (from === 'graph') return [{ path: ['scene_graph', 'objects', index, 'box'], value: undefined }];
  return [{ path: sample.boxes?.length === 1 ? ['boxes'] : ['boxes', index], value: undefined }];
}

/** Names what is in a box: a box of the row becomes, or one of the graph is, an object with this label. */
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
  return sample.scene_graph
    ? [{ path: ['scene_graph', 'objects', objects.length], value: object }]
    : [
        {
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
 * @param at ISO time.
 * @throws where there is nothing to accept.
 */
export function decisionChanges(
  reviewed: ReviewedVariant,
  state: 'accepted' | 'discarded',
  at: string,
  note?: string,
): FieldChange[] {
  const kind = state === 'accepted' ? 'accept' : 'discard';
  return decision(reviewed, { kind, ...(note && { note }) }, at);
}

/** Texts that a person gives the form: the checks run again, and the form counts as edited. */
export function textChanges(reviewed: ReviewedVariant, texts: ReviewedTexts, at: string): FieldChange[] {
  try {
    return decision(reviewed, { kind: 'edit', texts }, at);
  } catch {
    return []; // while it is typed: the texts are not all there
  }
}

function decision({ sample, view, variant }: ReviewedVariant, what: Decision, at: string): FieldChange[] {
  const written = withVariant(sample, view, variant);
  const { variants } = review(written, view, what, { at });
  return [{ path: ['variants', view], value: variants![view] }];
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
