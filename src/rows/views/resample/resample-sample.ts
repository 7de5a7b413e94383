import { FRAMES } from '../../read/words/picture-words.ts';
import type { Size } from '../../sample/boxes.ts';
import { oppositeHead, verdictOf } from '../../read/clause.ts';
import { imageSize } from '../../read/coordinates.ts';
import type { Sample } from '../../sample/sample.ts';
import { graphOf } from '../../scene-graph/read-graph.ts';
import { focalOf, isCut, turns, warpOf, type Warp } from './warp.ts';
import { writeResample, type Resample } from '../../view-parts.ts';
import { isInside, middleOf, movedFields } from './move-fields.ts';
import { placeOf, placesOf } from '../geometry.ts';
import { defer, discard, type Refusal, type Rewritten } from '../view-variant.ts';
import { THING_WORDS } from '../../read/words/lists.ts';
import type { SceneObject } from '../../scene-graph/scene-graph.ts';

/*
 * Rows whose image is cropped, bordered, scaled, rolled, panned, grey, or lighter or darker. The rules are right or
 * deferred, never wrong (docs/views.md, new pixels).
 */

/** Rewrites a row for an image with new pixels. */
export function resampleSample(sample: Sample, resample: Resample): Rewritten | Refusal {
  const isLight = resample.op === 'grey' || resample.op === 'light';
  const made = isLight
    ? (refusedByLight(sample, resample.op) ?? { fields: {} })
    : inOtherFrame(sample, resample);
  return 'fields' in made
    ? { ...made, image_op: writeResample(resample), checks: { boxes_inside: 'pass' } }
    : made;
}

function inOtherFrame(sample: Sample, resample: Resample): Rewritten | Refusal {
  const size = imageSize(sample);
  if (!size)
    return defer('geometry', "The view needs the image's width and height. Add w and h to the image.");
  if (sample.images.length > 1)
    return defer(
      'geometry',
      'The row has several images, and the rules cannot determine which one is meant.',
    );
  const warp = warpOf(resample, size, focalOf(sample));
  if (!warp) return defer('no_focal', 'A pan needs the focal length in pixels (meta.focal_px).');
  const refused = refusedByFrame(sample, resample, size, warp);
  if (refused) return refused;
  const moved = movedFields(sample, resample, size, warp);
  if ('code' in moved) return moved;
  const half = isCut(resample) ? inHalf(sample, warp) : null;
  if (half && 'code' in half) return half;
  return {
    fields: { ...moved, ...half },
    ...((warp.size.w !== size.w || warp.size.h !== size.h) && { size: warp.size }),
    ...(half && { recomputed_from: 'graph' }),
  };
}

/** Recomputes the answer to "Is the dog in the left half of the image?" from the box of the only named object. */
function inHalf(sample: Sample, warp: Warp): { answer: string } | Refusal | null {
  const half = FRAMES.half.exec(sample.question)?.[1]?.toLowerCase();
  if (!half) return null;
  const size = imageSize(sample)!;
  const { objects } = namedIn(sample.question, graphOf(sample)?.objects ?? []);
  const verdict = verdictOf(sample.answer);
  const [only] = objects;
  if (!only || objects.length > 1 || !verdict || verdict.explanation.trim() !== '' || sample.reasoning)
    return defer('frame', 'The text refers to a half of the image, which the crop changes.');
  const axis = /left|right/.test(half) ? 0 : 1;
  const first = /left|top|upper/.test(half);
  const middle = middleOf(placeOf(only, size)!);
  /** Returns whether the object is in this half of the image; null if its centre is near the image's centre. */
  const isThere = ([x, y]: readonly number[], { w, h }: Size): boolean | null => {
    const part = axis === 0 ? x! / w : y! / h;
    return Math.abs(part - 0.5) < MARGIN / 2 ? null : part < 0.5 === first;
  };
  const [before, after] = [isThere(middle, size), isThere(warp.to(middle), warp.size)];
  if (before === null || after === null) return discard('margin', 'The object is too close to the middle.');
  if (before !== verdict.value) return defer('undecided', 'The answer contradicts the box in the graph.');
  return {
    answer:
      before === after ? sample.answer : sample.answer.replace(/\b(?:yes|no|true|false)\b/i, oppositeHead),
  };
}

/*
 * Contents of a row that an image with new pixels might no longer show (docs/views.md, new pixels). The camera has not
 * moved, so distances, sizes and depths are unchanged. Objects in the row's texts must be entirely visible, and sides
 * must remain clear.
 */

/** Minimum side of a named object in the view, in pixels, for photographs and for worlds. */
const LEGIBLE = { photo: 16, world: 4 };
/** Minimum distance between the centres of two objects with a clear order, as a share of the image's side. */
const MARGIN = 0.12;

const COLOURED = new RegExp(`${FRAMES.colour.source}[ -][a-z]+`, 'gi');

const textsOf = ({ question, answer, choices = [], reasoning = '' }: Sample): string =>
  [question, answer, ...choices, reasoning].join('\n');

/** Returns a refusal if a grey image, or a change of light, would remove content of the row. */
function refusedByLight(sample: Sample, op: 'grey' | 'light'): Refusal | null {
  const { question, answer, choices = [] } = sample;
  if (op === 'grey')
    return FRAMES.colour.test(textsOf(sample))
      ? discard('colour', 'The text contains a colour, but the view has no colours.')
      : null;
  // A colour that only identifies an object is unchanged. A colour that the question is about can look different.
  const answers = [answer, ...choices].some((text) => FRAMES.colour.test(withoutNames(sample, text)));
  return FRAMES.asksLight.test(question) || answers
    ? discard('light', 'The question asks about colour, brightness or light.')
    : null;
}

/** Returns the texts of a row, joined. Answers that are names get an article. */
function namesOf({ question, answer, choices = [], reasoning = '' }: Sample): string {
  const named = [answer, ...choices].map((text) =>
    FRAMES.asksThing.test(question) && FRAMES.bareName.test(text.trim()) ? `the ${text.trim()}` : text,
  );
  return [question, ...named, reasoning].join('\n');
}

/**
 * Removes the colours from a text that only identify objects of the question or graph: the colour in "the red cube",
 * but not in "red".
 */
function withoutNames(sample: Sample, text: string): string {
  const labels = graphOf(sample)?.objects.map(({ label }) => label) ?? [];
  const named = [sample.question, ...labels].join('\n').toLowerCase();
  return text.replace(COLOURED, (name) => (named.includes(name.toLowerCase()) ? '' : name));
}

/** Returns a refusal if content of the row might not be clearly visible in an image with changed borders. */
function refusedByFrame(sample: Sample, resample: Resample, size: Size, warp: Warp): Refusal | null {
  const texts = textsOf(sample);
  if (FRAMES.aboutPicture.test(texts))
    return discard('about_picture', 'The question is about the image itself.');
  if (resample.op === 'pad')
    return size.w !== size.h && (FRAMES.framePart.test(texts) || FRAMES.share.test(texts))
      ? discard('about_picture', 'The border changes corners, thirds and edges.')
      : null;
  const graph = graphOf(sample);
  const objects = graph?.objects ?? [];
  if (resample.op === 'scale') {
    const least = sample.meta?.world === undefined ? LEGIBLE.photo : LEGIBLE.world;
    const boxes = [
      ...placesOf(sample, size),
      ...objects.map((o) => placeOf(o, size)).filter((box) => box !== null),
    ];
    const small = boxes.some(([x1, y1, x2, y2]) => {
      const [w, h] = warp.to([x2 - x1, y2 - y1]);
      return Math.min(w, h) < least;
    });
    return small ? discard('too_small', `An object would be narrower or lower than ${least} pixels.`) : null;
  }
  if ((resample.op === 'roll' || resample.op === 'slant') && FRAMES.aboutAngle.test(texts))
    return discard('angle', 'The question asks about an angle, which the view changes.');
  if (resample.op === 'slant' && (FRAMES.side.test(texts) || FRAMES.height.test(texts)))
    return discard('direction', 'A tilted image supports questions about objects, not about directions.');
  if (resample.op === 'pan' && FRAMES.alongAxis.test(texts))
    return defer('axis', '"In front" depends on the direction of the camera, which the view changes.');
  const speaksOfFrame = [FRAMES.framePart, FRAMES.middle, FRAMES.share].some((part) => part.test(texts));
  if (speaksOfFrame || (FRAMES.anyHalf.test(texts) && !FRAMES.half.test(sample.question)))
    return defer('frame', 'The text refers to a part of the image, which the crop changes.');
  const asksBox = sample.box_format !== undefined && (sample.boxes?.length ?? 0) > 0;
  if (objects.length === 0 && !(asksBox && resample.op === 'crop'))
    return defer(
      'no_boxes',
      'The named objects have no boxes, so the rules cannot determine whether they are completely visible.',
    );
  const isWorld = sample.meta?.world !== undefined;
  const named = namedIn(namesOf(sample), objects, isWorld);
  if (objects.length > 0 && named.unknown !== null)
    return defer('no_boxes', `The position of "${named.unknown}" is unknown.`);
  const out = (o: SceneObject) => {
    const place = placeOf(o, size);
    return !place || !isInside(place, warp);
  };
  if (named.objects.some((o) => !placeOf(o, size))) return defer('no_boxes', 'A named object has no box.');
  const cut = named.objects.find(out);
  if (cut) return discard('cut', `${cut.label} is not completely inside the image.`);
  const counts = FRAMES.count.test(texts) || named.kinds;
  const compares = FRAMES.superlative.test(texts);
  if (counts || compares) {
    if (graph?.complete !== true && !isWorld)
      return defer('incomplete', 'Only scene_graph.complete guarantees that no other object counts.');
    if (counts && objects.some(out))
      return discard('cut', 'An object that might count is not completely inside the image.');
  }
  if (!turns(resample)) return null;
  const seen = compares ? objects.filter((o) => !out(o)) : named.objects;
  const plain = [FRAMES.side.test(texts) ? 0 : -1, FRAMES.height.test(texts) ? 1 : -1].every(
    (axis) => axis < 0 || staysPlain(seen, axis as 0 | 1, size, warp),
  );
  return plain
    ? null
    : discard('margin', 'In the rotated image, the objects are too close to compare their sides.');
}

/** Returns whether all pairs of objects keep their order along an axis of the image, by more than the margin. */
function staysPlain(objects: readonly SceneObject[], axis: 0 | 1, size: Size, warp: Warp): boolean {
  const middles = objects.map((o) => middleOf(placeOf(o, size)!));
  const least = MARGIN * (axis === 0 ? warp.size.w : warp.size.h);
  return middles.every((a, i) =>
    middles.slice(i + 1).every((b) => {
      const before = b[axis] - a[axis];
      const after = warp.to(b)[axis] - warp.to(a)[axis];
      return Math.sign(before) === Math.sign(after) && Math.abs(after) > least;
    }),
  );
}

/** Objects of a scene graph that a row names, and whether it names further objects, which must remain visible. */
interface Named {
  objects: SceneObject[];
  /** Name of an object that the graph does not contain; null without such a name. */
  unknown: string | null;
  /** Whether the row refers to a kind of objects ("the cubes", "the leftmost object"), so that each can matter. */
  kinds: boolean;
}

const ARTICLE = /\b(?:the|an?|this|that|these|those|his|her|its|their)\s+/g;
/** Matches a property before an object. The property itself is not an object. */
const OF_THING =
  /\bthe (?:box(?: coordinates)?|coordinates|positions?|locations?|cent(?:er|re)s?|middles?) of |\bbounding box(?:es)?(?: coordinates)?\b/g;
/** Matches a remark about a frame drawn around an object. The drawn frame is visible if the object is visible. */
const MARK =
  /\((?:annotated|highlighted|marked|indicated|shown) (?:by|with|in) (?:an? |the )?\w+ (?:bounding )?box\)/g;

/**
 * Returns the objects that a row names, according to the labels of its graph.
 * @param isWorld whether the graph lists all objects except the ground
 */
function namedIn(texts: string, objects: readonly SceneObject[], isWorld = false): Named {
  let rest = texts.toLowerCase().replace(MARK, '').replace(OF_THING, '· ');
  const labels = [...new Set(objects.map(({ label }) => label.toLowerCase()))].sort(
    (a, b) => b.length - a.length,
  );
  const names = new Set<string>();
  for (const label of labels) {
    const form = new RegExp(`\\b${label.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}(?:e?s)?\\b`, 'gu');
    rest = rest.replace(form, () => {
      names.add(label);
      return '·';
    });
  }
  const heads = new Set(labels.map((label) => label.split(/[\s-]/).at(-1)!));
  const ofKind = (word: string) =>
    THING_WORDS.anyThing.has(word) ||
    heads.has(word) ||
    heads.has(word.replace(/e?s$/, '')) ||
    heads.has(word.replace(/s$/, ''));
  let kinds = false;
  let unknown: string | null = null;
  for (const { index, 0: article } of rest.matchAll(ARTICLE)) {
    const noun = nounAt(rest.slice(index + article.length));
    if (noun === null || THING_WORDS.noThing.has(noun) || (isWorld && THING_WORDS.ground.has(noun))) continue;
    if (ofKind(noun)) kinds = true;
    else unknown ??= noun;
  }
  return { objects: objects.filter(({ label }) => names.has(label.toLowerCase())), unknown, kinds };
}

/** Returns the noun at the start of a text, after its modifiers. Null without a noun, or for a label of the graph. */
function nounAt(text: string): string | null {
  for (const part of text.split(/\s+/)) {
    const [, word, mark] = /^([\p{L}\p{N}·-]*)(.*)$/su.exec(part) as unknown as [string, string, string];
    if (word === '' || word.includes('·') || THING_WORDS.noNoun.has(word)) return null;
    if (!THING_WORDS.beforeNoun.has(word) && !/^\d+$/.test(word)) return word;
    if (mark !== '') return null;
  }
  return null;
}
