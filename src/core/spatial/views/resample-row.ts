import { fromPixels, splitFormat, toPixels, type BoxFormat, type Size, type Xyxy } from '../boxes.ts';
import { applyEdits, type Edit } from '../language/tokens.ts';
import { verdictOf } from '../language/verdict.ts';
import { arity } from '../mirror/coordinates.ts';
import { imageSize, rewriteSample } from '../mirror/rewrite.ts';
import type { RewrittenFields, Sample, ViewVariant } from '../sample.ts';
import { graphOf } from '../scene-graph/read.ts';
import type { SceneGraph, SceneObject } from '../scene-graph/scene-graph.ts';
import { namesDirection } from './directions.ts';
import { warpOf, type Warp } from './resample.ts';
import { writeResample, type Resample } from './resample-id.ts';

/*
 * A row whose picture is cropped, bordered, scaled, rolled, panned, grey, or lighter or darker: right or deferred, never
 * wrong (docs/views.md, new pixels). The camera has not moved, so distances, sizes and depths stay; what is asked has to
 * be in sight, wholly, and sides have to remain plain to see.
 */

/** Smallest side of a named thing in pixels that a picture may leave: of photographs, and of worlds. */
const LEGIBLE = { photo: 16, world: 4 };
/** How far apart the middles of two things have to be, in parts of the picture's side, to say which is further left. */
const MARGIN = 0.12;

const COLOUR =
  /\b(?:red|green|blue|yellow|orange|purple|violet|pink|brown|black|white|gr[ae]y|cyan|magenta|beige|golden|silver|turquoise|teal|maroon|navy|blond\w*|colou?r\w*)\b/i;
const ASKS_LIGHT =
  /\b(?:colou?rs?|coloured|colored|bright\w*|dark\w*|light|lit|lights|lighting|lamps?|shad(?:e|es|ow|ows|owed)|sun\w*|day(?:time|light)?|night|morning|evening|noon|time of)\b/i;
const ABOUT_PICTURE =
  /\b(?:landscape|portrait|aspect(?: ratio)?|resolution|pixels?|(?:wide|tall|large|big|size|width|height)\w* (?:is|of) (?:the|this) (?:image|picture|photo))\b/i;
const ABOUT_ANGLE =
  /\b(?:vertical\w*|horizontal\w*|level|tilt\w*|slant\w*|upright|straight|angles?|degrees|lean\w*|slop\w*|parallel|perpendicular|o['’]clock)\b/i;
const FRAME_PART =
  /\b(?:corners?|thirds?|quarters?|quadrants?|edges?|borders?|middle|cent(?:er|re)) (?:of|in) (?:the|this) (?:image|picture|photo)/i;
const HALF = /\bin the (left|right|top|bottom|upper|lower) half of the (?:image|picture|photo|photograph)\b/i;
const ANY_HALF = /\bhalf|halves\b/i;
const COUNT =
  /\b(?:how many|number of|count|any|all|every|each|only|none|other|alone|order|list|from (?:the )?(?:left|right|top|bottom|near|far)\w*)\b/i;
const SUPERLATIVE =
  /\b(?:\w+most|closest|nearest|farthest|furthest|largest|biggest|smallest|tallest|shortest|highest|lowest|widest|thinnest)\b/i;
const SIDE = /\b(?:left|right)/i;
const HEIGHT =
  /\b(?:above|below|higher|lower|highest|lowest|top\w*|bottom\w*|upper\w*|under|over|beneath)\b/i;

/** Words after an article that name no thing which a box could show. */
const NO_THING = new Set(
  [
    'left right top bottom upper lower leftmost rightmost topmost bottommost half side front back way',
    'camera viewer observer photographer image picture photo photograph view scene point perspective',
    'distance depth size height width number answer same two three four five both first second third one ones',
    'closest nearest farthest furthest largest smallest biggest tallest shortest highest lowest most',
    'closer nearer farther further larger smaller bigger taller shorter higher other',
  ].flatMap((words) => words.split(' ')),
);

/** What is said of a thing that is named after it. */
const OF_THING = /\bthe (?:(?:bounding )?box|coordinates|position|location|cent(?:er|re)|middle) of /g;

interface Refusal {
  status: 'needs_llm' | 'discard';
  code: string;
  reason: string;
}

const discard = (code: string, reason: string): Refusal => ({ status: 'discard', code, reason });
const defer = (code: string, reason: string): Refusal => ({ status: 'needs_llm', code, reason });

/** Rewrites a row for a picture with new pixels. */
export function resampleSample(sample: Sample, one: Resample): ViewVariant {
  const { question, answer } = sample;
  const made =
    one.op === 'grey' || one.op === 'light' ? inOtherLight(sample, one.op) : inOtherFrame(sample, one);
  const head = { question, answer, route: 'rules' as const, rules: [], image_op: writeResample(one) };
  if ('code' in made) return { ...head, ...made, checks: {}, image_op: 'none' };
  const { fields, size, recomputed } = made;
  const words = fields.question ?? question;
  const said = fields.answer ?? answer;
  return {
    ...head,
    ...fields,
    status: words === question && said === answer ? 'invariant' : 'flipped',
    checks: { boxes_inside: 'pass' },
    effect: said === answer ? 'stays' : 'changes',
    ...(size && { size }),
    ...(recomputed && { recomputed_from: 'graph' as const }),
  };
}

interface Made {
  fields: Partial<RewrittenFields>;
  size?: Size;
  /** Whether the answer was found again from the boxes of the graph. */
  recomputed?: boolean;
}

const textsOf = ({ question, answer, choices = [], reasoning = '' }: Sample): string =>
  [question, answer, ...choices, reasoning].join('\n');

function inOtherLight(sample: Sample, op: 'grey' | 'light'): Made | Refusal {
  const { question, answer, choices = [] } = sample;
  if (op === 'grey')
    return COLOUR.test(textsOf(sample))
      ? discard('colour', 'A colour names something or answers, and the picture has none.')
      : { fields: {} };
  // A colour that only names a thing stays; one that is asked for may look different.
  const answers = [answer, ...choices].some((text) => COLOUR.test(text) && !namesThing(question, text));
  return ASKS_LIGHT.test(question) || answers
    ? discard('light', 'It asks for a colour, for brightness, or for what gives light.')
    : { fields: {} };
}

/** Whether the question names the thing that an answer says: "the red cube or the blue ball?". */
const namesThing = (question: string, text: string): boolean =>
  /\s/.test(text.trim()) && question.toLowerCase().includes(text.trim().toLowerCase());

function inOtherFrame(sample: Sample, one: Resample): Made | Refusal {
  const size = imageSize(sample);
  if (!size) return defer('geometry', "The view needs the picture's width and height.");
  if (sample.images.length > 1) return defer('geometry', 'Several images: it is open which one is meant.');
  const focal = sample.meta?.focal_px;
  const warp = warpOf(one, size, typeof focal === 'number' && focal > 0 ? focal : undefined);
  if (!warp) return defer('no_focal', 'A pan needs the focal length in pixels (meta.focal_px).');
  const texts = textsOf(sample);
  if (ABOUT_PICTURE.test(texts)) return discard('about_picture', 'It asks about the picture itself.');
  const refused = refusalOf(sample, one, size, warp);
  if (refused) return refused;
  const moved = movedFields(sample, one, size, warp);
  if ('code' in moved) return moved;
  const half = isCut(one) ? inHalf(sample, warp) : null;
  if (half && 'code' in half) return half;
  return {
    fields: { ...moved, ...half },
    ...((warp.size.w !== size.w || warp.size.h !== size.h) && { size: warp.size }),
    ...(half && { recomputed: true }),
  };
}

/** Whether a part of the picture is lost. */
const isCut = ({ op }: Resample): boolean => op === 'crop' || op === 'roll' || op === 'pan';
const turns = ({ op }: Resample): boolean => op === 'roll' || op === 'pan';

function refusalOf(sample: Sample, one: Resample, size: Size, warp: Warp): Refusal | null {
  const texts = textsOf(sample);
  if (one.op === 'pad')
    return FRAME_PART.test(texts)
      ? discard('about_picture', 'The border makes other corners, thirds and edges.')
      : null;
  const graph = sample.scene_graph && graphOf(sample);
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
  if (one.op === 'roll' && ABOUT_ANGLE.test(texts))
    return discard('angle', 'It asks about an angle, which the roll changes.');
  if (FRAME_PART.test(texts) || (ANY_HALF.test(texts) && !HALF.test(sample.question)))
    return defer('frame', 'It speaks of a part of the picture, which is another one after the cut.');
  const asksBox = sample.box_format !== undefined && (sample.boxes?.length ?? 0) > 0;
  if (objects.length === 0 && !(asksBox && one.op === 'crop'))
    return defer('no_boxes', 'Without boxes of what is named, it is open whether all of it is in sight.');
  const named = namedIn(texts, objects);
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
  const counts = COUNT.test(texts);
  const compares = SUPERLATIVE.test(texts);
  if (counts || compares) {
    if (graph?.complete !== true && sample.meta?.world === undefined)
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

/** Whether of any two things the order along an axis of the picture stays, by more than the margin. */
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

const middleOf = ([x1, y1, x2, y2]: Xyxy): [number, number] => [(x1 + x2) / 2, (y1 + y2) / 2];

function placeOf({ box, box_format = 'xyxy_px' }: SceneObject, size: Size): Xyxy | null {
  return box && splitFormat(box_format) ? toPixels(box, box_format, size) : null;
}

function placesOf({ boxes = [], box_format: format }: Sample, size: Size): Xyxy[] {
  return format && splitFormat(format) ? boxes.map((box) => toPixels(box, format, size)) : [];
}

const corners = ([x1, y1, x2, y2]: Xyxy): [number, number][] => [
  [x1, y1],
  [x2, y1],
  [x2, y2],
  [x1, y2],
];

const isInside = (place: Xyxy, { size, to }: Warp): boolean =>
  corners(place).every((corner) => {
    const [x, y] = to(corner);
    return x >= 0 && y >= 0 && x <= size.w && y <= size.h;
  });

/** The objects that a row names by their labels, and a thing that it names and the graph does not; null: none. */
function namedIn(
  texts: string,
  objects: readonly SceneObject[],
): { objects: SceneObject[]; unknown: string | null } {
  let rest = texts.toLowerCase().replace(OF_THING, '· ');
  const labels = [...new Set(objects.map(({ label }) => label.toLowerCase()))].sort(
    (a, b) => b.length - a.length,
  );
  const found = new Set<string>();
  for (const label of labels) {
    const form = new RegExp(`\\b${label.replace(/[^\p{L}\p{N} ]/gu, '\\$&')}(?:e?s)?\\b`, 'gu');
    rest = rest.replace(form, () => {
      found.add(label);
      return '·';
    });
  }
  const unknown = [
    ...rest.matchAll(/\b(?:the|an?|this|that|these|those|his|her|its|their)\s+([\p{L}-]+)/gu),
  ].find(([, word]) => !NO_THING.has(word!));
  return {
    objects: objects.filter(({ label }) => found.has(label.toLowerCase())),
    unknown: unknown?.[1] ?? null,
  };
}

/** "Is the dog in the left half of the image?", answered again by the box of the one thing that is named. */
function inHalf(sample: Sample, warp: Warp): { answer: string } | Refusal | null {
  const half = HALF.exec(sample.question)?.[1]?.toLowerCase();
  if (!half) return null;
  const size = imageSize(sample)!;
  const { objects } = namedIn(sample.question, graphOf(sample)?.objects ?? []);
  const said = verdictOf(sample.answer);
  const [only] = objects;
  if (!only || objects.length > 1 || !said || said.explanation.trim() !== '' || sample.reasoning)
    return defer('frame', 'It speaks of a half of the picture, which is another one after the cut.');
  const axis = /left|right/.test(half) ? 0 : 1;
  const first = /left|top|upper/.test(half);
  const middle = middleOf(placeOf(only, size)!);
  /** Yes or no; null where the middle of the thing is near that of the picture. */
  const isThere = ([x, y]: readonly number[], { w, h }: Size): boolean | null => {
    const part = axis === 0 ? x! / w : y! / h;
    return Math.abs(part - 0.5) < MARGIN / 2 ? null : part < 0.5 === first;
  };
  const [before, after] = [isThere(middle, size), isThere(warp.to(middle), warp.size)];
  if (before === null || after === null) return discard('margin', 'It is too close to the middle.');
  if (before !== said.value) return defer('undecided', 'The answer is not what the box in the graph says.');
  return {
    answer: before === after ? sample.answer : sample.answer.replace(/\b(?:yes|no|true|false)\b/i, opposite),
  };
}

const OPPOSITE: Record<string, string> = { yes: 'no', no: 'yes', true: 'false', false: 'true' };
const opposite = (word: string): string => {
  const other = OPPOSITE[word.toLowerCase()]!;
  return /^[A-Z]/.test(word) ? other[0]!.toUpperCase() + other.slice(1) : other;
};

/** Boxes, points, masks, graph and the coordinates in the texts. */
function movedFields(
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
  if (boxes?.length) {
    const isPoint = splitFormat(format!)!.shape === 'point';
    const places = boxes.map((box) => toPixels(box, format!, size));
    if (isCut(one) && !places.every((place) => isInside(place, warp)))
      return discard('cut', 'A box is not wholly in the picture.');
    // A box is none any more after a roll; its middle is still a place.
    fields.boxes = turns(one) && !isPoint ? [] : boxes.map((box) => movedBox(box, format!, size, warp));
  }
  if (points)
    fields.points = points.map((point) => [
      ...movedBox(point.slice(0, 2), `point_${splitFormat(format!)!.unit}`, size, warp),
      ...point.slice(2),
    ]);
  if (masks) {
    if (!masks.every(Array.isArray)) return defer('geometry', 'Masks in runs are not resampled.');
    fields.masks = masks.map((mask) =>
      (mask as number[][]).map((polygon) =>
        Array.from({ length: polygon.length / 2 }, (_, i) =>
          warp.to([polygon[2 * i]!, polygon[2 * i + 1]!]),
        ).flat(),
      ),
    );
  }
  const graph = sample.scene_graph && graphOf(sample);
  if (graph) fields.scene_graph = movedGraph(graph, one, size, warp);
  if (meta && one.op === 'scale' && typeof meta.focal_px === 'number')
    fields.meta = { ...meta, focal_px: meta.focal_px * one.by };
  return fields;
}

/** The corners of a box, or a point, in the view; decimals that only the arithmetic made are dropped. */
function movedBox(box: readonly number[], format: BoxFormat, size: Size, warp: Warp): number[] {
  const [x1, y1, x2, y2] = toPixels(box, format, size);
  const [a, b] = [warp.to([x1, y1]), warp.to([x2, y2])];
  const { unit } = splitFormat(format)!;
  const step = unit === 'norm' ? 1e-6 : 1e-3;
  return fromPixels([...a, ...b] as Xyxy, format, warp.size).map((v) =>
    Number((Math.round(v / step) * step).toFixed(6)),
  );
}

function movedTexts(
  sample: Sample,
  one: Resample,
  size: Size,
  warp: Warp,
): Partial<RewrittenFields> | Refusal {
  const { box_format: format, choices } = sample;
  if (!format || !splitFormat(format)) return {};
  const { texts } = rewriteSample(sample);
  const moved: Record<string, string> = {};
  for (const [name, { changes, kept }] of Object.entries(texts)) {
    const numbers = [...changes, ...kept]
      .filter(({ rule }) => rule === 'coordinates')
      .sort((a, b) => a.start - b.start);
    if (numbers.length === 0) continue;
    const { shape, unit } = splitFormat(format)!;
    if (turns(one) && shape !== 'point')
      return discard('box', 'A box is none any more after the picture is turned.');
    const n = arity(format, numbers.length);
    const edits: Edit[] = [];
    for (let i = 0; i < numbers.length; i += n) {
      const entry = numbers.slice(i, i + n);
      if (entry.length !== n) return defer('geometry', 'The coordinates in the text are not complete.');
      const box = entry.map(({ from }) => Number(from));
      if (isCut(one) && !isInside(toPixels(box, format, size), warp))
        return discard('cut', 'A box is not wholly in the picture.');
      const digits = Math.max(
        ...entry.map(({ from }) => from.split('.')[1]?.length ?? 0),
        unit === 'norm' ? 3 : 0,
      );
      movedBox(box, format, size, warp).forEach((v, k) =>
        edits.push({ ...entry[k]!, to: String(Number(v.toFixed(digits))) }),
      );
    }
    const index = /^choices\[(\d+)\]$/.exec(name)?.[1];
    const text =
      index === undefined ? (sample[name as 'question' | 'answer'] as string) : choices![Number(index)]!;
    moved[name] = applyEdits(text, edits);
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
    // Where something is cut, the graph does not list everything that is seen.
    ...(complete !== undefined && { complete: complete === true && kept.length === graph.objects.length }),
    objects,
    relations: graph.relations.filter(
      ({ subject, object, predicate }) =>
        ids.has(subject) &&
        ids.has(object) &&
        !(turns(one) && namesDirection(predicate.replaceAll('_', ' '))),
    ),
  };
}
