import { Random } from '../../base/random.ts';
import type { Xyxy } from '../sample/boxes.ts';
import { letterOf } from '../../base/item-names.ts';
import { namesChoices, reordered } from '../sample/choices.ts';
import { menuOf } from '../read/inline-options.ts';
import { nameKey, withoutArticle } from '../read/names.ts';
import { imageSize } from '../read/coordinates.ts';
import { applyEdits } from '../read/tokens.ts';
import { anotherOrder } from './orders.ts';
import type { Sample } from '../sample/sample.ts';
import { graphOf } from '../scene-graph/read-graph.ts';
import { placeOf, placesOf } from './geometry.ts';
import { defer, discard, reworded, type Refusal, type Rewritten } from './view-variant.ts';

/** Views with options in another order, or with an additional side in a list of sides. */

const OF_OTHERS =
  /\b(?:both|all of|either|neither|the (?:above|others?|former|latter|same)|[A-H] (?:and|or|nor) [A-H])\b|\b(?:options?|choices?|answers?|statements?|same as|opposite of|only|not|except|instead of|unlike|like) \(?[A-H]\b|\b(?:first|second|third|fourth|last|previous|next|preceding|following|other|above)(?: (?:one|two|three))? (?:options?|choices?|answers?|statements?)\b|\b(?:above|preceding|previous) (?:is|are)\b/i;
const NONE = /^(?:none of (?:the above|these|them)|cannot be determined|can't tell|not sure)\.?$/i;
const LETTER_IN_PROSE = /\((?:[A-H])\)|\b(?:option|choice|answer)s?(?: is)?:? [A-H]\b/i;

/**
 * Puts the options in another order, determined by the seed and the row's id. The answer's letter follows its option.
 * "None of the above" remains last.
 */
export function permuteOptions(sample: Sample, seed: number): Rewritten | Refusal {
  const { question, answer, choices, reasoning } = sample;
  const marks = choices && marksOf(choices);
  if (marks) {
    const bare = choices.map((choice, i) => choice.slice(marks[i]!.length));
    const permuted = permuteOptions({ ...sample, choices: bare }, seed);
    if (!('fields' in permuted)) return permuted;
    const moved = permuted.fields.choices!.map((choice, i) => marks[i]! + choice);
    return { ...permuted, fields: { ...permuted.fields, choices: moved } };
  }
  const menu = menuOf(question);
  const inMenu = menu.map(({ text }) => text);
  const options = choices ?? inMenu;
  const free = freeOptions(options);
  if (options.length < 2) return NO_OPTIONS;
  const keys = (list: readonly string[]) =>
    list.map((option) => nameKey(option.replace(/[\s.,;]+$/, ''))).join('\n');
  if (choices && menu.length > 0 && keys(inMenu) !== keys(choices))
    return unclear('The question contains different options.');
  if (!namesChoices(answer, options)) return unclear('The answer is not one of the options.');
  if (new Set(options.map((option) => option.trim().toLowerCase())).size < options.length)
    return unclear('Two options are the same.');
  if (options.slice(0, free).some((option) => OF_OTHERS.test(option) || /^\W*[A-H][.):]?\W*$/.test(option)))
    return unclear('An option refers to other options, or is a letter.');
  if (free < 2) return NO_OPTIONS;
  if (reasoning && LETTER_IN_PROSE.test(reasoning))
    return unclear('The reasoning refers to options by letter.');
  const order = permutedOrder(options, seed, sample.id);
  const moved = reordered(answer, options, order);
  const edits = menu.map(({ start, end }, i) => ({ start, end, to: options[order[i]!]! }));
  return reworded('permute', {
    ...(choices ? moved : { answer: moved.answer }),
    question: applyEdits(question, edits),
  });
}

const unclear = (reason: string): Refusal => defer('no_options', reason);
const NO_OPTIONS = discard('no_options', 'The row has no options to reorder.');

/** Adds "None of the above" as the last choice. Does not change rows without choices, or with a similar choice. */
export function withNullOption<S extends Pick<Sample, 'choices'>>(sample: S): S {
  const { choices } = sample;
  if (!choices?.length || freeOptions(choices) < choices.length) return sample;
  const mark = marksOf(choices)?.at(-1)?.replace(/[A-Z]/, letterOf(choices.length)) ?? '';
  return { ...sample, choices: [...choices, `${mark}None of the above`] };
}

/** Returns the fixed letters of choices ("A. " …) if each choice begins with its own letter; otherwise null. */
export function marksOf(choices: readonly string[]): string[] | null {
  const marks = choices.map((choice) => /^\s*\(?([A-Z])(?:[.):]\s*|\s*$)/.exec(choice));
  return marks.length > 0 && marks.every((mark, i) => mark?.[1] === letterOf(i))
    ? marks.map((mark) => mark![0])
    : null;
}

/** Returns the number of options that can move. "None of the above" must remain last. */
const freeOptions = (options: readonly string[]): number =>
  NONE.test(options.at(-1)?.trim() ?? '') ? options.length - 1 : options.length;

/**
 * Returns the order of options for a seed and a row's id: `order[i]` is the old position of the option at i. The
 * options can be in the old or in the new order, because only their number and the last option matter.
 */
export function permutedOrder(options: readonly string[], seed: number, id: string): number[] {
  const free = freeOptions(options);
  const places = options.map((_, i) => i);
  const order = free < 2 ? [] : anotherOrder(places.slice(0, free), Random.from(`${seed}/${id}`));
  return [...order, ...places.slice(order.length)];
}

/** Question such as "Is the cup left or right of the jug?" */
const MENU =
  /^((?:in the image,\s*)?(?:is|are)\s+)(the [\p{L}\p{N} -]+?)(\s+)(?:to |on )?(?:the )?(left|right)(?: of)? or (?:to |on )?(?:the )?(left|right) of\s+(the [\p{L}\p{N} -]+?)\s*\?\s*$/iu;

/**
 * Adds a direction to a list of sides. The boxes prove that this direction is wrong: of two objects side by side,
 * neither is above the other. The answer is unchanged, but the direction can distract a model that ignores the image.
 */
export function extendOptions(sample: Sample): Rewritten | Refusal {
  const { question, choices, reasoning } = sample;
  const [, lead, one, space, first, second, two] = MENU.exec(question) ?? [];
  if (!first || first.toLowerCase() === second!.toLowerCase())
    return unclear('The row has no list of sides that the rules can extend.');
  if (choices || reasoning) return unclear('The choices or the reasoning repeat the list of sides.');
  const boxes = boxesOf(sample, [one!, two!]);
  if (!boxes) return defer('no_boxes', 'The boxes of the two objects do not exclude a further direction.');
  const heights = boxes.map(([, top, , bottom]) => bottom - top);
  const shared = Math.min(...boxes.map((box) => box[3])) - Math.max(...boxes.map((box) => box[1]));
  if (shared < 0.5 * Math.min(...heights))
    return discard('margin', 'One of the two objects might count as below the other.');
  return reworded('extend', { question: `${lead}${one}${space}${first} of, ${second} of or below ${two}?` });
}

/** Returns the boxes of two objects: by their names in the graph, or the only two boxes of the row; else null. */
function boxesOf(sample: Sample, names: readonly string[]): Xyxy[] | null {
  const size = imageSize(sample) ?? { w: 1, h: 1 };
  const key = (name: string) => nameKey(withoutArticle(name));
  const objects = graphOf(sample)?.objects ?? [];
  const named = names.map((name) => {
    const [object, other] = objects.filter(({ label }) => key(label) === key(name));
    return object && !other ? placeOf(object, size) : null;
  });
  const boxes = [named, placesOf(sample, size)].find((list) => list.length === 2 && !list.includes(null));
  return boxes?.every((box) => box![3] > box![1]) ? (boxes as Xyxy[]) : null;
}
