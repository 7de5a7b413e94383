import { partners, sign } from '../../read/words/sets.ts';
import { ORDERS } from '../../read/words/pictures.ts';
import { answerFor, choiceIndex } from '../../sample/choices.ts';
import type { Sample, Meta } from '../../sample/sample.ts';
import { type Refusal, discard, defer } from '../view-variant.ts';
import { type Sequence, orderOf } from '../../view-parts.ts';
import { inCaseOf } from '../../read/tokens.ts';
import { verdictOf } from '../../read/clause.ts';
import { isRecord } from '../../json.ts';
import { alternativesOf } from '../../read/alternatives.ts';
import { nameKey } from '../../read/names.ts';

/** What question and answer become in another order; absent where they stay. */
export interface Read {
  rule: string;
  question?: string;
  answer?: string;
}

/** Reads one kind of question; null if it is none of this kind. */
export type Reader = (sample: Sample, one: Sequence) => Read | Refusal | null;

export const turnsRound = ({ op }: Sequence): boolean => op === 'reverse' || op === 'exchange';

/** Words for one of several pictures, and for all of them, in patterns. */
export const PICTURE = '(?:image|picture|photo|frame)';
export const CLIP = '(?:clip|video|sequence)';

/** Whether a text is about things, and neither about time nor about what happens. */
export const isTimeless = (text: string): boolean => !ORDERS.time.test(text) && !ORDERS.action.test(text);

/** The option that is the answer, or the answer itself; null if it is none of the options. */
export function givenAnswer({ answer, choices }: Sample): string | null {
  return choices ? (choices[choiceIndex(answer, choices) ?? -1] ?? null) : answer;
}

/** Another text as the answer: the option that says it, by its text or its letter as before; null if there is none. */
export function answerWith({ answer, choices }: Sample, text: string): string | null {
  if (!choices) return text;
  const [from, to] = [choiceIndex(answer, choices), choiceIndex(text, choices)];
  return from === null || to === null ? null : answerFor(answer, from, to, choices);
}

/** A rule that turns the answer; null if no option says it then. */
const answered = (sample: Sample, rule: string, text: string): Read | null => {
  const answer = answerWith(sample, text);
  return answer === null ? null : { rule, answer };
};

const OTHER_NUMBERS = discard('frame', 'The pictures have other numbers.');

/* Questions about one of the pictures: which one, or what it shows. */

const ORDINALS = 'first second third fourth fifth sixth seventh eighth ninth tenth'.split(' ');
const ORDINAL = `${ORDINALS.join('|')}|last`;
const ANCHOR = `(?:at the (?:start|beginning|end)(?: of (?:the|this) ${CLIP})?|in the (?:${ORDINAL}) ${PICTURE})`;
const ANCHORED = new RegExp(`^${ANCHOR}, (.+)$`, 'is');
const ANCHORED_LAST = new RegExp(
  `^(.+) (?:at the (?:start|beginning|end) of (?:the|this) ${CLIP}|in the (?:${ORDINAL}) ${PICTURE})\\s*\\?\\s*$`,
  'is',
);
const ANCHOR_WORD = sign`\b(at the (?=start|beginning|end)|in the (?=(?:${ORDINAL}) ${PICTURE}\b))(\w+)`;
const ASKS_STATE = /^(?:is|are|was|were|which|what|who|where|how)\b/i;
const WHICH_PICTURE = new RegExp(
  `^(?:in )?(?:which|what) ${PICTURE} (?:is|are|was|were|shows|has|contains) (.+?)(, (?:in )?the first or (?:in )?the second(?: one| ${PICTURE})?)?(?<!\\s)\\s*\\?\\s*$`,
  'is',
);
/** "Is the cup larger in the first or the second image?" */
const FIRST_OR_SECOND = new RegExp(
  `^(?:is|are|was|were) (.+?)( in the (?:first or (?:in )?(?:the )?second|second or (?:in )?(?:the )?first)(?: one| ${PICTURE}))(?<!\\s)\\s*\\?\\s*$`,
  'is',
);
/** "Was the first image taken before or after the second?" */
const TAKEN = new RegExp(
  `^((?:was|is) the (?:${ORDINAL}) ${PICTURE} (?:taken |shot |captured )?)(before|after)( or (?:before|after))?( the (?:${ORDINAL})(?: one| ${PICTURE})?\\s*\\?\\s*)$`,
  'is',
);
const OTHER_TIME = new Map([...partners('before after, start end'), ['beginning', 'end']]);
/** One of several pictures that is neither the first nor the last. */
const MIDDLE = sign`\b(?:${ORDINALS.slice(1).join('|')})\b`;
/** "Is the cup left of the plate in both images?" */
const THROUGHOUT = new RegExp(
  `^((?:is|are|was|were) .+?) in (both|all)(?: of)?(?: the| these)?(?: two)? ${PICTURE}s(?<!\\s)\\s*\\?\\s*$`,
  'is',
);
const SAID_PICTURE = sign`^((?:in )?(?:the )?|${PICTURE} )(${ORDINAL}|\d+)((?: (?:one|${PICTURE}))?\.?)$`;

/** "In which image is the cup larger?" */
export const ofWhichPicture: Reader = (sample, one) => {
  const [, rest, menu] = WHICH_PICTURE.exec(sample.question) ?? FIRST_OR_SECOND.exec(sample.question) ?? [];
  const n = sample.images.length;
  // Of more than two, the first and the second are others in reverse.
  if (rest === undefined || (menu !== undefined && n > 2) || !isTimeless(rest)) return null;
  const [, lead, word, end] = SAID_PICTURE.exec(givenAnswer(sample)?.trim() ?? '') ?? [];
  const other = word === undefined ? null : otherTime(word, n);
  if (other === null) return null;
  return turnsRound(one) ? answered(sample, 'picture', `${lead}${other}${end}`) : OTHER_NUMBERS;
};

/** "Was the first image taken before or after the second?": in the other order, the other way round. */
export const ofTaken: Reader = (sample, one) => {
  const { question, images } = sample;
  const match = TAKEN.exec(question);
  if (!match || (images.length > 2 && MIDDLE.test(question))) return null;
  if (!turnsRound(one)) return OTHER_NUMBERS;
  const [, lead, when, menu, rest] = match as unknown as [string, string, string, string?, string?];
  if (!menu)
    return verdictOf(sample.answer)?.explanation.trim() === ''
      ? { rule: 'taken', question: `${lead}${otherTime(when, images.length)}${rest}` }
      : null;
  const given = givenAnswer(sample)?.trim().replace(/\.$/, '') ?? '';
  return /^(?:before|after)$/i.test(given)
    ? answered(sample, 'taken', otherTime(given, images.length)!)
    : null;
};

/** "Is the cup left of the plate in both images?": the same pictures. */
export const ofAllPictures: Reader = ({ question, answer, choices = [] }, one) => {
  const [, rest, which] = THROUGHOUT.exec(question) ?? [];
  if (rest === undefined || one.op === 'every') return null;
  if (![rest, answer, ...choices].every(isTimeless)) return null;
  return one.op === 'repeat' && /both/i.test(which!)
    ? discard('frame', 'There are more than two pictures.')
    : { rule: 'moment' };
};

/**
 * The word for a time in the other order of n pictures: the other end, the k-th from there; null if there is none, or
 * not so many words.
 */
function otherTime(said: string, n: number): string | null {
  if (/^\d/.test(said)) return Number(said) >= 1 && Number(said) <= n ? String(n + 1 - Number(said)) : null;
  const word = said.toLowerCase();
  const at = ORDINALS.indexOf(word);
  const ordinal = n > 2 && at === 0 ? 'last' : at < n ? ORDINALS[n - 1 - at] : undefined;
  const other = word === 'last' ? 'first' : at < 0 ? OTHER_TIME.get(word) : ordinal;
  return other === undefined ? null : inCaseOf(said, other);
}

/** "At the start, is the cup left of the plate?": the same picture, at the other end. */
export const ofMoment: Reader = ({ question, answer, choices = [], images }, one) => {
  const rest = (ANCHORED.exec(question)?.[1] ?? ANCHORED_LAST.exec(question)?.[1])?.replace(
    /\bappears only$/,
    'is only',
  );
  if (rest === undefined || !ASKS_STATE.test(rest)) return null;
  if (![rest, answer, ...choices].every(isTimeless)) return null;
  const [, lead, word] = ANCHOR_WORD.exec(question)!;
  if (one.op === 'every' && /^(?:start|beginning|first)$/i.test(word!)) return { rule: 'moment' };
  if (!turnsRound(one)) return discard('frame', 'The picture has another number, or is not there.');
  const other = otherTime(word!, images.length);
  return other === null
    ? null
    : { rule: 'moment', question: question.replace(ANCHOR_WORD, `${lead}${other}`) };
};

/* Questions about all pictures together: the clip itself, what is seen in it, and when it is seen. */

const ALL_PICTURES = `(?:(?:the|this|these|both|all) ${CLIP}|(?:the|these|both|all)(?: the| these)?(?: two| three| four)? ${PICTURE}s)`;

/** "How long is the clip?", "How many frames are there?" */
export const ofClip: Reader = ({ question }, { op }) => {
  if (!ORDERS.ofClip.test(question)) return null;
  const stays = op === 'reverse' || (op === 'exchange' && !ORDERS.clipLength.test(question));
  return stays || (op === 'every' && ORDERS.clipLength.test(question))
    ? { rule: 'clip' }
    : discard('about_clip', 'It asks about the clip itself.');
};

/** "Which appears first, the dog or the ball?": found again from when things are in sight. */
export const ofAppearance: Reader = (sample, one) => {
  const { question, choices, meta, images } = sample;
  const match = ORDERS.appears.exec(question);
  if (!match) return null;
  if (one.op === 'repeat') return { rule: 'appearance' };
  const sight = sightOf(meta);
  if (!sight) return discard('no_intervals', 'When things are in sight is not known (meta.in_sight).');
  const which = match[1]?.toLowerCase();
  const names = choices ? (which ? choices : namesIn(choices[0]!)) : optionsOf(question);
  const times = names.flatMap((name) => [sight.get(nameKey(name))].filter((one) => one !== undefined));
  if (names.length < 2 || times.length < names.length)
    return defer('no_intervals', 'It is open which things are meant, or when they are in sight.');
  const before = times.map((intervals) => intervals[0]![0]);
  const after = turnsRound(one)
    ? times.map((intervals) => -Math.max(...intervals.map(([, to]) => to)))
    : times.map((intervals) => firstSeen(intervals, one, images.length, meta!));
  if ([before, after].some((list) => new Set(list).size < list.length) || after.includes(Infinity))
    return discard('tie', 'Some of them appear at the same time in one of the orders.');
  const inWords = (starts: readonly number[]): string => {
    const sorted = names.map((_, i) => i).sort((a, b) => starts[a]! - starts[b]!);
    if (!which) return sorted.map((i) => names[i]!).join(', ');
    return names[(which === 'first' ? sorted[0] : sorted.at(-1))!]!;
  };
  const key = (text: string) => namesIn(text).map(nameKey).join();
  const [given, now] = [givenAnswer(sample), inWords(after)];
  if (given === null || key(given) !== key(inWords(before)))
    return defer('undecided', 'The answer is not what the intervals say.');
  if (key(given) === key(now)) return { rule: 'appearance' };
  const answer = answerWith(sample, choices?.find((choice) => key(choice) === key(now)) ?? now);
  return answer === null
    ? discard('no_option', 'What is right in the other order is none of the options.')
    : { rule: 'appearance', answer };
};

type Interval = [from: number, to: number];

const isInterval = (value: unknown): value is Interval =>
  Array.isArray(value) && value.length === 2 && value.every(Number.isFinite);

/** When things are in sight, by their names, in seconds and in order. */
function sightOf(meta: Meta | undefined): Map<string, Interval[]> | null {
  if (!isRecord(meta?.in_sight)) return null;
  const lists = Object.entries(meta.in_sight);
  if (!lists.every(([, list]) => Array.isArray(list) && list.length > 0 && list.every(isInterval)))
    return null;
  return new Map(
    lists.map(([name, list]) => [nameKey(name), [...(list as Interval[])].sort((a, b) => a[0] - b[0])]),
  );
}

const namesIn = (list: string): string[] => list.split(/\s*,\s*(?:and\s+)?|\s+and\s+/).filter(Boolean);
const optionsOf = (question: string): string[] => alternativesOf(question, null).map(({ text }) => text);

/** The first of the pictures that are kept on which a thing is in sight; pictures are spread evenly over the clip. */
function firstSeen(
  intervals: readonly Interval[],
  one: Sequence,
  n: number,
  { duration_s: length }: Meta,
): number {
  if (typeof length !== 'number') return Infinity;
  const isSeen = (i: number) => {
    const at = ((i + 0.5) * length) / n;
    return intervals.some(([from, to]) => from <= at && at <= to);
  };
  return orderOf(one, n).find(isSeen) ?? Infinity;
}

/** Distances, sizes, colours and numbers of things. */
export const ofThings: Reader = (sample, one) => {
  const { question, answer, choices = [], meta, images } = sample;
  const stem = question
    .replace(sign`^(?:in|across) ${ALL_PICTURES}, `, '')
    .replace(sign`(?: appear)? (?:in|across) ${ALL_PICTURES}(?=\s*\?)`, (said) =>
      said.startsWith(' appear') ? ' are in it' : ' in it',
    );
  if (!ORDERS.ofThings.test(stem) || ![stem, answer, ...choices].every(isTimeless)) return null;
  if (ORDERS.viewer.test(stem.replace(/\bdo you see\b/i, ''))) return null;
  if (ORDERS.duration.test(stem) && !ORDERS.lengthUnit.test(answer)) return null;
  if (one.op === 'every' && ORDERS.ofNumber.test(stem)) {
    const sight = sightOf(meta);
    if (!sight)
      return discard('no_intervals', 'Whether all of them are still seen is not known (meta.in_sight).');
    if ([...sight.values()].some((list) => firstSeen(list, one, images.length, meta!) === Infinity))
      return discard('cut', 'Something that may count is not seen any more.');
  }
  return { rule: 'things' };
};

/** Facts about when things are seen, for the other order. */
export function metaOf(meta: Meta, one: Sequence): Meta {
  const sight = meta.in_sight;
  if (!isRecord(sight) || one.op === 'every' || !sightOf(meta)) return meta;
  const lists = sight as Record<string, Interval[]>;
  const duration = meta.duration_s;
  const length = typeof duration === 'number' ? duration : Math.max(...Object.values(lists).flat(2));
  const times = (list: readonly Interval[]): Interval[] =>
    one.op === 'repeat'
      ? Array.from({ length: one.k }, (_, i) =>
          list.map(([a, b]): Interval => [a + i * length, b + i * length]),
        ).flat()
      : list.map(([a, b]): Interval => [length - b, length - a]).reverse();
  return {
    ...meta,
    in_sight: Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, times(list)])),
    ...(one.op === 'repeat' && typeof duration === 'number' && { duration_s: duration * one.k }),
  };
}
