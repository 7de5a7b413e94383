import { isRecord } from '../../base/json.ts';
import { oppositeHead, verdictOf } from '../read/clause.ts';
import { nameKey } from '../read/names.ts';
import { readingOf } from '../read/reading.ts';
import { givenAnswer, type Asks } from '../read/sequence-asks.ts';
import { namesIn } from '../read/sequence.ts';
import { answerFor, choiceIndex } from '../sample/choices.ts';
import type { Sample } from '../sample/sample.ts';
import { turnsRound, writeSequence, type Sequence } from '../view-parts.ts';
import { orderOf } from './orders.ts';
import { clipOf, firstSeen, intervalsOf, metaOf, sightOf } from './sequence-times.ts';
import { comesBack, defer, discard, type Refusal, type Rewritten } from './view-variant.ts';

/*
 * Rows whose images have another order: right or deferred, never wrong (docs/views.md, sequences). Answers about
 * motion, the start or the end, the k-th image and the first appearance change with the order. Distances, sizes and
 * numbers of objects do not change. Events with a cause have no reverse order. Shuffled frames are a control: question
 * and answer are unchanged, even if the frames no longer show the answer.
 */

/** Question and answer for another order; undefined fields are unchanged. */
interface Rewrite {
  rule: string;
  question?: string;
  answer?: string;
}

/** Rewrites a row for another order of its images. */
export function sequenceSample(sample: Sample, sequence: Sequence): Rewritten | Refusal {
  const rewrite =
    refusalOf(sample, sequence) ??
    (sequence.op === 'shuffle' ? { rule: 'control' } : rewritten(sample, sequence));
  if ('code' in rewrite) return rewrite;
  const seen = inOrder(sample, rewrite, sequence);
  const again = (row: Sample) => {
    const back = rewritten(row, sequence);
    return 'code' in back ? null : inOrder(row, back, sequence);
  };
  // For example, the rules would restore "closer to" as "towards".
  if (turnsRound(sequence) && !comesBack({ row: sample, seen, undo: again, redo: again }))
    return defer('undecided', 'Applying the view twice does not restore the text.');
  const { question, answer, images, meta, clip } = seen;
  return {
    fields: {
      question,
      answer,
      ...(meta && meta !== sample.meta && { meta }),
      ...(clip && clip !== sample.clip && { clip }),
    },
    rules: [`sequence.${rewrite.rule}`],
    ...(turnsRound(sequence) && { checks: { inverse_returns: 'pass' } }),
    image_op: writeSequence(sequence),
    images,
  };
}

function inOrder(sample: Sample, { question, answer }: Rewrite, sequence: Sequence): Sample {
  const { images, meta } = sample;
  const clip = clipOf(sample, sequence);
  return {
    ...sample,
    ...(clip && { clip }),
    question: question ?? sample.question,
    answer: answer ?? sample.answer,
    images: orderOf(sequence, images.length, sample.id).map((i) => images[i]!),
    ...(meta && { meta: metaOf(meta, sequence) }),
  };
}

function refusalOf(sample: Sample, sequence: Sequence): Refusal | null {
  const { images, boxes, points, masks, scene_graph: graph, depth_map: depth } = sample;
  const n = images.length;
  if (n < 2) return discard('no_sequence', `The row has ${n === 1 ? 'one image' : 'no images'}.`);
  if (sequence.op === 'exchange' && n !== 2)
    return discard('no_sequence', `The row has ${n} images, and the view exchanges exactly two.`);
  if (sequence.op === 'every' && n <= sequence.k)
    return discard('no_sequence', 'Only one image would be left.');
  if (
    (turnsRound(sequence) || sequence.op === 'shuffle') &&
    (boxes?.length || points?.length || masks?.length || graph || depth)
  )
    return defer('geometry', 'Boxes, graph and depth map describe the first image, which changes.');
  if (sequence.op === 'shuffle') return null;
  if (sequence.op !== 'every' && readingOf(sample).sequence.runsOneWay)
    return discard('arrow_of_time', 'The text describes something with only one direction in time.');
  return readingOf(sample).sequence.arguesWithOrder
    ? defer('reasoning', 'The reasoning might refer to the order of the images.')
    : null;
}

/** Returns the new question and answer, or the reason why the rules cannot decide them. */
function rewritten(sample: Sample, sequence: Sequence): Rewrite | Refusal {
  for (const read of readingOf(sample).sequence.asks) {
    const rewrite = mapped(read, sample, sequence);
    if (!rewrite) continue;
    const changes = 'rule' in rewrite && (rewrite.question ?? rewrite.answer) !== undefined;
    return changes && sample.reasoning !== undefined
      ? defer('reasoning', 'The reasoning supports the previous answer.')
      : rewrite;
  }
  return defer('undecided', 'The rules cannot determine how the order of the images affects the answer.');
}

const OTHER_NUMBERS = discard('frame', 'The text refers to images by number, and the numbers change.');

/** Returns the new question and answer for one reading. Null if undecided, so that another reading can decide. */
function mapped(read: Asks, sample: Sample, sequence: Sequence): Rewrite | Refusal | null {
  const { op } = sequence;
  const turns = turnsRound(sequence);
  switch (read.kind) {
    case 'clip':
      return op === 'reverse' || op === (read.ofLength ? 'every' : 'exchange')
        ? { rule: 'clip' }
        : discard('about_clip', 'The question is about the clip itself.');
    case 'appearance':
      return appearing(read, sample, sequence);
    case 'events':
      if (op === 'every') return discard('events', 'Some of the events might no longer be visible.');
      if (op === 'repeat')
        return {
          rule: 'events',
          answer: sample.answer.replace(/\d+/, (n) => String(Number(n) * sequence.k)),
        };
      return { rule: 'events', question: read.question };
    case 'stamp':
      return stamped(read, sample, sequence);
    case 'picture':
      return turns ? answered(sample, 'picture', read.answer) : OTHER_NUMBERS;
    case 'taken':
      if (!turns) return OTHER_NUMBERS;
      if (read.question !== undefined) return { rule: 'taken', question: read.question };
      return read.answer === undefined ? null : answered(sample, 'taken', read.answer);
    case 'throughout':
      if (op === 'every') return null;
      return op === 'repeat' && read.both
        ? discard('frame', 'The row has more than two images.')
        : { rule: 'moment' };
    case 'moment':
      if (op === 'every' && read.atStart) return { rule: 'moment' };
      if (!turns)
        return discard('frame', 'The text refers to an image by number, and that image moves or is missing.');
      return read.question === null ? null : { rule: 'moment', question: read.question };
    case 'motion':
      if (read.motion === 'backwards')
        return discard('arrow_of_time', 'In reversed order, the event would run backwards.');
      if (op === 'repeat' && read.motion === 'change')
        return discard('change', 'The change would be undone in reversed order.');
      if (!turns || read.motion === 'still') return { rule: 'motion' };
      if (read.question !== undefined) return { rule: 'motion', question: read.question };
      return (
        answered(sample, 'motion', read.answer!) ??
        discard('no_option', 'The opposite direction is not among the options.')
      );
    case 'either-way':
      return turns ? { rule: 'motion' } : null;
    case 'timing':
      return turns ? timed(read, sample) : null;
    case 'things':
      return (op === 'every' && read.ofNumber ? notSeen(sample, sequence) : null) ?? { rule: 'things' };
  }
}

/**
 * Returns the opposite question of a yes/no question about motion. Its answer is that of the row's own question if the
 * row's answer belongs to the opposite: an object that moves to the left does not move to the right. Null for all other
 * questions: a "no" can stand for no motion, unless `meta.no_tie` excludes this case.
 */
export function oppositeMotion(sample: Sample): { question: string; answer: string } | null {
  const { answer, choices, meta } = sample;
  const { asks } = readingOf(sample).sequence;
  const read = asks.find((reading) => mapped(reading, sample, { op: 'reverse' }) !== null);
  const verdict = verdictOf(givenAnswer(sample) ?? '');
  if (read?.kind !== 'motion' || read.question === undefined || verdict?.explanation.trim() !== '')
    return null;
  if (!verdict.value && meta?.no_tie !== true) return null;
  const { question } = read;
  if (!choices) return { question, answer: answer.replace(verdict.head, oppositeHead(verdict.head)) };
  const others = choices.filter((choice) => verdictOf(choice)?.value === !verdict.value);
  const other = others.length === 1 ? answered(sample, 'motion', others[0]!)?.answer : undefined;
  return other === undefined ? null : { question, answer: other };
}

/** Replaces the answer by a text: the option with this text, by text or letter as before. Null without the option. */
function answered(sample: Sample, rule: string, text: string): Rewrite | null {
  const { answer, choices } = sample;
  if (!choices) return { rule, answer: text };
  const [from, to] = [choiceIndex(answer, choices), choiceIndex(text, choices)];
  const now = from === null || to === null ? null : answerFor(answer, from, to, choices);
  return now === null ? null : { rule, answer: now };
}

/** Recomputes the object that appears first or last, from the intervals of visibility. */
function appearing(
  { which, things, given }: Extract<Asks, { kind: 'appearance' }>,
  sample: Sample,
  sequence: Sequence,
): Rewrite | Refusal {
  const { choices, meta, images } = sample;
  if (sequence.op === 'repeat') return { rule: 'appearance' };
  const sight = sightOf(meta);
  if (!sight)
    return discard('no_intervals', 'The times at which objects are visible are unknown (meta.in_sight).');
  const times = things.flatMap((name) => [sight.get(nameKey(name))].filter((seen) => seen !== undefined));
  if (things.length < 2 || times.length < things.length)
    return defer(
      'no_intervals',
      'The rules cannot determine which objects are meant, or when they are visible.',
    );
  const before = times.map((intervals) => intervals[0]![0]);
  const after = turnsRound(sequence)
    ? times.map((intervals) => -Math.max(...intervals.map(([, to]) => to)))
    : times.map((intervals) => firstSeen(intervals, sequence, images.length, meta!));
  if ([before, after].some((list) => new Set(list).size < list.length) || after.includes(Infinity))
    return discard('tie', 'In one of the orders, two objects appear at the same time.');
  const inWords = (starts: readonly number[]): string => {
    const sorted = things.map((_, i) => i).sort((a, b) => starts[a]! - starts[b]!);
    if (!which) return sorted.map((i) => things[i]!).join(', ');
    return things[(which === 'first' ? sorted[0] : sorted.at(-1))!]!;
  };
  const key = (text: string) => namesIn(text).map(nameKey).join();
  const now = inWords(after);
  if (given === null || key(given) !== key(inWords(before)))
    return defer('undecided', 'The answer contradicts the intervals.');
  if (key(given) === key(now)) return { rule: 'appearance' };
  return (
    answered(sample, 'appearance', choices?.find((choice) => key(choice) === key(now)) ?? now) ??
    discard('no_option', 'The right answer for the other order is not among the options.')
  );
}

/** Recomputes the object that begins, ends or crosses the middle first or last, from the objects' times. */
function timed(
  { of, which, things, given }: Extract<Asks, { kind: 'timing' }>,
  sample: Sample,
): Rewrite | Refusal {
  const { choices, meta } = sample;
  const moved = intervalsOf(meta?.in_motion);
  const crossed = isRecord(meta?.crosses_middle)
    ? new Map(Object.entries(meta.crosses_middle).map(([name, time]) => [nameKey(name), time]))
    : null;
  const times = things.flatMap((name): [then: number, there: number][] => {
    const key = nameKey(name);
    if (of === 'crosses') {
      const time = crossed?.get(key);
      return typeof time === 'number' ? [[time, -time]] : [];
    }
    const intervals = moved?.get(key);
    if (!intervals) return [];
    const begins = Math.min(...intervals.map(([from]) => from));
    const ends = Math.max(...intervals.map(([, to]) => to));
    return [of === 'begins' ? [begins, -ends] : [ends, -begins]];
  });
  if (things.length < 2 || times.length < things.length)
    return defer(
      'no_intervals',
      'The rules cannot determine which objects are meant, or when they move (meta.in_motion).',
    );
  const [before, after] = [times.map(([then]) => then), times.map(([, there]) => there)];
  if ([before, after].some((list) => new Set(list).size < list.length))
    return discard('tie', 'In one of the orders, two objects move at the same time.');
  const chosen = (list: readonly number[]) =>
    things[list.indexOf(which === 'first' ? Math.min(...list) : Math.max(...list))]!;
  if (given === null || nameKey(given) !== nameKey(chosen(before)))
    return defer('undecided', 'The answer contradicts the times.');
  const now = chosen(after);
  if (nameKey(now) === nameKey(given)) return { rule: 'timing' };
  return (
    answered(sample, 'timing', choices ? now : sample.answer.replace(given, now)) ??
    discard('no_option', 'The right answer for the other order is not among the options.')
  );
}

/** Recomputes the second at which an event happens. */
function stamped(
  { question, second }: Extract<Asks, { kind: 'stamp' }>,
  { answer, meta }: Sample,
  { op }: Sequence,
): Rewrite | Refusal {
  if (op === 'every') return { rule: 'stamp' };
  if (op !== 'reverse') return discard('about_clip', 'The question asks for a time.');
  const length = meta?.duration_s;
  if (typeof length !== 'number')
    return defer('no_duration', 'The length of the clip is unknown (meta.duration_s).');
  const digits = Math.max(...[second, String(length)].map((text) => text.split('.')[1]?.length ?? 0));
  const left = String(Number((length - Number(second)).toFixed(digits)));
  return { rule: 'stamp', question, answer: answer.replace(second, left) };
}

/** Returns a refusal if counted objects might no longer all be visible. */
function notSeen({ meta, images }: Sample, sequence: Sequence): Refusal | null {
  const sight = sightOf(meta);
  if (!sight)
    return discard(
      'no_intervals',
      'The rules cannot determine whether all objects are still visible (meta.in_sight).',
    );
  return [...sight.values()].some((list) => firstSeen(list, sequence, images.length, meta!) === Infinity)
    ? discard('cut', 'An object that might count is no longer visible.')
    : null;
}
