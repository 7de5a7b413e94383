import { ORDERS } from '../../read/words/orders.ts';
import { isRecord } from '../../json.ts';
import { alternativesOf } from '../../read/alternatives.ts';
import { nameKey } from '../../read/names.ts';
import type { Meta } from '../../sample/sample.ts';
import { defer, discard } from '../view-variant.ts';
import { orderOf, type Sequence } from '../../view-parts.ts';
import { answerWith, CLIP, givenAnswer, isTimeless, PICTURE, turnsRound, type Reader } from './reader.ts';

/* Questions about all pictures together: the clip itself, what is seen in it, and when it is seen. */

const ALL_PICTURES = `(?:(?:the|this|these|both|all) ${CLIP}|(?:the|these|both|all)(?: the| these)?(?: two| three| four)? ${PICTURE}s)`;

/** "How long is the clip?", "How many frames are there?" */
export const ofClip: Reader = ({ question }, { op }) => {
  if (!ORDERS.ofClip.pattern.test(question)) return null;
  const stays = op === 'reverse' || (op === 'exchange' && !ORDERS.clipLength.pattern.test(question));
  return stays || (op === 'every' && ORDERS.clipLength.pattern.test(question))
    ? { rule: 'clip' }
    : discard('about_clip', 'It asks about the clip itself.');
};

/** "Which appears first, the dog or the ball?": found again from when things are in sight. */
export const ofAppearance: Reader = (sample, one) => {
  const { question, choices, meta, images } = sample;
  const match = ORDERS.appears.pattern.exec(question);
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
    .replace(new RegExp(`^(?:in|across) ${ALL_PICTURES}, `, 'i'), '')
    .replace(new RegExp(`(?: appear)? (?:in|across) ${ALL_PICTURES}(?=\\s*\\?)`, 'i'), (said) =>
      said.startsWith(' appear') ? ' are in it' : ' in it',
    );
  if (!ORDERS.ofThings.pattern.test(stem) || ![stem, answer, ...choices].every(isTimeless)) return null;
  if (ORDERS.viewer.pattern.test(stem.replace(/\bdo you see\b/i, ''))) return null;
  if (ORDERS.duration.pattern.test(stem) && !ORDERS.lengthUnit.pattern.test(answer)) return null;
  if (one.op === 'every' && ORDERS.ofNumber.pattern.test(stem)) {
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
