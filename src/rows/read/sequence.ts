import type { Sample } from '../sample/sample.ts';
import { alternativesOf } from './alternatives.ts';
import { verdictOf } from './clause.ts';
import { ofEitherWay, ofTiming, ofToEachOther, ofWhichGoes } from './clips.ts';
import { ofEvents, ofMotion, ofStamp } from './motion.ts';
import { givenAnswer, type Asks } from './sequence-asks.ts';
import { ORDINALS } from './sentence.ts';
import { inCaseOf } from './tokens.ts';
import { ENDS, ORDERS, SEQUENCE_FORMS as FORMS } from './words/picture-words.ts';

/** Facts in a row that concern the order of its images. */
export interface OfSequence {
  /** Possible readings of the row's question, the likeliest reading first. */
  asks: Asks[];
  /** Whether an event in the row can happen in only one direction of time. */
  runsOneWay: boolean;
  /** Whether the row's reasoning might refer to the order of the images, or to the viewer. */
  arguesWithOrder: boolean;
}

export function readSequence(sample: Sample): OfSequence {
  const { question, answer, choices = [], reasoning } = sample;
  return {
    asks: READERS.flatMap((read) => read(sample) ?? []),
    runsOneWay: ORDERS.oneWay.test([question, answer, ...choices].join('\n')),
    arguesWithOrder: reasoning !== undefined && (!isTimeless(reasoning) || ORDERS.viewer.test(reasoning)),
  };
}

const READERS: readonly ((sample: Sample) => Asks | null)[] = [
  ofClip,
  ofAppearance,
  ofEvents,
  ofStamp,
  ofWhichPicture,
  ofTaken,
  ofAllPictures,
  ofMoment,
  ofToEachOther,
  ofMotion,
  ofWhichGoes,
  ofTiming,
  ofEitherWay,
  ofThings,
];

/** Returns whether a text is about objects, and neither about time nor about events. */
const isTimeless = (text: string): boolean => !ORDERS.time.test(text) && !ORDERS.action.test(text);

/* Reads questions about the clip, about one of its images, or about all its images. */

function ofClip({ question }: Sample): Asks | null {
  return ORDERS.ofClip.test(question) ? { kind: 'clip', ofLength: ORDERS.clipLength.test(question) } : null;
}

/** Returns the names in "dog, ball and cat". */
export const namesIn = (list: string): string[] => list.split(FORMS.listJoint).filter(Boolean);

function ofAppearance(sample: Sample): Asks | null {
  const { question, choices } = sample;
  const match = ORDERS.appears.exec(question);
  if (!match) return null;
  const which = match[1]?.toLowerCase();
  const listed = choices ? namesIn(choices[0] ?? '') : alternativesOf(question, null).map(({ text }) => text);
  return {
    kind: 'appearance',
    which,
    things: choices && which ? choices : listed,
    given: givenAnswer(sample),
  };
}

function ofWhichPicture(sample: Sample): Asks | null {
  const { question, images } = sample;
  const [, rest, menu] = FORMS.whichPicture.exec(question) ?? FORMS.firstOrSecond.exec(question) ?? [];
  // If there are more than two images, the first and the second are different images in the opposite order.
  if (rest === undefined || (menu !== undefined && images.length > 2) || !isTimeless(rest)) return null;
  const [, lead, word, end] = FORMS.saidPicture.exec(givenAnswer(sample)?.trim() ?? '') ?? [];
  const other = word === undefined ? null : atOtherEnd(word, images.length);
  return other === null ? null : { kind: 'picture', answer: `${lead}${other}${end}` };
}

function ofTaken(sample: Sample): Asks | null {
  const { question, answer, images } = sample;
  const match = FORMS.taken.exec(question);
  if (!match || (images.length > 2 && FORMS.middle.test(question))) return null;
  const [, lead, when, menu, rest] = match as unknown as [string, string, string, string?, string?];
  const opposite = (word: string) => inCaseOf(word, ENDS.get(word.toLowerCase())!);
  if (!menu)
    return {
      kind: 'taken',
      ...(verdictOf(answer)?.explanation.trim() === '' && { question: `${lead}${opposite(when)}${rest}` }),
    };
  const given = givenAnswer(sample)?.trim().replace(/\.$/, '') ?? '';
  return { kind: 'taken', ...(FORMS.beforeAfter.test(given) && { answer: opposite(given) }) };
}

function ofAllPictures({ question, answer, choices = [] }: Sample): Asks | null {
  const [, rest, which] = FORMS.throughout.exec(question) ?? [];
  if (rest === undefined || ![rest, answer, ...choices].every(isTimeless)) return null;
  return { kind: 'throughout', both: which!.toLowerCase() === 'both' };
}

/** Returns the word for a position after n images are put in the opposite order; null without such a word. */
function atOtherEnd(said: string, n: number): string | null {
  if (/^\d/.test(said)) return Number(said) >= 1 && Number(said) <= n ? String(n + 1 - Number(said)) : null;
  const word = said.toLowerCase();
  const at = ORDINALS.indexOf(word);
  const ordinal = n > 2 && at === 0 ? 'last' : at < n ? ORDINALS[n - 1 - at] : undefined;
  const other = word === 'last' ? 'first' : at < 0 ? ENDS.get(word) : ordinal;
  return other === undefined ? null : inCaseOf(said, other);
}

function ofMoment({ question, answer, choices = [], images }: Sample): Asks | null {
  const rest = (FORMS.atMoment.exec(question) ?? FORMS.atMomentLast.exec(question))?.[1]?.replace(
    FORMS.onlyThen,
    'is only',
  );
  if (rest === undefined || !FORMS.asksState.test(rest)) return null;
  if (![rest, answer, ...choices].every(isTimeless)) return null;
  const [, lead, word] = FORMS.moment.exec(question)! as unknown as [string, string, string];
  const other = atOtherEnd(word, images.length);
  return {
    kind: 'moment',
    atStart: FORMS.start.test(word),
    question: other && question.replace(FORMS.moment, `${lead}${other}`),
  };
}

function ofThings({ question, answer, choices = [] }: Sample): Asks | null {
  const stem = question
    .replace(FORMS.inAll, '')
    .replace(FORMS.inAllLast, (_, appear?: string) => (appear ? ' are in it' : ' in it'));
  if (!ORDERS.ofThings.test(stem) || ![stem, answer, ...choices].every(isTimeless)) return null;
  if (ORDERS.viewer.test(stem.replace(FORMS.youSee, ''))) return null;
  if (ORDERS.duration.test(stem) && !ORDERS.lengthUnit.test(answer)) return null;
  return { kind: 'things', ofNumber: ORDERS.ofNumber.test(stem) };
}
