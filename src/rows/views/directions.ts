import { menuOf } from '../read/inline-options.ts';
import { type Edit, inCaseOf } from '../read/tokens.ts';
import type { Role } from '../read/asked.ts';
import type { ReadText } from '../read/reading.ts';
import { sign } from '../read/words/sets.ts';
import { DIRECTIONS, PART, SIGNS } from '../read/words/picture-words.ts';
import { directionPhrases, type DirectionPhrase } from './direction-phrases.ts';
import { directionIn, hourIn, reversesHands, stepsOf, type Symmetry } from '../symmetry.ts';
import { defer, discard, type Refusal } from './view-variant.ts';

/**
 * Reference of a row's direction words when its image is transformed (docs/views.md). Sides on the image's own axes
 * transform with the image. A person's own sides change only if handedness changes. The rules do not decide words that
 * depend on gravity, or on how people view a rotated photograph.
 */

/** Edits of a text for the transformed image, and reasons for undecided words. */
export interface TurnedText {
  edits: Edit[];
  refusals: Refusal[];
}

/**
 * Returns the reference of the directions in a question under a symmetry, for all texts of the row. `topDown`: all
 * directions of the viewer are in the image, because the image was taken from straight above.
 */
export function turnContext(symmetry: Symmetry, question: string, topDown: boolean) {
  const says = (sign: keyof typeof SIGNS) => SIGNS[sign].test(question);
  const [isLed, asksPart] = [says('lead'), says('asksPart')];
  return {
    symmetry,
    question,
    topDown,
    isQuarter: stepsOf(symmetry).exchanges,
    /** Whether all directions in the question refer to the image's own axes. */
    isLed,
    /** Whether the question is about a part of the image. */
    asksPart,
    /** Whether the question refers to the image as an image. */
    saysPicture: isLed || asksPart || says('within'),
    /** Whether sides are a person's own, because of a point of view or because the answer is a part of the body. */
    isOwnView: says('ownView'),
    asksBody: says('asksBody'),
    /** Whether heights are heights in the world instead of the image. */
    isInWorld: says('inWorld') && !says('inPicture'),
    isFramed: SIGNS.framed.test(question.replace(SIGNS.pointsToSide, '')),
  };
}
type TurnContext = Readonly<ReturnType<typeof turnContext>>;

const NO_ANCHOR = (word: string) =>
  defer(
    'no_anchor',
    `In a rotated photograph, "${word}" might refer to the image or to the scene. Write "in the image".`,
  );
const GRAVITY = (word: string) => defer('gravity', `"${word}" depends on which way is down.`);
const FRAME = (word: string) => defer('frame', `The rules cannot determine whose side "${word}" is.`);

/** Returns whether the word at a position is the beginning of the name of an image part. */
const namesPart = (text: string, at: number): boolean =>
  SIGNS.partOfPicture.test(text.slice(at).replace(/^[a-z]+/i, ''));

/** Returns whether the words of the question at a position refer to the image's own axes. */
function isAnchored({ question, topDown, isLed, asksPart }: TurnContext, at: number): boolean {
  if (topDown || isLed || namesPart(question, at)) return true;
  const end = question.slice(at).search(/[.?!]/);
  if (asksPart && SIGNS.menuOfParts.test(question.slice(at))) return true;
  return SIGNS.within.test(question.slice(at, end < 0 ? undefined : at + end + 1));
}

/** Transforms one text of a row with its image. The mirror's rules have already found the sides in the text. */
export function turnText({ source: text, role, changes }: ReadText, context: TurnContext): TurnedText {
  const menu = role === 'question' ? menuOf(text) : [];
  if (menu.length === 0) return turnPart(text, role, changes, context);
  // Options inside the question are positions, like the texts of `choices`.
  const options = menu.map(({ start, end }) => ({ start, end, role: 'choice' as Role }));
  const stem = text.slice(0, menu[0]!.start).replace(/\W*[A-H]\W*$/, '').length;
  const last = menu.at(-1)!.end;
  const sides = [{ start: 0, end: stem, role }, ...options, { start: last, end: text.length, role }];
  const parts = sides.map(({ start, end, ...part }) => {
    const inside = changes.filter((edit) => edit.start >= start && edit.end <= end);
    const turned = turnPart(text.slice(start, end), part.role, moved(inside, -start), context);
    return { edits: moved(turned.edits, start), refusals: turned.refusals };
  });
  return { edits: parts.flatMap(({ edits }) => edits), refusals: parts.flatMap(({ refusals }) => refusals) };
}

const moved = (edits: readonly Edit[], by: number): Edit[] =>
  edits.map((edit) => ({ ...edit, start: edit.start + by, end: edit.end + by }));

function turnPart(text: string, role: Role, changes: readonly Edit[], context: TurnContext): TurnedText {
  const turning = new Turning(text, role, context);
  turning.turnSides(changes);
  turning.turnHeights();
  turning.turnSupports();
  turning.turnPhrases();
  turning.refuseOthers();
  turning.turnHour();
  return { edits: joinEdits(turning.edits), refusals: turning.refusals };
}

/** Text during its transformation, with the edits and undecided words so far. */
class Turning {
  readonly edits: Edit[] = [];
  readonly refusals: Refusal[] = [];
  /** Whether the text can consist only of a side or a height. */
  private readonly isLone: boolean;
  /** Whether sides are a person's own because of the question. */
  private readonly isOwn: boolean;
  /** Ranges with the sides of a person whom the question places in the scene. */
  private readonly imagined: readonly { start: number; end: number }[];
  private phrases: readonly DirectionPhrase[] | undefined;
  private readonly usedPhrases = new Set<DirectionPhrase>();

  constructor(
    private readonly text: string,
    private readonly role: Role,
    private readonly context: TurnContext,
  ) {
    const { question } = context;
    const isQuestion = role === 'question';
    this.isLone = !isQuestion && SIGNS.lone.test(text);
    this.isOwn = context.isOwnView || (!isQuestion && context.asksBody);
    this.imagined = imaginedSides(text, role, question);
  }

  turnSides(changes: readonly Edit[]): void {
    const { text, context } = this;
    const reverses = reversesHands(context.symmetry);
    for (const { start, end, from, to, rule } of changes) {
      if (rule === 'coordinates') continue;
      if (rule === 'rotation' || rule === 'side.ship') {
        if (reverses) this.edits.push({ start, end, from, to, rule });
      } else if (!/left|right/i.test(from)) {
        this.refusals.push(FRAME(from)); // Arrow, or bearing on the ground.
      } else if (
        SIGNS.body.test(text.slice(end)) ||
        /\b(?:his|her)\s+$/i.test(text.slice(0, start)) ||
        this.imagined.some((span) => span.start <= start && end <= span.end) ||
        (this.isOwn && !/most/i.test(from) && !SIGNS.ofPicture.test(text.slice(end)))
      ) {
        if (reverses) this.edits.push({ start, end, from, to, rule: 'side.own' });
      } else if (!this.isAnchored(start)) {
        this.refusals.push(context.isFramed ? FRAME(from) : NO_ANCHOR(from));
      } else {
        const turns = directionIn(context.symmetry, 'left') === 'right';
        this.turnPlace({ start, end, from, to: turns ? to : from, rule: 'side.picture' });
      }
    }
  }

  turnHeights(): void {
    const { text, context } = this;
    for (const { index: start, 0: from } of text.matchAll(SIGNS.vertical)) {
      if (inside(this.edits, start) || context.isInWorld) continue;
      if (/\bon $/i.test(text.slice(0, start)) && /^top of\b/i.test(text.slice(start))) continue;
      if (
        !this.isAnchored(start) ||
        (isHeight(text, start, from) && !this.isLone && !this.saysPicture(start))
      )
        this.refusals.push(GRAVITY(from));
      else {
        const turns = directionIn(context.symmetry, 'above') === 'below';
        const to = turns ? this.oppositeHeight(start, from) : from;
        this.turnPlace({ start, end: start + from.length, from, to, rule: 'height.picture' });
      }
    }
  }

  /** Transforms a direction on the image's own axes. Under a rotation by 90°, transforms the direction's phrase. */
  private turnPlace(edit: Edit): void {
    const { start, from, to } = edit;
    const phrase = this.phraseAt(start);
    if (this.context.isFramed || !(this.isLone || phrase)) this.refusals.push(FRAME(from));
    else if (!this.context.isQuarter) this.edits.push(...(to === from ? [] : [edit]));
    else if (phrase && phrase.rule !== 'plain') this.usedPhrases.add(phrase);
    else this.refusals.push(defer('quarter_turn', `"${from}" would become a phrase of a different kind.`));
  }

  /** Transforms words of support and gravity: rewrites a motion in the image, and refuses all other words. */
  turnSupports(): void {
    for (const { index, 0: word } of this.text.matchAll(SIGNS.support)) {
      if (this.context.isInWorld) continue;
      const phrase = this.phraseAt(index);
      if (phrase?.rule === 'quarter.motion' && this.saysPicture(index)) this.usedPhrases.add(phrase);
      else this.refusals.push(GRAVITY(word));
    }
  }

  /** Rewrites the phrases that were found. Once per sentence, adds that the phrases refer to the image. */
  turnPhrases(): void {
    const ends = new Set<number>();
    for (const phrase of this.usedPhrases) {
      const { says, to, start, end } = phrase;
      const isSaid = !says || this.saysPicture(start);
      this.edits.push(isSaid || says === 'sentence' ? phrase : { ...phrase, to: to + says });
      if (!isSaid && says === 'sentence') ends.add(end + this.text.slice(end).search(SENTENCE_END));
    }
    for (const end of ends)
      this.edits.push({ start: end, end, from: '', to: ' in the image', rule: 'quarter.anchor' });
  }

  /** Refuses all text that no rule transforms: objects on supports, and shapes of the image and of objects. */
  refuseOthers(): void {
    const { text, role } = this;
    const on =
      role === 'question'
        ? SIGNS.asksPlace.test(text) && SIGNS.on.exec(text)
        : role === 'answer' && /^\W*on (?:the|a)\b/i.exec(text);
    if (on && !this.isLone) this.refusals.push(GRAVITY(on[0]));
    if (SIGNS.aboutTurning.test(text))
      this.refusals.push(discard('about_picture', 'The question asks for the orientation of the image.'));
    if (!this.context.isQuarter) return;
    if (SIGNS.aspect.test(text))
      this.refusals.push(discard('about_picture', 'The question asks about the shape of the image.'));
    const size = SIGNS.uprightSize.exec(text);
    if (size)
      this.refusals.push(
        defer('quarter_turn', `After a quarter turn, "${size[0]}" is a different dimension.`),
      );
  }

  turnHour(): void {
    const hour = this.role === 'answer' ? hourOf(this.text, this.context) : null;
    if (!hour) return;
    const { start, text: from } = hour;
    const to = String(hourIn(this.context.symmetry, Number(from)));
    this.edits.push({ start, end: start + from.length, from, to, rule: 'clock.picture' });
  }

  private isAnchored(at: number): boolean {
    const { context, role } = this;
    return role === 'question' ? isAnchored(context, at) : context.topDown || context.saysPicture;
  }

  private saysPicture(at: number): boolean {
    return (
      this.context.saysPicture ||
      SIGNS.lead.test(this.text) ||
      namesPart(this.text, at) ||
      SIGNS.within.test(sentenceAt(this.text, at))
    );
  }

  /** Returns the opposite of a height. The opposite of "lower" is "higher", or "upper" for a part of the image. */
  private oppositeHeight(at: number, word: string): string {
    const lower = word.toLowerCase().replace('-', '');
    const named = sign`^[-\s]*(?:left|right|${PART})`.test(this.text.slice(at + word.length));
    const isPart = named || (this.isLone && this.context.asksPart);
    return inCaseOf(word, lower === 'lower' && isPart ? 'upper' : DIRECTIONS.get(lower)!.opposite);
  }

  /** Returns the phrase at a direction. The rules rewrite the whole phrase if the phrase refers to the image. */
  private phraseAt(at: number): DirectionPhrase | undefined {
    const { symmetry, question } = this.context;
    const ofQuestion = this.role === 'question' ? undefined : question;
    this.phrases ??= directionPhrases(this.text, symmetry, ofQuestion);
    return this.phrases.find(({ start, end }) => start <= at && at < end);
  }
}

/** Returns the sides of a person whom the question places in the scene. An answer is such a side as a whole. */
function imaginedSides(text: string, role: Role, question: string): { start: number; end: number }[] {
  if (!SIGNS.imagined.test(question)) return [];
  const spans = [...text.matchAll(SIGNS.ofImagined)].map(({ index, 0: span }) => ({
    start: index,
    end: index + span.length,
  }));
  const asks = question.search(SIGNS.ofImagined) >= 0;
  return asks && role !== 'question' && SIGNS.ownSide.test(text) ? [{ start: 0, end: text.length }] : spans;
}

const SENTENCE_END = /\s*(?:,\s*(?:yes or no|true or false)\b|[?.!;](?=\s|$)|$)/i;

function sentenceAt(text: string, at: number): string {
  const start = Math.max(...['. ', '? ', '! ', '; '].map((mark) => text.lastIndexOf(mark, at)));
  return text.slice(Math.max(start, 0), at + text.slice(at).search(SENTENCE_END) + 1);
}

/**
 * Returns whether a word, in a text that does not mention the image, can be about the height of objects, even in an
 * image from above: "which is higher", "at the top".
 */
const isHeight = (text: string, at: number, word: string): boolean =>
  /^(?:higher|lower|highest|lowest)$/i.test(word) ||
  (/^(?:above|below)$/i.test(word) &&
    /\b(?:fl(?:y|ies|ying|ew)|high|met(?:er|re)s|feet) $/i.test(text.slice(0, at))) ||
  (/^(?:top|bottom|upper)$/i.test(word) && !/\b(?:from (?:the )?|to )$/i.test(text.slice(0, at)));

/** Returns the hour to which an object in the image points, on the image's dial, if an answer is only an hour. */
export function hourOf(text: string, context: TurnContext): { start: number; text: string } | null {
  if (!SIGNS.pointsToHour.test(context.question) || !SIGNS.inPicture.test(context.question)) return null;
  if (!/\b(?:arrow|pointer|needle|line)\b/i.test(context.question)) return null;
  const match = /^\s*(1[0-2]|[1-9])(?:\s+o['’]clock)?\.?\s*$/i.exec(text);
  return match ? { start: text.indexOf(match[1]!), text: match[1]! } : null;
}

const inside = (edits: readonly Edit[], at: number) =>
  edits.some(({ start, end }) => start <= at && at < end && start !== at);

/** Joins overlapping edits. For example, "topleft" is one token with two directions. */
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

/** Returns whether a name contains a direction. In a transformed image, it might not identify the same object. */
export const namesDirection = (name: string): boolean =>
  /left|right/i.test(name) || name.search(SIGNS.vertical) >= 0 || name.search(SIGNS.support) >= 0;
