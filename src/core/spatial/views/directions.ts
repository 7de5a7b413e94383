import { applyEdits, type Edit, inCaseOf, Text } from '../language/tokens.ts';
import type { MirroredText } from '../mirror/text.ts';
import { PART, SIGNS } from './direction-words.ts';
import { quarterPhrases, type TurnedPhrase } from './quarter-phrases.ts';
import { directionIn, hourIn, reversesHands, stepsOf, type Symmetry } from './symmetry.ts';
import type { Sample, ViewVariant } from '../sample.ts';
import { verdictOf } from '../language/verdict.ts';
import { defer, discard, refused, reworded, type Refusal } from './view-variant.ts';

/**
 * What the words of a row refer to when its picture is turned (docs/views.md): the picture's own axes turn with it; a
 * person's own sides change only if handedness does; words that depend on gravity, or on how one looks at a turned
 * photograph, are not decided by rules.
 */

/** A text of a row in the turned picture, with the reasons why it could not be decided. */
export interface TurnedText {
  text: string;
  edits: Edit[];
  refusals: Refusal[];
}

export interface TurnContext {
  symmetry: Symmetry;
  question: string;
  /** True if every direction of the viewer is in the picture, because it was taken from straight above. */
  topDown: boolean;
}

const OPPOSITE: Record<string, string> = {
  above: 'below',
  topmost: 'bottommost',
  uppermost: 'lowermost',
  top: 'bottom',
  upper: 'lower',
  below: 'above',
  bottommost: 'topmost',
  lowermost: 'uppermost',
  bottom: 'top',
  higher: 'lower',
  highest: 'lowest',
  lowest: 'highest',
};

const NO_ANCHOR = (word: string) =>
  defer(
    'no_anchor',
    `"${word}" may mean the picture or the scene in a turned photograph: say "in the image".`,
  );
const GRAVITY = (word: string) => defer('gravity', `"${word}" depends on which way is down.`);
const FRAME = (word: string) => defer('frame', `It is open whose side "${word}" is.`);

/** Whether the question's words at a position refer to the picture's own axes. */
function isAnchored({ question, topDown }: TurnContext, at: number): boolean {
  if (topDown || SIGNS.lead.pattern.test(question)) return true;
  const end = question.slice(at).search(/[.?!]/);
  return SIGNS.within.pattern.test(question.slice(at, end < 0 ? undefined : at + end + 1));
}

/** Whether the answers to a question, such as its choices, refer to the picture's own axes. */
const asksInPicture = ({ topDown, question }: TurnContext): boolean =>
  topDown || [SIGNS.lead, SIGNS.within, SIGNS.asksPart].some(({ pattern }) => pattern.test(question));

/**
 * Turns one text of a row with its picture. `read` is the text as the mirror's rules read it, which distinguish a side
 * from a false friend.
 */
export function turnText(
  text: string,
  role: 'question' | 'answer' | 'choice' | 'reasoning',
  read: MirroredText,
  context: TurnContext,
): TurnedText {
  const { symmetry } = context;
  const refusals: Refusal[] = [];
  const edits: Edit[] = [];
  const anchored = (at: number) => (role === 'question' ? isAnchored(context, at) : asksInPicture(context));
  const lone = role !== 'question' && SIGNS.lone.pattern.test(text);
  const own =
    SIGNS.ownView.pattern.test(context.question) ||
    (role !== 'question' && SIGNS.asksBody.pattern.test(context.question));
  const framed = SIGNS.framed.pattern.test(context.question.replace(SIGNS.pointsToSide.pattern, ''));
  const saysPicture = (at: number) =>
    asksInPicture({ ...context, topDown: false }) ||
    SIGNS.lead.pattern.test(text) ||
    SIGNS.within.pattern.test(sentenceAt(text, at));
  const replace = (start: number, from: string, to: string, rule: string) =>
    edits.push({ start, end: start + from.length, from, to, rule });

  const quarter = stepsOf(symmetry).exchanges;
  // Of the other symmetries, only "upwards" needs a phrase: all else is a word with an opposite.
  const phrases = quarterPhrases(text, symmetry, role === 'question' ? undefined : context.question).filter(
    ({ rule }) => quarter || rule === 'quarter.motion',
  );
  const used = new Set<TurnedPhrase>();
  /** The phrase of a direction, which is rewritten as a whole where it is the picture's. */
  const phraseAt = (at: number) => phrases.find(({ start, end }) => start <= at && at < end);
  const usePhrase = (at: number, word: string) => {
    const phrase = phraseAt(at);
    if (phrase) used.add(phrase);
    else refusals.push(defer('quarter_turn', `"${word}" becomes a phrase of another kind.`));
  };

  for (const { start, end, from, to, rule } of read.changes) {
    if (rule === 'coordinates') continue;
    if (rule === 'rotation' || rule === 'side.ship') {
      if (reversesHands(symmetry)) edits.push({ start, end, from, to, rule });
    } else if (!/left|right/i.test(from)) {
      refusals.push(FRAME(from)); // an arrow, a bearing on the ground
    } else if (
      SIGNS.body.pattern.test(text.slice(end)) ||
      /\b(?:his|her)\s+$/i.test(text.slice(0, start)) ||
      (own && !/most/i.test(from))
    ) {
      if (reversesHands(symmetry)) edits.push({ start, end, from, to, rule: 'side.own' });
    } else if (!anchored(start)) {
      refusals.push(framed ? FRAME(from) : NO_ANCHOR(from));
    } else if (framed || !(lone || phraseAt(start) || isPlaceInPicture(text, start, end))) {
      refusals.push(FRAME(from));
    } else if (quarter) {
      usePhrase(start, from);
    } else if (directionIn(symmetry, 'left') === 'right') {
      edits.push({ start, end, from, to, rule: 'side.picture' });
    }
  }
  for (const match of text.matchAll(SIGNS.vertical.pattern)) {
    const [word] = match;
    const at = match.index;
    if (inside(edits, at) || (/\bon $/i.test(text.slice(0, at)) && /^top of\b/i.test(text.slice(at))))
      continue;
    if (!anchored(at) || (isHeight(text, at, word) && !lone && !saysPicture(at)))
      refusals.push(GRAVITY(word));
    else if (framed || !(lone || phraseAt(at) || isHeightInPicture(text, at, word)))
      refusals.push(FRAME(word));
    else if (quarter) usePhrase(at, word);
    else if (directionIn(symmetry, 'above') === 'below')
      replace(at, word, oppositeHeight(text, at, word), 'height.picture');
  }
  for (const { index, 0: word } of text.matchAll(SIGNS.support.pattern)) {
    const phrase = phraseAt(index);
    if (phrase?.rule === 'quarter.motion' && saysPicture(index)) used.add(phrase);
    else refusals.push(GRAVITY(word));
  }
  const ends = new Set<number>();
  for (const phrase of used) {
    const { says, to, end } = phrase;
    const isSaid = !says || saysPicture(phrase.start);
    edits.push(isSaid || says === 'sentence' ? phrase : { ...phrase, to: to + says });
    if (!isSaid && says === 'sentence') ends.add(end + text.slice(end).search(SENTENCE_END));
  }
  for (const end of ends)
    edits.push({ start: end, end, from: '', to: ' in the image', rule: 'quarter.anchor' });
  const on =
    role === 'question'
      ? SIGNS.asksPlace.pattern.test(text) && SIGNS.on.pattern.exec(text)
      : role === 'answer' && /^\W*on (?:the|a)\b/i.exec(text);
  if (on && !lone) refusals.push(GRAVITY(on[0]));
  if (SIGNS.aboutTurning.pattern.test(text))
    refusals.push(discard('about_picture', 'It asks which way up the picture is.'));
  if (quarter) {
    if (SIGNS.aspect.pattern.test(text))
      refusals.push(discard('about_picture', 'It asks about the shape of the picture.'));
    const size = SIGNS.uprightSize.pattern.exec(text);
    if (size) refusals.push(defer('quarter_turn', `"${size[0]}" is another extent after a quarter turn.`));
  }
  const hour = role === 'answer' ? hourOf(text, context) : null;
  if (hour) replace(hour.start, hour.text, String(hourIn(symmetry, Number(hour.text))), 'clock.picture');
  const applied = joinEdits(edits);
  return { text: applyEdits(text, applied), edits: applied, refusals };
}

const SENTENCE_END = /\s*(?:,\s*(?:yes or no|true or false)\b|[?.!;](?=\s|$)|$)/i;

/** The sentence of a text that a position is in. */
function sentenceAt(text: string, at: number): string {
  const start = Math.max(...['. ', '? ', '! ', '; '].map((mark) => text.lastIndexOf(mark, at)));
  return text.slice(Math.max(start, 0), at + text.slice(at).search(SENTENCE_END) + 1);
}

/**
 * Whether a word may be about the height of things, even in a picture from above, unless it is said that the picture is
 * meant: "which is higher", "at the top".
 */
const isHeight = (text: string, at: number, word: string): boolean =>
  /^(?:higher|lower|highest|lowest)$/i.test(word) ||
  (/^(?:above|below)$/i.test(word) &&
    /\b(?:fl(?:y|ies|ying|ew)|high|met(?:er|re)s|feet) $/i.test(text.slice(0, at))) ||
  (/^(?:top|bottom|upper)$/i.test(word) && !/\b(?:from (?:the )?|to )$/i.test(text.slice(0, at)));

/**
 * Whether the text has a direct form of a direction in the picture: a relation, a superlative, the end of a clause, a
 * part of the picture.
 */
function isPlaceInPicture(text: string, start: number, end: number): boolean {
  const [word, before, after] = [text.slice(start, end), text.slice(0, start), text.slice(end)];
  if (/most$/i.test(word)) return true;
  if (/^\s+of\b/i.test(after)) return !/\bside\s+$/i.test(before);
  if (SIGNS.ofPicture.pattern.test(after)) return true;
  return (
    (/\b(?:on|to|at|from|toward|towards) the $/i.test(before) ||
      /\b(?:fac(?:es?|ed|ing)|(?:look|point)(?:s|ed|ing)?) $/i.test(before) ||
      /\b(?:or|further|farther|and) $/i.test(before) ||
      /,\s$/.test(before)) &&
    /^(?:\s*(?:[?.,!;:)/]|$)|\s+(?:or|and|to|in|of|than)\b)/i.test(after)
  );
}

function isHeightInPicture(text: string, at: number, word: string): boolean {
  const [before, after] = [text.slice(0, at), text.slice(at + word.length)];
  if (/^(?:above|below)$/i.test(word)) return !/\bthe $/i.test(before);
  if (/most$|est$/i.test(word) || /^higher$/i.test(word)) return true;
  if (/^lower$/i.test(word) && /^\s+(?:in (?:the|this)|than)\b/i.test(after)) return true;
  return (
    SIGNS.ofPicture.pattern.test(after) ||
    (/\bfrom the $/i.test(before) && /^\s*(?:[?.,]|$|to\b)/i.test(after))
  );
}

/** The opposite of "lower" is "higher", or "upper" if it names a part. */
function oppositeHeight(text: string, at: number, word: string): string {
  const lower = word.toLowerCase().replace('-', '');
  const part = new RegExp(`^[-\\s]*(?:left|right|${PART})`, 'i').test(text.slice(at + word.length));
  return inCaseOf(word, lower === 'lower' ? (part ? 'upper' : 'higher') : OPPOSITE[lower]!);
}

/**
 * Returns the hour that something in the picture points to, on the picture's own dial, if the answer consists only of
 * it.
 */
export function hourOf(text: string, context: TurnContext): { start: number; text: string } | null {
  if (!SIGNS.pointsToHour.pattern.test(context.question) || !SIGNS.inPicture.pattern.test(context.question))
    return null;
  if (!/\b(?:arrow|pointer|needle|line)\b/i.test(context.question)) return null;
  const match = /^\s*(1[0-2]|[1-9])(?:\s+o['’]clock)?\.?\s*$/i.exec(text);
  return match ? { start: text.indexOf(match[1]!), text: match[1]! } : null;
}

const inside = (edits: readonly Edit[], at: number) =>
  edits.some(({ start, end }) => start <= at && at < end && start !== at);

/** Joins overlapping edits: "topleft" is one token with two directions. */
function joinEdits(edits: readonly Edit[]): Edit[] {
  const sorted = [...edits].sort((a, b) => a.start - b.start || b.end - a.end);
  return sorted.flatMap((edit, i) => {
    const outer = sorted[i - 1];
    if (outer && outer.end > edit.start) return [];
    const inner = sorted[i + 1];
    if (!inner || inner.start >= edit.end) return [edit];
    const to = edit.to.replace(new RegExp(inner.from, 'i'), inner.to);
    return [{ ...edit, to }];
  });
}

/** Whether the name of a thing contains a direction, so that it may not identify the same thing in a turned picture. */
export const namesDirection = (name: string): boolean =>
  /left|right/i.test(name) ||
  name.search(SIGNS.vertical.pattern) >= 0 ||
  name.search(SIGNS.support.pattern) >= 0;

const OPENERS = new Set(
  'is are was were do does did can could has have which what who where how on in to from at the a an there looking name'.split(
    ' ',
  ),
);

/** Puts "In the image as shown, " before the question (docs/views.md, anchoring). */
export function anchoredQuestion(question: string): string {
  const first = new Text(question).tokens[0];
  const opener = first && OPENERS.has(first.lower) && first.start === 0;
  return `In the image as shown, ${opener ? question[0]!.toLowerCase() + question.slice(1) : question}`;
}

const ONE_SIDE = /^\W*(?:\(?[A-H][).:]\s*)?(?:(?:on|to) the )?(?:left|right)(?: side)?\W*$/i;

/**
 * Whether anchoring leaves the answer unchanged: it does if the row has only sides, in menus, yes/no questions and
 * ranks, or asks where something is.
 */
export function canAnchor({ question, answer, choices }: Sample): boolean {
  if (SIGNS.lead.pattern.test(question) || SIGNS.framed.pattern.test(question)) return false;
  const menu = /\bleft\b[^?]*\bor\b[^?]*\bright\b|\bright\b[^?]*\bor\b[^?]*\bleft\b/i.test(question);
  const asksSide = choices?.every((choice) => ONE_SIDE.test(choice)) ?? ONE_SIDE.test(answer);
  if (asksSide && /\bwhere\b|\bwhich side\b/i.test(question)) return true;
  return verdictOf(answer) !== null || menu || /most\b|\bfrom the (?:left|right)\b/i.test(question);
}

/**
 * Puts "In the image as shown, " before the question: the original for turned pictures whose sides are anchored in this
 * way. The answer stays, since the sides of an upright picture are the picture's own.
 */
export function anchorQuestion(sample: Sample): ViewVariant {
  const { question, answer, choices = [] } = sample;
  return /\b(?:left|right)/i.test([question, answer, ...choices].join(' ')) && canAnchor(sample)
    ? reworded(sample, 'anchor', { question: anchoredQuestion(question) })
    : refused(sample, discard('no_anchor', 'It has no sides that words can anchor in the picture.'));
}
