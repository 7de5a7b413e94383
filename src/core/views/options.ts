import { Random } from '../random.ts';
import { splitFormat, toPixels } from '../sample/boxes.ts';
import { choiceIndex, letterOf, reordered } from '../sample/choices.ts';
import { menuOf } from '../read/alternatives.ts';
import { nameKey, withoutArticle } from '../read/names.ts';
import { imageSize } from '../read/coordinates.ts';
import { applyEdits } from '../read/tokens.ts';
import type { Sample, ViewVariant } from '../sample/sample.ts';
import { graphOf } from '../scene-graph/read.ts';
import { defer, discard, refused, reworded } from './view-variant.ts';

/** The views in which options stand in another order, or a menu of sides offers one more. */

/** Options that refer to other options. */
const OF_OTHERS =
  /\b(?:both|all of|either|neither|the (?:above|others?|former|latter|same)|[A-H] (?:and|or|nor) [A-H])\b|\b(?:options?|choices?|answers?|statements?|same as|opposite of|only|not|except|instead of|unlike|like) \(?[A-H]\b|\b(?:first|second|third|fourth|last|previous|next|preceding|following|other|above)(?: (?:one|two|three))? (?:options?|choices?|answers?|statements?)\b|\b(?:above|preceding|previous) (?:is|are)\b/i;
const NONE = /^(?:none of (?:the above|these|them)|cannot be determined|can't tell|not sure)\.?$/i;
const LETTER_IN_PROSE = /\((?:[A-H])\)|\b(?:option|choice|answer)s?(?: is)?:? [A-H]\b/i;

/**
 * Puts the options in another order, determined by the seed and the row's id; the answer's letter follows its option.
 * "None of the above" stays last.
 */
export function permuteOptions(sample: Sample, seed: number): ViewVariant {
  const { question, answer, choices, reasoning } = sample;
  const menu = menuOf(question);
  const options = choices ?? menu.map(({ text }) => text);
  const refuse = (reason: string) => refused(sample, defer('no_options', reason));
  if (options.length < 2)
    return refused(sample, discard('no_options', 'It has no options to put in another order.'));
  const marks = choices && marksOf(choices);
  if (marks) {
    const bare = choices.map((choice, i) => choice.slice(marks[i]!.length));
    const permuted = permuteOptions({ ...sample, choices: bare }, seed);
    const { choices: moved } = permuted;
    return moved ? { ...permuted, choices: moved.map((choice, i) => marks[i]! + choice) } : permuted;
  }
  const asKey = (option: string) => nameKey(option.replace(/[\s.,;]+$/, ''));
  if (
    choices &&
    menu.length > 0 &&
    menu.map(({ text }) => asKey(text)).join('\n') !== choices.map(asKey).join('\n')
  )
    return refuse('Other options stand in the question too.');
  if (choiceIndex(answer, options) === null) return refuse('Its answer names none of its options.');
  if (new Set(options.map((option) => option.trim().toLowerCase())).size < options.length)
    return refuse('Two of its options are the same.');
  const free = freeOptions(options);
  if (options.slice(0, free).some((option) => OF_OTHERS.test(option) || /^\W*[A-H][.):]?\W*$/.test(option)))
    return refuse('An option speaks of others, or is a letter.');
  if (free < 2) return refused(sample, discard('no_options', 'It has no options to put in another order.'));
  if (reasoning && LETTER_IN_PROSE.test(reasoning))
    return refuse('Its reasoning names options by their letters.');
  const order = permutedOrder(options, seed, sample.id);
  const moved = reordered(answer, options, order);
  return reworded(sample, 'permute', {
    ...(choices ? moved : { answer: moved.answer }),
    question: applyEdits(
      question,
      menu.map(({ start, end }, i) => ({ start, end, to: options[order[i]!]! })),
    ),
  });
}

/** The letters with which choices begin, "A. " and so on, if each begins with its own: they do not move. */
export function marksOf(choices: readonly string[]): string[] | null {
  const marks = choices.map((choice) => /^\s*\(?([A-Z])(?:[.):]\s*|\s*$)/.exec(choice));
  return marks.length > 0 && marks.every((mark, i) => mark?.[1] === letterOf(i))
    ? marks.map((mark) => mark![0])
    : null;
}

/** The number of options that may change places: "none of the above" stays last. */
const freeOptions = (options: readonly string[]): number =>
  NONE.test(options.at(-1)?.trim() ?? '') ? options.length - 1 : options.length;

/**
 * The order that a seed and a row's id give its options: `order[i]` is where the option stood that is now at i. The
 * options may be those before or after, since only their number counts and which one stays last.
 */
export function permutedOrder(options: readonly string[], seed: number, id: string): number[] {
  const free = freeOptions(options);
  const order = free < 2 ? [] : drawn(free, Random.from(`${seed}/${id}`));
  return [...order, ...options.map((_, i) => i).slice(order.length)];
}

/** Draws an order of `n` options that differs from the present one. */
function drawn(n: number, random: Random): number[] {
  const places = Array.from({ length: n }, (_, i) => i);
  for (;;) {
    const order = random.shuffle(places);
    if (order.some((place, i) => place !== i)) return order;
  }
}

/** "Is the cup left or right of the jug?" */
const MENU =
  /^((?:in the image,\s*)?(?:is|are)\s+)(the [\p{L}\p{N} -]+?)(\s+)(?:to |on )?(?:the )?(left|right)(?: of)? or (?:to |on )?(?:the )?(left|right) of\s+(the [\p{L}\p{N} -]+?)\s*\?\s*$/iu;

type Extent = readonly [top: number, bottom: number];

/**
 * Adds a direction to a menu of sides that the boxes prove false: of two things side by side, neither is above the
 * other. The answer stays, but a model that does not look may be distracted.
 */
export function extendOptions(sample: Sample): ViewVariant {
  const { question, choices, reasoning } = sample;
  const match = MENU.exec(question);
  if (!match || match[4]!.toLowerCase() === match[5]!.toLowerCase())
    return refused(sample, defer('no_options', 'It has no menu of sides that the rules extend.'));
  if (choices || reasoning)
    return refused(sample, defer('no_options', 'Its choices or its reasoning repeat the menu.'));
  const [, lead, one, space, first, second, two] = match as unknown as string[];
  const extents = extentsOf(sample, one!, two!);
  if (!extents)
    return refused(sample, defer('no_boxes', 'No boxes of both things prove another direction false.'));
  const [[top, bottom], [otherTop, otherBottom]] = extents;
  const shared = Math.min(bottom, otherBottom) - Math.max(top, otherTop);
  if (shared < 0.5 * Math.min(bottom - top, otherBottom - otherTop))
    return refused(sample, discard('margin', 'One of the two may be called below the other.'));
  return reworded(sample, 'extend', {
    question: `${lead}${one}${space}${first} of, ${second} of or below ${two}?`,
  });
}

/** The vertical extents of two things: found by their names in the graph, else from the row's only two boxes. */
function extentsOf(sample: Sample, one: string, two: string): [Extent, Extent] | null {
  const graph = graphOf(sample);
  const key = (name: string) => nameKey(withoutArticle(name));
  if (graph) {
    const named = [one, two].map((name) => graph.objects.filter(({ label }) => key(label) === key(name)));
    const extents = named.flatMap((list) => {
      const { box, box_format } = list[0] ?? {};
      return list.length === 1 && box ? [extent(box, box_format ?? 'xyxy_px', sample)] : [];
    });
    if (extents.length === 2 && !extents.includes(null)) return extents as [Extent, Extent];
  }
  const { boxes, box_format: format } = sample;
  if (boxes?.length !== 2 || !format) return null;
  const extents = boxes.map((box) => extent(box, format, sample));
  return extents.includes(null) ? null : (extents as [Extent, Extent]);
}

function extent(
  box: readonly number[],
  format: NonNullable<Sample['box_format']>,
  sample: Sample,
): Extent | null {
  if (!splitFormat(format) || format.startsWith('point')) return null;
  try {
    const [, top, , bottom] = toPixels(box, format, imageSize(sample) ?? { w: 1, h: 1 });
    return [top, bottom];
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
