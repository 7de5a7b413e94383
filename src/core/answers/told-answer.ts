import { remembered } from '../../base/recent-map.ts';
import type { Task } from './score.ts';
import { oppositesOf, sideIn } from './answer-sides.ts';
import { askedThing, askingPart, DENIES, headOf, isContent, wordsOf } from './answer-words.ts';
import { ORDINALS } from './number-words.ts';

/** Removes what an answer says beside its answer: sides in other frames, premises, and what happens before or after. */

/** Side in the frame of the image: "on the right of the image", "Camera view: right". */
const IN_IMAGE =
  /\b(?:in|of) the (?:image|picture|photo|frame)\b|\b(?:camera|image|viewer|our|my)(?:'s)? (?:view|viewpoint|perspective)\b|\b(?:camera|image|viewer)'s (?:left|right)\b/i;
/** Question about the frame of a person or an object. */
const OF_OTHER =
  /\b(?:perspective|viewpoint|point of view|his|her|their|driver|which (?:hand|side of the \p{L}+ is facing)|(?:i|you) (?:am|are|were|sit|stand|face|turn))\b/iu;
const BEFORE = /\b(?:originally|initially|at first|at the (?:start|beginning))\b/i;
/** Parts of an answer that can have different frames or times. */
const PART = /(?<=[.;!?\n])\s+|,? (?:but|however|while|whereas)(?: as [^,]*,)? |, (?=from )/i;
/** What holds before the answer, as in "With the TV to the north, …", "After you turn left, …". */
const PREMISE =
  /(?:^|(?<=[.;!?\n] ))\W*(?:(?:with|when|since|given)\b[^,.;:]*,|after (?:you|i|we|turning|rotating|the|a|your)\b[^,.;:]*?(?:,| (?=it\b|you\b|the \p{L}+ (?:is|are)\b)))\s*(?=\p{L}[^]*\b(?:is|are|be)\b|it's\b)/giu;
/** What follows the next action: "Turn left, then go straight." */
const LATER = /(?:[,;.]| and)* (?:(?:and )?then|later|after that|afterwards|next,)\b[^]*$/i;
const NEXT_ACTION =
  /\b(?:next (?:action|step)|should [\p{L} ]{1,30}turn)\b(?!.*\b(?:then|sequence|order|route|steps|actions)\b)/iu;
/** Answer by its place: "The third one.", for "Frame 3". */
const NTH = new RegExp(
  `^\\W*(?:the )?(${ORDINALS.join('|')})(?: (?:one|image|frame|picture|photo|view|point))?\\W*$`,
  'i',
);
/** Path of a movement: "starts on the left and ends up on the right". */
const PATH =
  /\b(?:starts?|started|begins?|began)\b[^.;]{0,80}?\b(?:left|right|top|bottom)\b[^.;]{0,80}?\b(?:ends?|ended|finish\w*|stops?)\b[^.;]{0,80}?\b(?<end>left|right|top|bottom)\b/i;
/** Neighbour on a thing's own side: "The mug has the laptop to its right." */
const HAS_BESIDE =
  /\b(?<thing>it|(?:the|an?) [\p{L} -]{1,40}?) has (?<other>(?:the|an?) [\p{L} -]{1,40}?) (?:(?:to|on|at) its (?<side>left|right)\b(?:-hand)?(?: side)?|(?<place>above|below|behind|under|beneath|in front of) it\b)/iu;
/** Label before a value: "Mug: right side." */
const LABEL = /(?:^|(?<=[.;,\n] ?))(?:the )?(\p{L}[\p{L} -]{1,30}):(?= \p{L})/giu;

/** "The picture" as an object, which otherwise means the image. */
const OBJECT_PICTURE =
  /\b(?:is|are|and|or) the picture\b(?! (?:show|taken|made))|\bthe picture (?:and|or) the\b/i;
const isObjectPicture = remembered(50, (question: string): boolean => OBJECT_PICTURE.test(question));
const SIDED: readonly Task[] = ['side', 'mcq', 'choice', 'yesno'];

/** Side of one thing in a part of an answer, of two parts with opposite sides: "House left, tree right". */
const PARTS = /[,;.] +(?:and )?|,? (?:and|while|whereas) |\n+/;
/** Order of two events: "The man entered before the woman." */
const EVENTS =
  /^\W*(?:the )?(?<first>\p{L}[\p{L} -]*?)(?: \p{L}+)?(?: \p{L}+)? (?<word>before|after) (?:the )?(?<second>\p{L}[\p{L} -]*?)(?: (?:do|does|did))?\W*$/iu;

/** Returns the statement about the side that a question asks for, if an answer gives two things opposite sides. */
function ofTwoSides(text: string, question: string): string {
  if (text.length > 200 || !PARTS.test(text)) return text;
  const parts = text.split(PARTS).filter((part) => /\p{L}/u.test(part));
  const asked = wordsOf(question).filter(isContent);
  const read = parts.map((part) => ({
    side: sideIn(part),
    names: [...new Set(wordsOf(part).filter((word) => isContent(word) && sideIn(word) === null))],
    isPlain: !wordsOf(part).some((word) => DENIES.test(word)),
  }));
  const [a, b, ...more] = read;
  const isPaired =
    more.length === 0 &&
    b !== undefined &&
    read.every(
      ({ side, names, isPlain }) =>
        isPlain && side !== null && names.length === 1 && asked.includes(names[0]!),
    ) &&
    a!.names[0] !== b.names[0] &&
    oppositesOf(a!.side)?.includes(b.side!) === true &&
    a!.side !== b.side;
  if (!isPaired) return text;
  const thing = askedThing(askingPart(question)).at(-1);
  const wanted = sideIn(question);
  const [told] = read.filter(({ side, names }) => (wanted === null ? names[0] === thing : side === wanted));
  return told === undefined
    ? text
    : wanted === null
      ? `The ${told.names[0]!} is on the ${told.side!}.`
      : told.names[0]!;
}

/** Returns what an order of two events says: a pole for "before or after", the earlier thing for "Which appears first?" */
function ofEvents(text: string, question: string): string {
  const told = /\b(?:before|after)\b/i.test(text) ? EVENTS.exec(text)?.groups : undefined;
  if (told === undefined) return text;
  const [first, second] = [told.first!, told.second!].map((name) => headOf(name));
  const isBefore = told.word!.toLowerCase() === 'before';
  if (/\bbefore or after\b/i.test(question)) {
    const thing = askedThing(askingPart(question));
    if (thing.includes(first!.at(-1) ?? '')) return told.word!;
    return thing.includes(second!.at(-1) ?? '') ? (isBefore ? 'after' : 'before') : text;
  }
  const asks = /\b(?:(first|earlier|earliest)|(last|later|latest|second))\b/i.exec(question);
  if (asks === null || !/ or /.test(question)) return text;
  return isBefore === (asks[1] !== undefined) ? told.first! : told.second!;
}

/** Rewrites of an answer with the tasks that they serve, in their order. */
const REWRITES: readonly (readonly [tasks: readonly Task[], (text: string, question: string) => string])[] = [
  [SIDED, (text) => text.replace(PREMISE, '')],
  [SIDED, ofMovement],
  [['side', 'yesno'], (text) => text.replace(HAS_BESIDE, besideThing)],
  [['side'], labelled],
  [['side', 'choice'], ofTwoSides],
  [['choice', 'mcq'], ofEvents],
  [SIDED, (text, question) => (NEXT_ACTION.test(question) ? text.replace(LATER, '') : text)],
  [SIDED, inFrame],
];

/** Returns the part of an answer that can be the answer to a question about a side, a movement or an action. */
export function toldAnswer(text: string, question: string, task: Task): string {
  if (task === 'number')
    return text.replace(NTH, (_, word: string) => String(ORDINALS.indexOf(word.toLowerCase()) + 1));
  if (text.length > 2000 || !/ \p{L}/u.test(text)) return text;
  return REWRITES.reduce(
    (told, [tasks, rewrite]) => (tasks.includes(task) ? rewrite(told, question) : told),
    text,
  );
}

/** Returns where a movement ends: "moves to the right" for "starts on the left and ends up on the right". */
function ofMovement(text: string, question: string): string {
  return /\bmov|direction/i.test(question)
    ? text.replace(PATH, (_, ...groups) => `moves to the ${(groups.at(-1) as { end: string }).end}`)
    : text;
}

/** Removes parts about an earlier time, and about the image if the question is about another frame. */
function inFrame(text: string, question: string): string {
  if (!BEFORE.test(text) && !IN_IMAGE.test(text)) return text;
  const isOther = !IN_IMAGE.test(question) && OF_OTHER.test(question);
  const parts = text.split(PART);
  const kept = parts.filter((part) => !BEFORE.test(part) && !(isOther && IN_IMAGE.test(part)));
  return kept.length > 0 && kept.length < parts.length ? kept.join('. ') : text;
}

function besideThing(_: string, ...groups: unknown[]): string {
  const { thing, other, side, place } = groups.at(-1) as Record<string, string | undefined>;
  return `${other!} is ${place ?? `to the ${side!} of`} ${thing!}`;
}

/** Writes two labels of things in a question as statements: "Mug is right side". */
function labelled(text: string, question: string): string {
  const labels = [...text.matchAll(LABEL)].map(([, label]) => label!);
  const asked = wordsOf(question);
  const isAsked =
    labels.length > 1 && labels.every((label) => wordsOf(label).every((word) => asked.includes(word)));
  return isAsked ? text.replace(LABEL, '$1 is') : text;
}

/** Returns a text in which a picture that a question asks about is a painting, because "the picture" means the image. */
export const withPainting = (text: string, question: string): string =>
  isObjectPicture(question)
    ? text.replace(/\bpicture\b/g, 'painting').replace(/\bPicture\b/g, 'Painting')
    : text;

/** Returns a score with the words that `withPainting` replaced. */
export const asWritten = <T extends object>(score: T, question: string): T =>
  isObjectPicture(question)
    ? (Object.fromEntries(
        Object.entries(score).map(([key, value]) => [
          key,
          typeof value === 'string'
            ? value.replace(/\bpainting\b/g, 'picture').replace(/\bPainting\b/g, 'Picture')
            : value,
        ]),
      ) as T)
    : score;
