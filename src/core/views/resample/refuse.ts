import type { Size } from '../../sample/boxes.ts';
import type { Sample } from '../../sample/sample.ts';
import { graphOf } from '../../scene-graph/read.ts';
import type { SceneObject } from '../../scene-graph/scene-graph.ts';
import { namedIn } from './named-things.ts';
import type { Warp } from './warp.ts';
import type { Resample } from '../../view-parts.ts';
import { ALONG_AXIS, isInside, middleOf, placeOf, placesOf, turns } from './move.ts';
import { defer, discard, type Refusal } from '../view-variant.ts';

/*
 * What a row asks or names that a picture with new pixels may no longer show (docs/views.md, new pixels). The camera
 * has not moved, so distances, sizes and depths stay; what is asked about must be entirely in sight, and sides must
 * remain clear.
 */

/** Smallest side in pixels that a named thing may have in the view: in photographs, and in worlds. */
const LEGIBLE = { photo: 16, world: 4 };
/**
 * Smallest distance between the centres of two things, as a share of the picture's side, at which it is clear which is
 * further left.
 */
export const MARGIN = 0.12;

const COLOUR =
  /\b(?:red|green|blue|yellow|orange|purple|violet|pink|brown|black|white|gr[ae]y|cyan|magenta|beige|golden|silver|turquoise|teal|maroon|navy|blond\w*|colou?r\w*)\b/i;
const COLOURED = new RegExp(`${COLOUR.source}[ -][a-z]+`, 'gi');
const ASKS_LIGHT =
  /\b(?:colou?rs?|coloured|colored|bright\w*|dark\w*|light|lit|lights|lighting|lamps?|shad(?:e|es|ow|ows|owed)|sun\w*|day(?:time|light)?|night|morning|evening|noon|time of)\b/i;
const ABOUT_PICTURE =
  /\b(?:landscape|portrait|aspect(?: ratio)?|resolution|pixels?|(?:wide|tall|large|big|size|width|height)\w* (?:is|of) (?:the|this) (?:image|picture|photo))\b/i;
const ABOUT_ANGLE =
  /\b(?:vertical\w*|horizontal\w*|level|tilt\w*|slant\w*|upright|straight|angles?|degrees|lean\w*|slop\w*|parallel|perpendicular|o['’]clock)\b/i;
const FRAME_PART =
  /\b(?:corners?|thirds?|quarters?|quadrants?|edges?|borders?|middle|cent(?:er|re)) (?:of|in) (?:the|this) (?:image|picture|photo)/i;
export const HALF =
  /\bin the (left|right|top|bottom|upper|lower) half of the (?:image|picture|photo|photograph)\b/i;
const ANY_HALF = /\bhalf|halves\b/i;
const COUNT =
  /\b(?:how many|number of|count|any|all|every|each|only|none|other|alone|order|list|from (?:the )?(?:left|right|top|bottom|near|far)\w*)\b/i;
const SUPERLATIVE =
  /\b(?:\w+most|closest|nearest|farthest|furthest|largest|biggest|smallest|tallest|shortest|highest|lowest|widest|thinnest)\b/i;
const SIDE = /\b(?:left|right)/i;
const HEIGHT =
  /\b(?:above|below|higher|lower|highest|lowest|top\w*|bottom\w*|upper\w*|under|over|beneath)\b/i;

/** Words for a middle that may be that of the picture, and measures relative to the picture. */
const PICTURE_MIDDLE =
  /\bin the middle\b(?! of the (?!image|picture|photo))|(?<!\bcent(?:er|re) to )\bcent(?:er|re)s?\b(?! (?:to cent(?:er|re)|of the (?!image|picture|photo))\b)/i;
const PARTS_OF_PICTURE = /% of the (?:width|height)|\b(?:left|right)-\d/i;
/** Questions whose answer names a thing, with or without an article. */
const ASKS_THING =
  /^(?:which|who|what (?:object|thing|item|person|animal|(?:is|are|stands?|lies?|sits?) (?!the\b|this\b|its?\b)))/i;
const BARE_NAME = /^(?!(?:the|an?|this|that)\b)[\p{L}-]{2,}(?: [\p{L}-]+){0,3}\.?$/iu;

const textsOf = ({ question, answer, choices = [], reasoning = '' }: Sample): string =>
  [question, answer, ...choices, reasoning].join('\n');

/** Returns what a row asks that a grey picture, or other light, would take away. */
export function refusedByLight(sample: Sample, op: 'grey' | 'light'): Refusal | null {
  const { question, answer, choices = [] } = sample;
  if (op === 'grey')
    return COLOUR.test(textsOf(sample))
      ? discard('colour', 'A colour names something or answers, and the picture has none.')
      : null;
  // A colour that only identifies a thing stays; one that is asked for may look different.
  const answers = [answer, ...choices].some((text) => COLOUR.test(withoutNames(sample, text)));
  return ASKS_LIGHT.test(question) || answers
    ? discard('light', 'It asks for a colour, for brightness, or for what gives light.')
    : null;
}

/** The texts of a row, with an article before names that answer without one. */
function namesOf({ question, answer, choices = [], reasoning = '' }: Sample): string {
  const named = [answer, ...choices].map((text) =>
    ASKS_THING.test(question) && BARE_NAME.test(text.trim()) ? `the ${text.trim()}` : text,
  );
  return [question, ...named, reasoning].join('\n');
}

/**
 * A text without the colours that only identify things of the question or the graph: that of "the red cube", but not of
 * "red".
 */
function withoutNames(sample: Sample, text: string): string {
  const labels = graphOf(sample)?.objects.map(({ label }) => label) ?? [];
  const named = [sample.question, ...labels].join('\n').toLowerCase();
  return text.replace(COLOURED, (name) => (named.includes(name.toLowerCase()) ? '' : name));
}

/** Returns what a row asks or names that is not, or may not be, clearly visible in a picture with other borders. */
export function refusedByFrame(sample: Sample, one: Resample, size: Size, warp: Warp): Refusal | null {
  const texts = textsOf(sample);
  if (ABOUT_PICTURE.test(texts)) return discard('about_picture', 'It asks about the picture itself.');
  if (one.op === 'pad')
    return size.w !== size.h && (FRAME_PART.test(texts) || PARTS_OF_PICTURE.test(texts))
      ? discard('about_picture', 'The border makes other corners, thirds and edges.')
      : null;
  const graph = graphOf(sample);
  const objects = graph?.objects ?? [];
  if (one.op === 'scale') {
    const least = sample.meta?.world === undefined ? LEGIBLE.photo : LEGIBLE.world;
    const boxes = [
      ...placesOf(sample, size),
      ...objects.map((o) => placeOf(o, size)).filter((box) => box !== null),
    ];
    const small = boxes.some(([x1, y1, x2, y2]) => {
      const [w, h] = warp.to([x2 - x1, y2 - y1]);
      return Math.min(w, h) < least;
    });
    return small ? discard('too_small', `A thing would be less than ${least} pixels wide or high.`) : null;
  }
  if ((one.op === 'roll' || one.op === 'slant') && ABOUT_ANGLE.test(texts))
    return discard('angle', 'It asks about an angle, which is another one then.');
  if (one.op === 'slant' && (SIDE.test(texts) || HEIGHT.test(texts)))
    return discard(
      'direction',
      'A picture held aslant is for questions about things, and not about directions.',
    );
  if (one.op === 'pan' && ALONG_AXIS.test(texts))
    return defer('axis', 'What is in front is told along the axis of the camera, which turns.');
  const speaksOfFrame = [FRAME_PART, PICTURE_MIDDLE, PARTS_OF_PICTURE].some((part) => part.test(texts));
  if (speaksOfFrame || (ANY_HALF.test(texts) && !HALF.test(sample.question)))
    return defer('frame', 'It speaks of a part of the picture, which is another one after the cut.');
  const asksBox = sample.box_format !== undefined && (sample.boxes?.length ?? 0) > 0;
  if (objects.length === 0 && !(asksBox && one.op === 'crop'))
    return defer('no_boxes', 'Without boxes of what is named, it is open whether all of it is in sight.');
  const isWorld = sample.meta?.world !== undefined;
  const named = namedIn(namesOf(sample), objects, isWorld);
  if (objects.length > 0 && named.unknown !== null)
    return defer('no_boxes', `It is open where "${named.unknown}" is.`);
  const out = (o: SceneObject) => {
    const place = placeOf(o, size);
    return !place || !isInside(place, warp);
  };
  if (named.objects.some((o) => !placeOf(o, size)))
    return defer('no_boxes', 'A thing that is named has no box.');
  const cut = named.objects.find(out);
  if (cut) return discard('cut', `${cut.label} is not wholly in the picture.`);
  const counts = COUNT.test(texts) || named.kinds;
  const compares = SUPERLATIVE.test(texts);
  if (counts || compares) {
    if (graph?.complete !== true && !isWorld)
      return defer('incomplete', 'Whether nothing else counts is certain only with scene_graph.complete.');
    if (counts && objects.some(out))
      return discard('cut', 'Something that may count is not wholly in the picture.');
  }
  if (!turns(one)) return null;
  const seen = compares ? objects.filter((o) => !out(o)) : named.objects;
  const plain = [SIDE.test(texts) ? 0 : -1, HEIGHT.test(texts) ? 1 : -1].every(
    (axis) => axis < 0 || staysPlain(seen, axis as 0 | 1, size, warp),
  );
  return plain ? null : discard('margin', 'Its sides are too close to call in the turned picture.');
}

/** Whether any two things keep their order along an axis of the picture, by more than the margin. */
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
