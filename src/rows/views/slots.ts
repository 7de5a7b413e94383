import { readingOf } from '../read/reading.ts';
import { swapWord } from '../read/side-words.ts';
import { inCaseOf } from '../read/tokens.ts';
import { ordinalWords, SLOTS } from '../read/words/slot-words.ts';
import { EXCEPTIONS } from '../read/words/signs.ts';
import { isClip } from '../sample/clip.ts';
import { declared, type ImageRef, type Sample, type ViewVariant } from '../sample/sample.ts';
import { isCopy, isTrusted } from '../sample/variant.ts';
import { stepsOf, type Symmetry } from '../symmetry.ts';

/*
 * Rigs: rows whose images come from cameras with sides. In the mirror, the left camera shows the mirrored image of the
 * right camera. Therefore, the images change places, and so do references to them, such as "the second image". The
 * camera of an image follows from the image's name or from `rig`; otherwise, the row is deferred.
 */

/** Old positions of a view's images, in the order of the view, or the reason why the positions are unknown. */
type Order = readonly number[] | string;

/** Splits a name into words, with numbers as separate words: `CAM_FRONT_LEFT_01.jpg` → cam, front, left, 01. */
const wordsOf = (name: string): string[] =>
  name
    .replace(/\.\w{2,4}$/, '')
    .split(SLOTS.joint)
    .filter(Boolean)
    .map((word) => word.toLowerCase());

/** Returns the distinguishing words of names, without the words with which all of them begin and end. */
function telling(names: readonly string[][]): { beside: readonly string[]; words: string[][] } {
  const [first = []] = names;
  const shortest = Math.min(...names.map(({ length }) => length));
  let start = 0;
  while (start < shortest && names.every((words) => words[start] === first[start])) start++;
  let end = 0;
  while (end < shortest - start && names.every((words) => words.at(-1 - end) === first.at(-1 - end))) end++;
  const beside = [...first.slice(0, start).slice(-1), ...first.slice(first.length - end).slice(0, 1)];
  return { beside, words: names.map((words) => words.slice(start, words.length - end)) };
}

function nameOf(image: ImageRef): string {
  if (typeof image === 'string') return image.startsWith('data:') ? '' : image;
  const { path, column, index, video, frame } = image;
  return path ?? (video === undefined ? `${column ?? ''} ${index ?? ''}` : `${video} ${frame ?? ''}`);
}

/** Returns a word for the other side. Short words are sides only if both occur: `l` and `r`, `fl` and `fr`. */
function otherSide(word: string, all: ReadonlySet<string>): string {
  if (/left|right/.test(word)) return EXCEPTIONS.unsided.test(word) ? word : swapWord(word);
  const others = SLOTS.code.test(word)
    ? SLOTS.short.map((side) => word.replace(side, (letter) => (letter === 'l' ? 'r' : 'l')))
    : [SLOTS.named.get(word) ?? word];
  return others.find((other) => other !== word && all.has(other)) ?? word;
}

/** Returns the order of a row's images in a view; null if the order does not change. */
function orderIn(sample: Sample, symmetry: Symmetry): Order | null {
  const { images } = sample;
  if (images.length < 2) return null;
  const { exchanges, turnsX, turnsY } = stepsOf(symmetry);
  const rig = declared(sample, 'rig');
  const named = Array.isArray(rig) ? rig.map(String) : typeof rig === 'string' ? rig.split(/[\s,;]+/) : null;
  if (named && named.length !== images.length)
    return `rig has ${named.length} names, but the row has ${images.length} images.`;
  const { beside, words } = telling((named ?? images.map(nameOf)).map(wordsOf));
  const all = new Set(words.flat());
  const turn = (name: readonly string[]) => name.map((word) => otherSide(word, all));
  const sides = words.map((name) => name.filter((word) => otherSide(word, all) !== word).join(' '));
  const poles = words.map((name) => name.filter((word) => SLOTS.compass.has(word)).join(' '));
  const heights = words.map((name) => name.filter((word) => SLOTS.heights.has(word)).join(' '));
  const differ = (keys: readonly string[]) => new Set(keys).size > 1;
  if (differ(poles) && new Set(poles.filter(Boolean)).size > 1)
    return 'The images are named by compass directions.';
  if ((turnsY || exchanges) && differ(heights))
    return 'The cameras are named by height, which the view changes.';
  if (!differ(sides)) {
    const isKitti = images.length === 2 && SLOTS.kitti.test(images.map(nameOf).sort().join('\n'));
    return numbered(isKitti ? ['stereo'] : beside, words, isClip(sample), turnsX || exchanges);
  }
  if (exchanges) return 'The cameras are named by sides, which the view turns into heights.';
  if (!turnsX) return null;
  const withoutNumbers = (name: readonly string[]) => name.filter((word) => !/^\d+$/.test(word)).join(' ');
  for (const keyOf of [
    (name: readonly string[]) => name.join(' '),
    ...(isClip(sample) ? [] : [withoutNumbers]),
  ]) {
    const keys = words.map(keyOf);
    const order = words.map((name) => keys.indexOf(keyOf(turn(name))));
    if (!order.includes(-1) && new Set(order).size === order.length) return order;
  }
  return 'The images are named by sides, but not every side has its opposite (rig).';
}

/** Orders cameras that have only numbers: a stereo pair. The sides of all other cameras are undecided. */
function numbered(
  beside: readonly string[],
  words: readonly string[][],
  isOneClip: boolean,
  turns: boolean,
): Order | null {
  const areNumbers = words.every((name) => name.length === 1 && /^\d{1,3}$/.test(name[0]!));
  if (!turns || !areNumbers || isOneClip) return null;
  const camera = beside.find(
    (word) => SLOTS.angles.has(word) || (SLOTS.cameras.has(word) && words.every(([n]) => n!.length < 3)),
  );
  if (camera === 'stereo' && words.length === 2) return [1, 0];
  return camera === undefined ? null : `The side of each ${camera} is unknown (rig).`;
}

/** Returns the row in the order of a view, with image numbers in texts adapted, or the reason why that is undecided. */
function placed(sample: Sample, order: readonly number[]): Sample | string {
  const { question, answer, answers, reasoning, choices, images, box_format: format } = sample;
  const { boxes, points, masks, depth_map: depth, mask_image: mask, scene_graph: graph } = sample;
  const isPlaced = boxes?.length ?? points?.length ?? masks?.length ?? format ?? depth ?? mask ?? graph;
  const ofFirst = isPlaced || Object.values(readingOf(sample).sides).some(({ places }) => places.length > 0);
  if (order[0] !== 0 && ofFirst)
    return 'The coordinates refer to the first image, which changes its position.';
  const texts = [question, answer, reasoning ?? '', ...(answers ?? []), ...(choices ?? [])];
  const asks = SLOTS.asksPicture.test(question);
  const ranks = asks || texts.some((said) => said.search(SLOTS.ordinals) >= 0);
  let isOpen = false;
  const text = (said: string): string => {
    const isBare = asks && SLOTS.bare.test(said);
    const rest = isBare ? '' : said.replace(SLOTS.ordinals, '');
    if (SLOTS.open.test(said) || SLOTS.between.test(said) || (ranks && rest.search(SLOTS.ordinal) >= 0))
      isOpen = true;
    return said.replace(isBare ? SLOTS.bare : SLOTS.ordinals, (span) => span.replace(SLOTS.ordinal, rank));
  };
  const rank = (word: string): string => {
    const at = ordinalWords.indexOf(word.toLowerCase());
    const to = ordinalWords[order.indexOf(at)];
    if (to === undefined) isOpen = true;
    return to === undefined ? word : inCaseOf(word, to);
  };
  const row: Sample = {
    ...sample,
    question: text(question),
    answer: text(answer),
    ...(answers && { answers: answers.map(text) }),
    ...(reasoning !== undefined && { reasoning: text(reasoning) }),
    ...(choices && { choices: choices.map(text) }),
    images: order.map((from) => images[from]!),
  };
  return isOpen ? 'The rules cannot determine to which images the text refers.' : row;
}

/** Rewrites a row for a view that transforms the images, with each image at the position of its camera. */
export function inSlots<V extends ViewVariant>(
  sample: Sample,
  symmetry: Symmetry,
  rewrite: (row: Sample) => V,
): V {
  const order = orderIn(sample, symmetry);
  if (order === null) return rewrite(sample);
  const row = typeof order === 'string' ? order : placed(sample, order);
  if (typeof row === 'string') {
    const made = rewrite(sample);
    return isTrusted(made)
      ? { ...made, status: 'needs_llm', code: 'rig', reason: row, review: { state: 'pending' } }
      : made;
  }
  const made = rewrite(row);
  const isFlipped = made.status === 'invariant' && !isCopy(sample, made);
  return { ...made, ...(isFlipped && { status: 'flipped' }), images: row.images };
}
