import { failedCheck } from '../../base/labels.ts';
import { coordinateSize, imageSize, turnPlace } from '../read/coordinates.ts';
import { loneSide } from '../read/asked.ts';
import { readingOf, type Axes } from '../read/reading.ts';
import { applyEdits, Text } from '../read/tokens.ts';
import { verdictOf } from '../read/clause.ts';
import { SIGNS } from '../read/words/picture-words.ts';
import { FUNCTION_WORDS } from '../read/words/lists.ts';
import { turnGeometry } from './map-places.ts';
import { inSlots } from './slots.ts';
import {
  comesBack,
  defer,
  discard,
  keepsOption,
  reworded,
  rewriteAsBare,
  rewriteOrDrop,
  textFields,
  variantOf,
  type Refusal,
  type Rewritten,
  type Texts,
} from './view-variant.ts';
import type { AnswerPolicy, CheckResult, RewrittenFields, Sample, ViewVariant } from '../sample/sample.ts';
import { hourOf, turnContext, turnText } from './directions.ts';
import { composed, inverseOf, sizeIn, stepsOf, type Symmetry, isSymmetry } from '../symmetry.ts';
import { isRecord } from '../../base/json.ts';

/** Options of a view, if the view has any (docs/views.md). */
export interface ViewOptions {
  /** `image`: added words anchor the sides of rotated photographs to the image, in both views. */
  anchor?: 'none' | 'image';
  answer?: AnswerPolicy;
  /** Renders a row's scene for a view, with its question. If undefined, scenes are not rendered (core/worlds/views). */
  draw?: (sample: Sample, id: string, policy: AnswerPolicy) => ViewVariant;
}

/**
 * Transforms a row with its image by any symmetry of the rectangle except the mirror, which has separate rules: right
 * or deferred, never wrong. The change of a word depends on its reference (docs/views.md). Boxes, points, masks and
 * graph transform with the image.
 */
export const turnSample = (sample: Sample, symmetry: Symmetry, options: ViewOptions = {}): ViewVariant =>
  inSlots(sample, symmetry, (placed) =>
    rewriteOrDrop(
      placed,
      (row) => rewriteAsBare(row, (bare) => turnWhole(bare, symmetry, options)),
      axesOf(symmetry),
    ),
  );

function turnWhole(sample: Sample, symmetry: Symmetry, options: ViewOptions): ViewVariant {
  const plain = rewritten(sample, symmetry);
  const anchors =
    options.anchor === 'image' &&
    plain.refusals.length > 0 &&
    plain.refusals.every(({ code }) => code === 'no_anchor') &&
    canAnchor(sample);
  const result = anchors
    ? rewritten({ ...sample, question: anchoredQuestion(sample.question) }, symmetry)
    : plain;
  return variantIn(sample, symmetry, result, anchors && result.refusals.length === 0);
}

/** Returns the axes that a symmetry changes. A rotation by 90° changes both axes. */
function axesOf(symmetry: Symmetry): Axes {
  const { exchanges, turnsX, turnsY } = stepsOf(symmetry);
  return { x: exchanges || turnsX, y: exchanges || turnsY };
}

interface Turned {
  /** Row that was transformed: the original, or the original with an anchored question. */
  before: Sample;
  fields: RewrittenFields;
  rules: string[];
  refusals: Refusal[];
}

function rewritten(sample: Sample, symmetry: Symmetry): Turned {
  const reading = readingOf(sample);
  const notes = reading.doubts(axesOf(symmetry));
  const context = turnContext(symmetry, sample.question, sample.meta?.viewpoint === 'top_down');
  const size = coordinateSize(sample);
  const refusals: Refusal[] = [];
  const rules: string[] = [];
  const texts: Record<string, { text: string }> = {};
  for (const [name, read] of Object.entries(reading.sides)) {
    const words = turnText(read, context);
    refusals.push(...words.refusals);
    const numbers = read.places.map((place) => turnPlace(place, symmetry, size));
    if (numbers.includes(null))
      refusals.push(defer('geometry', "Coordinates in the text need the image's width and height."));
    const edits = [...words.edits, ...numbers.flatMap((edits) => edits ?? [])].sort(
      (a, b) => a.start - b.start,
    );
    rules.push(...edits.map(({ rule }) => rule));
    texts[name] = { text: applyEdits(read.source, edits) };
  }
  const geometry = turnGeometry(sample, symmetry);
  const undecided = (notes.length > 0 ? notes : reading.seen)
    .filter(({ rule }) => !(rule.startsWith('text.') && hourOf(sample.answer, context)))
    .map(({ level, message }) =>
      level === 'discard' ? discard('writing', message) : defer('undecided', message),
    );
  return {
    before: sample,
    fields: { ...textFields(sample, texts), ...geometry.fields },
    rules,
    refusals: [...undecided, ...refusals, ...geometry.notes.map(({ message }) => defer('geometry', message))],
  };
}

function variantIn(
  sample: Sample,
  symmetry: Symmetry,
  { before, fields, rules, refusals }: Turned,
  anchored: boolean,
): ViewVariant {
  const checks = refusals.length > 0 ? {} : checksOf(before, symmetry, fields);
  const failed = Object.keys(checks).filter((name) => checks[name] === 'fail');
  const open = [...refusals, ...failed.map((name) => defer('undecided', failedCheck(name)))];
  const refusal = open.find(({ status }) => status === 'discard') ?? open[0];
  const size = imageSize(sample);
  return {
    ...variantOf(sample, {
      fields: refusal ? fields : withViewWords(before, symmetry, fields),
      rules: [...new Set(rules)],
      checks,
      image_op: symmetry,
      anchor: anchored ? 'image' : 'none',
    }),
    ...(refusal && { status: refusal.status }),
    ...(stepsOf(symmetry).exchanges && size && { size: sizeIn(symmetry, { w: size.w, h: size.h }) }),
    ...(refusal && { code: refusal.code, reason: [...new Set(open.map(({ reason }) => reason))].join(' ') }),
  };
}

/** Checks that the inverse restores the row, that the answer is the same option, and that boxes are still inside. */
function checksOf(sample: Sample, symmetry: Symmetry, fields: RewrittenFields): Record<string, CheckResult> {
  const size = imageSize(sample);
  const images = size ? [{ ...asObject(sample.images[0]), ...sizeIn(symmetry, size) }] : sample.images;
  const seen: Sample = { ...sample, ...fields, images };
  delete seen.scene_graph;
  const returns = comesBack({
    row: sample,
    seen,
    undo: (row) => {
      const { fields: back, refusals } = rewritten(row, inverseOf(symmetry));
      return refusals.length > 0 ? null : { ...sample, ...back };
    },
    // A rotation by 90° restores phrases in the words of the table, so compare the phrases' meaning.
    ...(stepsOf(symmetry).exchanges && {
      redo: (back: Sample) => ({ ...seen, ...rewritten(back, symmetry).fields }),
      meaning: unanchored,
    }),
  });
  return {
    inverse_returns: returns ? 'pass' : 'fail',
    ...(sample.choices && { answer_in_choices: keepsOption(sample, seen) ? 'pass' : 'fail' }),
  };
}

/** Removes words about the image's axes from a text, because a transformation can add such words. */
const unanchored = (text: string): string => text.replace(/ (?:in|of) the image\b/g, '');

const asObject = (image: Sample['images'][number] | undefined) =>
  typeof image === 'string' ? { path: image } : (image ?? {});

/**
 * Texts of a row before its image was rotated by 90°, stored as `meta.view_words`. Without them, the inverse would
 * contain "to the left of" instead of "left of". With them, the inverse gives the same bytes (docs/views.md).
 */
interface ViewWords {
  /** Symmetry between the image at the time of these texts and the current image. */
  turned: Symmetry;
  before: Texts;
  /** Texts after the symmetry. If the row's texts differ from them, the row was edited, and `before` is invalid. */
  after: Texts;
}

const textsOf = ({ question, answer, reasoning, choices }: Texts): Texts => ({
  question,
  answer,
  ...(reasoning !== undefined && { reasoning }),
  ...(choices && { choices }),
});

const areSame = (one: Texts, other: unknown): boolean =>
  JSON.stringify(textsOf(one)) === JSON.stringify(other);

/** Returns a key for the set of existing texts and the number of choices. */
const formOf = (texts: unknown): string | undefined =>
  JSON.stringify(texts, (_, part: unknown) => (typeof part === 'string' ? '' : part));

/** Returns the stored texts of a row, if the stored texts are well-formed and the row's texts have not changed. */
function wordsOf(sample: Sample): ViewWords | null {
  const words = sample.meta?.view_words;
  if (!isRecord(words) || !isSymmetry(words.turned) || !areSame(sample, words.after)) return null;
  return formOf(words.before) === formOf(textsOf(sample)) ? (words as unknown as ViewWords) : null;
}

/** Returns the fields of a transformed row. Restores its earlier words if it is transformed back; else stores them. */
export function withViewWords(sample: Sample, symmetry: Symmetry, fields: RewrittenFields): RewrittenFields {
  const stored = wordsOf(sample);
  const changes = stepsOf(symmetry).exchanges && !areSame(sample, textsOf({ ...sample, ...fields }));
  const meta = { ...fields.meta };
  delete meta.view_words;
  const turned = stored ? composed(stored.turned, symmetry) : symmetry;
  if (stored && turned === 'original')
    return { ...fields, ...textsOf({ ...fields, ...stored.before }), ...(fields.meta && { meta }) };
  if (!stored && !changes) return { ...fields, ...(fields.meta && { meta }) };
  const words: ViewWords = {
    turned,
    before: stored?.before ?? textsOf(sample),
    after: textsOf({ ...sample, ...fields }),
  };
  return { ...fields, meta: { ...meta, view_words: words } };
}

/* Words that anchor the sides of a photograph to the image, for rotated views of the photograph. */

/** Inserts "In the image as shown, " before the question (docs/views.md, anchoring). */
export function anchoredQuestion(question: string): string {
  const first = new Text(question).tokens[0];
  const opener = first && FUNCTION_WORDS.openers.has(first.lower) && first.start === 0;
  return `In the image as shown, ${opener ? question[0]!.toLowerCase() + question.slice(1) : question}`;
}

/** Matches sides that only locate an object: "to the left of", "on the far right?", "leftmost". */
const PLACES =
  /\b(?:(?:to|on|at|from) the (?:far )?)?(?:left|right)(?:(?= of (?:the|a|an|it|them)\b)|most\b)|\b(?:to|on|at|from) the (?:far )?(?:left|right)(?: side)?(?=\s*(?:[?.,:;)]|$)|\s+(?:of|is|are|was|were|has|have|and|or|in|\p{L}+ing)\b)/giu;
const OWN = ['ownView', 'asksBody', 'imagined'] as const;

/**
 * Returns whether anchoring does not change the answer: the row has sides only in lists of sides, yes/no questions,
 * ranks and positions, or asks where an object is.
 */
export function canAnchor({ question, answer, choices }: Sample): boolean {
  if (SIGNS.lead.test(question) || SIGNS.framed.test(question)) return false;
  const unplaced = question.replace(PLACES, '');
  if (unplaced !== question && !/left|right/i.test(unplaced))
    return OWN.every((sign) => !SIGNS[sign].test(question));
  const menu = /\bleft\b[^?]*\bor\b[^?]*\bright\b|\bright\b[^?]*\bor\b[^?]*\bleft\b/i.test(question);
  const asksSide = (choices ?? [answer]).every((text) => loneSide(new Text(text)));
  if (asksSide && /\bwhere\b|\bwhich side\b/i.test(question)) return true;
  return verdictOf(answer) !== null || menu || /most\b|\bfrom the (?:left|right)\b/i.test(question);
}

/**
 * Inserts "In the image as shown, " before the question. The result is the original for transformed images with sides
 * anchored in the same way. The answer is unchanged, because in an untransformed image, sides are the image's own.
 */
export function anchorQuestion(sample: Sample): Rewritten | Refusal {
  const { question, answer, choices = [] } = sample;
  return /\b(?:left|right)/i.test([question, answer, ...choices].join(' ')) && canAnchor(sample)
    ? reworded('anchor', { question: anchoredQuestion(question) })
    : discard('no_anchor', 'The text has no sides that a phrase can tie to the image.');
}
